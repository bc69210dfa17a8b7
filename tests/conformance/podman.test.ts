/**
 * What podman, buildah and skopeo teach, command by command, on a machine without a daemon. Formats and messages were compared with Debian's
 * podman 4.3, buildah 1.28 and skopeo 1.9 against this project's own registry; where Podman 6 differs, its documentation decides.
 */
import { describe, expect, test } from 'vitest'
import { openSession, type Session } from '../../src/emulator/complete.ts'

interface Lesson {
  readonly line: string
  readonly teaches: string
  readonly output: RegExp
  readonly status?: number
}
const session = (): Session => openSession({ host: 'linux-podman' })
/** Runs lessons one after the other in one world. */
function learn(lessons: readonly Lesson[]): void {
  const s = session()
  for (const l of lessons) {
    const r = s.execute(['/bin/sh', '-c', `{ ${l.line}\n} 2>&1`])
    expect(r.stdout, `${l.line}: ${l.teaches}`).toMatch(l.output)
    expect(r.status, l.line).toBe(l.status ?? 0)
  }
  expect(s.kernel.faults).toEqual([])
}

describe('podman without root', () => {
  test('root inside is the user outside', () =>
    learn([
      { line: 'podman run -q --rm alpine id -u', teaches: 'root inside', output: /^0\n$/ },
      {
        line: 'podman unshare cat /proc/self/uid_map',
        teaches: 'uid 0 is the user, the others are its subordinate ids',
        output: /^ +0 +1000 +1\n +1 +100000 +65536\n$/,
      },
      {
        line: 'podman run -q --rm alpine cat /proc/self/uid_map',
        teaches: 'a container is in the same user namespace',
        output: /^ +0 +1000 +1\n +1 +100000 +65536\n$/,
      },
      {
        line: 'mkdir d && podman run -q --rm -v ./d:/d alpine sh -c "touch /d/root /d/web; chown 33 /d/web" && ls -ln d',
        teaches: "files of container root are the user's on the host",
        output: / 1000 +1000 .* root\n.* 100032 +1000 .* web\n$/,
      },
      {
        line: 'podman info --format "{{.Host.Security.Rootless}} {{.Store.GraphRoot}}"',
        teaches: 'everything lies in the home directory',
        output: /^true \/home\/user\/\.local\/share\/containers\/storage\n$/,
      },
      {
        line: 'podman run -q --rm -p 80:80 alpine true',
        teaches: 'ports below 1024 are not for ordinary users',
        output:
          /^Error: pasta failed with exit code 1:\nFailed to bind port 80 \(Permission denied\) for option '-t 80-80:80-80'\n/,
        status: 125,
      },
      {
        line: 'podman run -q --rm --memory 64m --cpus 0.5 alpine cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/cpu.max',
        teaches: 'limits work by the cgroups that systemd delegates',
        output: /^67108864\n50000 100000\n$/,
      },
      {
        line: 'sudo podman run -q --rm alpine cat /proc/self/uid_map; sudo podman images -q; podman images -q',
        teaches: 'for root there is no map, and another storage',
        output: /^ +0 +0 +4294967295\n([0-9a-f]{12})\n\1\n$/,
      },
    ]))

  test('no daemon: the command leaves, conmon stays', () => {
    const s = session()
    s.execute(['/bin/sh', '-c', 'podman run -q -d --name web -p 8080:80 nginx; sleep 1'])
    const ps = s.execute(['/bin/sh', '-c', 'ps -eo pid,ppid,user,args']).stdout.split('\n')
    expect(ps.some((l) => /\/podman /.test(l.replace(/--exit-command.*/, '')))).toBe(false)
    const conmon = ps
      .find((l) => l.includes('/usr/bin/conmon'))
      ?.trim()
      .split(/\s+/)
    const nginx = ps
      .find((l) => l.includes('nginx: master'))
      ?.trim()
      .split(/\s+/)
    // conmon's parent is init, and it is the container's.
    expect(conmon?.[1]).toBe('1')
    expect(nginx?.[1]).toBe(conmon?.[0])
    expect(nginx?.[2]).toBe('user')
    expect(ps.some((l) => /\/usr\/bin\/pasta .*-t 8080-8080:80-80/.test(l))).toBe(true)
    expect(s.execute(['/bin/sh', '-c', 'curl -s localhost:8080']).stdout).toContain('Welcome to nginx!')
    s.execute(['/bin/sh', '-c', 'podman rm -f -t 0 web; sleep 1'])
    // What is left holds the user namespace; nothing else remains.
    const after = s.execute(['/bin/sh', '-c', 'ps -eo args']).stdout
    expect(after).toContain('catatonit -P')
    expect(after).not.toMatch(/conmon|pasta|nginx/)
    expect(
      s.execute(['/bin/sh', '-c', 'ls /run/user/1000/netns; find /sys/fs/cgroup/user.slice -name "libpod-*"']).stdout,
    ).toBe('')
  })
})

test('the life of a container', () =>
  learn([
    {
      line: 'podman create --name c alpine sh -c "echo out; exit 3"',
      teaches: 'a short name is an alias',
      output:
        /^Resolved "alpine" as an alias \(\/etc\/containers\/registries\.conf\.d\/shortnames\.conf\)\nTrying to pull docker\.io\/library\/alpine:latest\.\.\.\nGetting image source signatures\nCopying blob sha256:[0-9a-f]{64}\nCopying config sha256:[0-9a-f]{64}\nWriting manifest to image destination\n[0-9a-f]{64}\n$/,
    },
    { line: 'podman ps -a --format "{{.Names}} {{.Status}}"', teaches: 'made, not started', output: /^c Created\n$/ },
    { line: 'podman start -a c', teaches: 'its output and its exit code', output: /^out\n$/, status: 3 },
    {
      line: 'podman ps -a',
      teaches: 'how it ended',
      output:
        /CONTAINER ID {2}IMAGE .*\n[0-9a-f]{12} {2}docker\.io\/library\/alpine:latest {2}sh -c echo out;.*Exited \(3\) .* c\n$/,
    },
    { line: 'podman logs c', teaches: 'the log stays', output: /^out\n$/ },
    { line: 'podman run -d --name s alpine sleep 1000', teaches: '-d prints the id', output: /^[0-9a-f]{64}\n$/ },
    { line: 'podman exec s cat /proc/1/comm', teaches: 'another process in it', output: /^sleep\n$/ },
    {
      line: 'podman exec s nosuch',
      teaches: 'what is not there',
      output: /^Error: (runc|crun): .*not found.*: OCI runtime attempted to invoke a command that was not found\n$/,
      status: 127,
    },
    {
      line: 'podman top s',
      teaches: 'its processes',
      output: /^USER +PID +PPID +%CPU +ELAPSED +TTY +TIME +COMMAND\nroot +1 +0 .* sleep 1000\n$/,
    },
    {
      line: 'podman rm s',
      teaches: 'what runs stays',
      output:
        /^Error: cannot remove container [0-9a-f]{64} as it is running - running or paused containers cannot be removed without force: container state improper\n$/,
      status: 2,
    },
    {
      line: 'podman pause s; podman ps --format "{{.Status}}"; podman unpause s',
      teaches: 'frozen',
      output: /^s\ns\n$|^s\nPaused\ns\n$/,
    },
    {
      line: 'podman stop -t 1 s',
      teaches: 'sleep as PID 1 is deaf to SIGTERM',
      output:
        /level=warning msg="StopSignal SIGTERM failed to stop container s in 1 seconds, resorting to SIGKILL"\ns\n$/,
    },
    {
      line: 'podman inspect s --format "{{.State.Status}} {{.State.ExitCode}}"',
      teaches: 'ended by SIGKILL',
      output: /^exited 137\n$/,
    },
    {
      line: 'podman start s; podman restart -t 0 s; podman kill s; podman wait s',
      teaches: 'started again',
      output: /^s\ns\ns\n137\n$/,
    },
    {
      line: 'podman rm s c nosuch',
      teaches: 'each in its turn',
      output: /^s\nc\nError: no container with name or ID "nosuch" found: no such container\n$/,
      status: 1,
    },
    {
      line: 'echo s3 > sec; podman secret create pw sec | wc -c; podman secret ls -q | wc -l; podman run --rm --secret pw alpine cat /run/secrets/pw; podman run --rm --secret pw,type=env,target=P alpine sh -c "echo is $P"; podman run --rm --secret pw,target=/etc/pw,mode=0400 alpine stat -c %a /etc/pw; podman secret exists pw && podman secret rm pw | wc -c',
      teaches: 'secrets: files or variables that images do not hold',
      output: /^26\n1\ns3\nis ?\n400\n26\n$/,
    },
    {
      line: 'podman run --rm --secret nosuch alpine true',
      teaches: 'a secret that is not there',
      output: /^Error: no secret with name or id "nosuch": no such secret\n$/,
      status: 125,
    },
    { line: 'echo hello | podman run -i --rm alpine cat', teaches: 'standard input', output: /^hello\n$/ },
    {
      line: 'podman run --rm alpine nosuch',
      teaches: 'exit code 127',
      output: /OCI runtime attempted to invoke a command that was not found\n$/,
      status: 127,
    },
    {
      line: 'podman run --name "b a d" alpine true',
      teaches: 'names',
      output:
        /^Error: running container create option: names must match \[a-zA-Z0-9\]\[a-zA-Z0-9_\.-\]\*: invalid argument\n$/,
      status: 125,
    },
    {
      line: 'podman run -d --rm --name r alpine sleep 1; podman wait r; sleep 1; podman ps -aq',
      teaches: '--rm, done by conmon',
      output: /^[0-9a-f]{64}\n0\n$/,
    },
    {
      line: 'podman run -d --restart on-failure:2 --name f alpine sh -c "exit 1" >/dev/null; sleep 1; podman inspect f --format "{{.RestartCount}}"',
      teaches: 'conmon restarts it',
      output: /^2\n$/,
    },
  ]))

test('pods share namespaces', () =>
  learn([
    { line: 'podman pod create --name p -p 8080:80', teaches: 'a pod', output: /^[0-9a-f]{64}\n$/ },
    { line: 'podman run -q -d --pod p --name web nginx', teaches: 'a member', output: /^[0-9a-f]{64}\n$/ },
    {
      line: 'podman run -q --rm --pod p alpine wget -qO- localhost',
      teaches: 'one network for all',
      output: /Welcome to nginx!/,
    },
    { line: 'curl -s localhost:8080', teaches: "ports are the pod's", output: /Welcome to nginx!/ },
    {
      line: 'podman ps --pod --format "{{.Names}} {{.PodName}}"',
      teaches: 'an infra container holds them',
      output: /^[0-9a-f]{12}-infra p\nweb p\n$/,
    },
    {
      line: 'podman pod ps',
      teaches: 'a table of pods',
      output:
        /^POD ID +NAME +STATUS +CREATED +INFRA ID +# OF CONTAINERS\n[0-9a-f]{12} +p +Running +.* +[0-9a-f]{12} +2\n$/,
    },
    {
      line: 'podman kube generate p',
      teaches: 'a pod is a Pod',
      output:
        /^# Save the output[\s\S]*\napiVersion: v1\nkind: Pod\nmetadata:\n {2}creationTimestamp: "[\s\S]* {2}containers:\n {2}- image: docker\.io\/library\/nginx:latest\n {4}name: web\n {4}ports:\n {4}- containerPort: 80\n {6}hostPort: 8080\n$/,
    },
    {
      line: 'podman kube generate p > p.yaml; podman pod rm -f -t 0 p >/dev/null 2>&1; podman kube play p.yaml',
      teaches: 'and back',
      output: /^Pod:\n[0-9a-f]{64}\nContainer:\n[0-9a-f]{64}\n\n$/,
    },
    { line: 'curl -s localhost:8080', teaches: 'it serves', output: /Welcome to nginx!/ },
    { line: 'podman kube down p.yaml >/dev/null; podman ps -aq', teaches: 'all gone', output: /^$/ },
  ]))

test("networks of one's own, with names", () =>
  learn([
    { line: 'podman network create n', teaches: 'a network', output: /^n\n$/ },
    { line: 'podman run -q -d --name web --network n nginx', teaches: 'on it', output: /^[0-9a-f]{64}\n$/ },
    {
      line: 'podman run -q --rm --network n alpine wget -qO- http://web',
      teaches: 'found by name',
      output: /Welcome to nginx!/,
    },
    {
      line: 'podman run -q --rm --network n -p 80:80 alpine true',
      teaches: 'rootlessport says why',
      output:
        /^Error: rootlessport cannot expose privileged port 80, you can add 'net\.ipv4\.ip_unprivileged_port_start=80' to \/etc\/sysctl\.conf \(currently 1024\), or choose a larger port number \(>= 1024\): listen tcp 0\.0\.0\.0:80: bind: permission denied\n$/,
      status: 125,
    },
    {
      line: 'podman network rm n',
      teaches: 'in use',
      output:
        /^Error: "n" has associated containers with it\. Use -f to forcibly delete containers and pods: network is being used\n$/,
      status: 2,
    },
    {
      line: 'podman rm -f -t 0 web; podman network rm n; podman network ls',
      teaches: 'the default one stays',
      output: /\nNETWORK ID +NAME +DRIVER\n2f259bab93aa +podman +bridge\n$/,
    },
  ]))

test('images by podman build and buildah', () =>
  learn([
    {
      line: 'mkdir b; echo hi > b/f; printf "FROM alpine\\nCOPY f /f\\nRUN cat /f > /g\\nCMD [\\"cat\\", \\"/g\\"]\\n" > b/Dockerfile; podman build -q -t t b',
      teaches: 'a Dockerfile',
      output: /\n[0-9a-f]{64}\n$|^[0-9a-f]{64}\n$/,
    },
    {
      line: 'podman build -t t b',
      teaches: 'the images of its steps are the cache',
      output:
        /^STEP 1\/4: FROM alpine\nSTEP 2\/4: COPY f \/f\n--> Using cache ([0-9a-f]{12})[0-9a-f]{52}\n--> \1\nSTEP 3\/4: RUN cat \/f > \/g\n--> Using cache [\s\S]*\nCOMMIT t\n--> [0-9a-f]{12}\nSuccessfully tagged localhost\/t:latest\n[0-9a-f]{64}\n$/,
    },
    { line: 'podman run --rm t', teaches: 'it runs', output: /^hi\n$/ },
    {
      line: 'buildah from --name w alpine; buildah run w -- sh -c "echo made > /made"; buildah config --cmd "cat /made" w; buildah commit -q w mine; podman run --rm mine',
      teaches: 'step by step',
      output: /^w\n[0-9a-f]{64}\nmade\n$/,
    },
    {
      line: 'buildah containers',
      teaches: 'what is being worked on',
      output:
        /^CONTAINER ID {2}BUILDER {2}IMAGE ID {5}IMAGE NAME {23}CONTAINER NAME\n[0-9a-f]{12} {5}\* {5}[0-9a-f]{12} docker\.io\/library\/alpine:latest {2}w\n$/,
    },
    {
      line: 'buildah mount w',
      teaches: 'only in the user namespace',
      output:
        /^Error: cannot mount using driver overlay in rootless mode\. You need to run it in a `buildah unshare` session\n$/,
      status: 125,
    },
    { line: "buildah unshare sh -c 'cat $(buildah mount w)/made'", teaches: 'there it can', output: /^made\n$/ },
    {
      line: 'printf "FROM nosuch\\n" > b/D; podman build -f b/D b',
      teaches: 'no search registries',
      output:
        /^Error: short-name "nosuch" did not resolve to an alias and no unqualified-search registries are defined in "\/etc\/containers\/registries\.conf"\n$/,
      status: 125,
    },
    {
      line: 'printf "FROM alpine\\nRUN exit 3\\n" > b/D; podman build -f b/D b',
      teaches: 'a step that fails',
      output: /\nError: building at STEP "RUN exit 3": while running runtime: exit status 3\n$/,
      status: 3,
    },
    {
      line: 'podman rmi t; podman images --format "{{.Repository}}"',
      teaches: 'intermediate images go with it',
      output:
        /^Untagged: localhost\/t:latest\nDeleted: [0-9a-f]{64}\n(Deleted: [0-9a-f]{64}\n)+localhost\/mine\ndocker\.io\/library\/alpine\n$/,
    },
  ]))

test('skopeo, from place to place', () =>
  learn([
    {
      line: 'skopeo inspect --format "{{.Name}} {{.Architecture}}" docker://alpine',
      teaches: 'no pull',
      output: /^docker\.io\/library\/alpine amd64\n$/,
    },
    {
      line: 'skopeo list-tags docker://docker.io/library/alpine',
      teaches: 'tags',
      output: /^\{\n {4}"Repository": "docker\.io\/library\/alpine",\n {4}"Tags": \[\n[\s\S]*"latest"\n {4}\]\n\}\n$/,
    },
    {
      line: 'skopeo copy docker://alpine oci:o:x; cat o/oci-layout o/index.json',
      teaches: 'an OCI layout',
      output:
        /Writing manifest to image destination\n\{"imageLayoutVersion":"1\.0\.0"\}\{"schemaVersion":2,"manifests":\[\{"mediaType":"application\/vnd\.oci\.image\.manifest\.v1\+json","digest":"sha256:[0-9a-f]{64}","size":\d+,"annotations":\{"org\.opencontainers\.image\.ref\.name":"x"\}\}\]\}$/,
    },
    {
      line: 'skopeo copy -q oci:o:x docker-archive:a.tar:mine:1 && skopeo copy -q docker-archive:a.tar containers-storage:mine:2 && podman images --format "{{.Repository}}:{{.Tag}} {{.Id}}"',
      teaches: 'the same image in every place',
      output: /^docker\.io\/library\/mine:2 [0-9a-f]{64}\n$/,
    },
    {
      line: 'skopeo inspect --config oci:o:x | sha256sum; skopeo inspect --raw oci:o:x',
      teaches: 'documents',
      output: /\{"schemaVersion":2,/,
    },
    {
      line: 'skopeo copy -q --all docker://alpine dir:d; ls d | grep -c manifest',
      teaches: 'all platforms',
      output: /^3\n$/,
    },
    {
      line: 'skopeo inspect alpine',
      teaches: 'a transport is needed',
      output:
        /level=fatal msg="Error parsing image name \\"alpine\\": Invalid image name \\"alpine\\", expected colon-separated transport:reference"\n$/,
      status: 1,
    },
    {
      line: 'skopeo inspect docker://localhost:5000/x',
      teaches: 'https unless told otherwise',
      output: /http: server gave HTTP response to HTTPS client/,
      status: 1,
    },
    {
      line: 'skopeo list-tags docker://alpine:3',
      teaches: 'a repository has tags',
      output: /No tag or digest allowed in reference/,
      status: 1,
    },
    {
      line: 'podman inspect containers-storage:x',
      teaches: 'nothing of that name',
      output: /^\[\]\nError: no such object: "containers-storage:x"\n$/,
      status: 125,
    },
  ]))

test('what is not emulated says so, and fails', () =>
  learn([
    ...[
      'podman machine',
      'podman machine ls',
      'podman run --userns keep-id alpine',
      'podman run --cgroup-parent x alpine',
      'podman search alpine',
      'podman compose up',
      'podman stats',
      'podman network create -d macvlan m',
      'buildah manifest create x',
      'skopeo sync',
    ].map(
      (line): Lesson => ({
        line,
        teaches: 'never silently',
        output: /^zukan: not emulated: /,
        status: line.startsWith('skopeo') ? 1 : 125,
      }),
    ),
    {
      line: 'podman bogus',
      teaches: 'unknown commands',
      output: /^Error: unrecognized command `podman bogus`\n[\s\S]*Try 'podman --help' for more information\n$/,
      status: 125,
    },
    {
      line: 'podman run --bogus alpine',
      teaches: 'unknown flags',
      output: /^Error: unknown flag: --bogus\nSee 'podman run --help'\n$/,
      status: 125,
    },
    {
      line: 'podman run',
      teaches: 'operands',
      output: /^Error: requires at least 1 arg\(s\), only received 0\n$/,
      status: 125,
    },
    {
      line: 'podman stop --help',
      teaches: 'help',
      output: /^Stop one or more containers\n[\s\S]*\nOptions:\n {2}-a, --all +Stop all running containers\n/,
    },
  ]))
