/** What the tools below Docker teach, one line each: containerd's own client, a Kubernetes node's, and a CI runner's. */
import { describe, expect, test } from 'vitest'
import { type HostName, openSession } from '../../src/emulator/complete.ts'

interface Lesson {
  readonly line: string
  /** What a reader learns from it. */
  readonly teaches: string
  readonly output: RegExp
  readonly status?: number
}
const lessons: Readonly<Partial<Record<HostName, readonly Lesson[]>>> = {
  'linux-server': [
    {
      line: 'ctr version',
      teaches: 'client and daemon are two programs',
      output: /^Client:\n {2}Version: {2}v2\.3\.3\n[\s\S]*Server:\n {2}Version: {2}v2\.3\.3/,
    },
    {
      line: 'docker run -d --name web alpine sleep 600 >/dev/null; ctr namespaces ls',
      teaches: 'Docker has a compartment of its own',
      output: /^NAME LABELS \nmoby +\n$/,
    },
    {
      line: 'test $(ctr -n moby containers ls -q) = $(docker ps -q --no-trunc) && echo same',
      teaches: "containerd's containers are Docker's, by the same ids",
      output: /^same\n$/,
    },
    {
      line: 'ctr -n moby containers ls',
      teaches: 'and tell image and runtime',
      output: /docker\.io\/library\/alpine:latest +io\.containerd\.runc\.v2/,
    },
    {
      line: "test $(ctr -n moby tasks ls | awk 'NR==2 {print $2}') = $(docker inspect -f '{{.State.Pid}}' web) && echo same",
      teaches: 'a task is a process of the host',
      output: /^same\n$/,
    },
    {
      line: 'ctr containers ls -q; docker pause web >/dev/null; ctr -n moby tasks ls; docker unpause web >/dev/null',
      teaches: 'what one compartment has another does not show; a paused container is a paused task',
      output: /^TASK.*\n[0-9a-f]{64} +\d+ +PAUSED/,
    },
    {
      line: 'ctr -n moby images ls -q',
      teaches: "the image store is containerd's",
      output: /^docker\.io\/library\/alpine:3\.22\ndocker\.io\/library\/alpine:latest\n$/,
    },
    {
      line: 'docker tag alpine mine:1; ctr -n moby images ls -q | grep mine; docker rmi mine:1 >/dev/null; ctr -n moby images ls -q | grep -c mine',
      teaches: 'a name that Docker gives or takes is given or taken there',
      output: /^docker\.io\/library\/mine:1\n0\n$/,
      status: 1,
    },
    { line: 'ctr images pull alpine', teaches: 'nothing is added to a name', output: /object required/, status: 1 },
    {
      line: 'ctr images pull docker.io/library/alpine:3.22 | head -n 1',
      teaches: 'a whole name is pulled',
      output: /^docker\.io\/library\/alpine:3\.22 +\tsaved/,
    },
    {
      line: 'ctr run --rm docker.io/library/alpine:3.22 bare ip -o addr',
      teaches: 'a container without a network has lo alone',
      output: /^1: lo .*\n?$/,
    },
    {
      line: 'ctr run --rm docker.io/library/alpine:3.22 bare sh -c "exit 7"',
      teaches: 'exit codes pass through',
      output: /^$/,
      status: 7,
    },
    {
      line: 'ctr run --rm --net-host docker.io/library/alpine:3.22 bare hostname',
      teaches: 'and no name of its own is given',
      output: /^server\n$/,
    },
    {
      line: 'ctr run -d docker.io/library/alpine:3.22 long sleep 600; ctr tasks exec --exec-id e1 long ps -o pid,args; docker ps -q | wc -l',
      teaches: "another client's container is none of Docker's",
      output: / 1 sleep 600\n[\s\S]*\n1\n$/,
    },
    {
      line: 'ctr containers rm long',
      teaches: 'a running task holds its container',
      output: /cannot delete a non stopped container/,
      status: 1,
    },
    {
      line: 'ctr tasks kill -s KILL long; sleep 1; ctr tasks ls; ctr tasks rm long; ctr containers rm long; ctr containers ls -q',
      teaches: 'task, then container: each goes by itself',
      output: /^TASK.*\nlong +\d+ +STOPPED +\n.*exit code 137"?\n$/,
    },
    { line: 'ctr snapshots ls | grep -c Committed', teaches: 'a layer is a committed snapshot', output: /^1\n$/ },
    {
      line: 'ctr content ls -q | wc -l',
      teaches: 'index, manifest, configuration and layer are four blobs',
      output: /^4\n$/,
    },
    {
      line: "ctr content get $(ctr images ls | awk 'NR==2 {print $3}') | grep -o manifests",
      teaches: 'a blob is fetched by its digest',
      output: /^manifests\n$/,
    },
    {
      line: 'ctr containers ls --nope',
      teaches: 'a flag that is not there is refused with the help',
      output: /flag provided but not defined: -nope[\s\S]*USAGE:\n {3}ctr containers list/,
      status: 1,
    },
    { line: 'ctr nope', teaches: 'and a command', output: /^No help topic for 'nope'\n$/, status: 3 },
    {
      line: 'nerdctl run --rm alpine:3.22 echo hello; docker ps -aq | wc -l',
      teaches: "docker's words without Docker's daemon",
      output: /hello\n1\n$/,
    },
    {
      line: 'nerdctl run -d --name site -p 8090:80 nginx:1.25.3-alpine 2>/dev/null | tail -c 65 | grep -cE "^[0-9a-f]{64}$"; curl -s http://127.0.0.1:8090/ | grep -c "Welcome to nginx"',
      teaches: 'in the background, with a port of the host: plugins of CNI do what dockerd does',
      output: /1\n2\n$/,
    },
    {
      line: 'nerdctl ps',
      teaches: 'the table has columns of its own widths, whole image names, and no time after Up',
      output:
        /^CONTAINER ID {4}IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES\n[0-9a-f]{12} {4}docker\.io\/library\/nginx:1\.25\.3-alpine +"\/docker-entrypoint\.…" +.* ago +Up +0\.0\.0\.0:8090->80\/tcp +site\n$/,
    },
    {
      line: 'ctr containers info site 2>&1 | tail -n 1; ctr containers info $(nerdctl ps -q --no-trunc) | grep -c nerdctl/name',
      teaches: 'a name is a label: containerd knows ids only',
      output: /container "site" in namespace "default": not found"?\n1\n$/,
    },
    {
      line: 'nerdctl exec site hostname; nerdctl exec site sh -c "exit 5"',
      teaches: 'a further process in it; its exit code passes through',
      output: /^[0-9a-f]{12}\n[\s\S]*exec failed with exit code 5/,
      status: 5,
    },
    {
      line: 'nerdctl logs site 2>/dev/null | grep -c GET; grep -c stdout /var/lib/nerdctl/*/containers/default/*/*-json.log',
      teaches: 'the log is a file that a process of nerdctl writes',
      output: /^1\n[1-9]\d*\n$/,
    },
    {
      line: "nerdctl inspect -f '{{.State.Status}} {{.NetworkSettings.IPAddress}}' site; ip -o -4 addr show nerdctl0 | awk '{print $4}'",
      teaches: 'it has a bridge of its own',
      output: /^running 10\.4\.0\.\d+\n10\.4\.0\.1\/24\n$/,
    },
    {
      line: 'nerdctl network ls',
      teaches: 'a network is a file of CNI',
      output: /bridge +\/etc\/cni\/net\.d\/nerdctl-bridge\.conflist +\n +host +\n +none/,
    },
    {
      line: 'nerdctl rm site',
      teaches: 'a running container stays',
      output: /is in running status: unpause\/stop container first or force removal/,
      status: 1,
    },
    {
      line: 'nerdctl stop site; nerdctl ps -a; nerdctl start site; nerdctl ps -q | wc -l',
      teaches: 'stopped, it is there still, and starts again',
      output: /^site\n.*\n.*Exited \(0\) .* ago .*\nsite\n1\n$/,
    },
    {
      line: 'nerdctl rm -f site; nerdctl ps -aq; ls /var/lib/nerdctl/*/containers/default; ip -o link show master nerdctl0 | wc -l',
      teaches: 'nothing is left of it',
      output: /^site\n0\n$/,
    },
    {
      line: 'nerdctl images --format "{{.Repository}}:{{.Tag}} {{.Platform}}"; nerdctl --namespace moby ps -q | wc -l',
      teaches: "images are of a namespace; Docker's containers are in another",
      output: /nginx:1\.25\.3-alpine linux\/amd64\nalpine:3\.22 linux\/amd64\n1\n$/,
    },
    { line: 'nerdctl ps --nope', teaches: 'a flag that is not there', output: /unknown flag: --nope/, status: 1 },
    {
      line: 'nerdctl build .',
      teaches: 'what is left out says so',
      output: /^zukan: not emulated: nerdctl build\n$/,
      status: 1,
    },
    {
      line: 'ctr events',
      teaches: 'what is missing says so',
      output: /^zukan: not emulated: ctr events\n$/,
      status: 1,
    },
  ],
  'k8s-node': [
    {
      line: 'crictl version',
      teaches: 'the node talks to containerd by default',
      output: /RuntimeName: {2}containerd\n/,
    },
    {
      line: 'crictl runp pod.json > pod; crictl pods',
      teaches: 'a pod is there before its containers',
      output: /Ready +web +default +0 +\(default\)/,
    },
    { line: 'ip -4 -o addr show cni0', teaches: 'pods are on a bridge', output: /10\.88\.0\.1\/16/ },
    {
      line: 'cat /var/lib/cni/networks/containerd-net/10.88.0.2 | grep -c $(cat pod)',
      teaches: 'an address is a file with the id of who has it',
      output: /^1\n$/,
    },
    {
      line: 'crictl create $(cat pod) shell.json pod.json > box; crictl ps -a',
      teaches: 'created is not started',
      output: /Created +shell +0/,
    },
    {
      line: 'crictl start $(cat box) >/dev/null; crictl ps',
      teaches: 'then it runs',
      output: /Running +shell +0 +[0-9a-f]{13} +web +default/,
    },
    { line: 'ps -eo args | grep -c [c]ontainerd-shim', teaches: 'a pod has one shim', output: /^1\n$/ },
    {
      line: 'ctr -n k8s.io tasks ls | grep -c RUNNING',
      teaches: 'to containerd, pause and the container are two tasks',
      output: /^2\n$/,
    },
    {
      line: 'cat /sys/fs/cgroup/kubepods/besteffort/pod6d2a1e1c-web/$(cat box)/cgroup.procs | wc -l',
      teaches: "its cgroup lies below the pod's",
      output: /^1\n$/,
    },
    {
      line: 'crictl exec $(cat box) cat /etc/hosts | grep web',
      teaches: "the pod's name stands for its address",
      output: /^10\.88\.0\.2\tweb\n$/,
    },
    {
      line: 'crictl stop -t 1 $(cat box) >/dev/null; crictl inspect -o go-template --template "{{.status.exitCode}} {{.status.reason}}" $(cat box)',
      teaches: 'a program that ignores SIGTERM ends by SIGKILL',
      output: /^137 Error\n$/,
    },
    {
      line: 'crictl rmp $(cat pod)',
      teaches: 'a pod that is ready is not removed',
      output: /is running, please stop it first/,
      status: 1,
    },
    {
      line: 'crictl stopp $(cat pod) >/dev/null; crictl pods; ls /var/run/netns | wc -l',
      teaches: 'a stopped pod has no network any more',
      output: /NotReady +web[\s\S]*\n0\n$/,
    },
    {
      line: 'crictl rmp $(cat pod) >/dev/null; crictl pods -q; crictl ps -aq',
      teaches: 'with a pod go its containers',
      output: /^$/,
    },
    {
      line: 'crictl -r unix:///run/nobody.sock ps',
      teaches: 'who is not there does not answer',
      output: /connect: no such file or directory/,
      status: 1,
    },
    {
      line: 'crictl port-forward x 80',
      teaches: 'what is missing says so',
      output: /^zukan: not emulated: crictl port-forward\n$/,
      status: 1,
    },
    {
      line: 'CNI_COMMAND=VERSION /opt/cni/bin/bridge',
      teaches: 'a network plugin is a program',
      output: /"supportedVersions":/,
    },
  ],
  'ci-runner': [
    {
      line: 'cd myapp; act --list',
      teaches: 'a workflow has jobs in stages',
      output: /^Stage +Job ID.*\n0 +test +test +CI +ci\.yml +push\n$/,
    },
    {
      line: 'cd myapp; act',
      teaches: 'service, checkout, build and tests',
      output:
        /Success - Main actions\/checkout@v7[\s\S]*ok 2 - the database at db:5432 answers[\s\S]*🏁 {2}Job succeeded\n/,
    },
    {
      line: 'docker ps -aq; docker volume ls -q; docker images -q myapp | wc -l',
      teaches: "the job's containers are gone, what it built is there",
      output: /^1\n$/,
    },
    {
      line: "cd myapp; sed -i 's/Hello/Hallo/' greet.sh; act",
      teaches: 'a failing test fails the job',
      output: /❌ {2}Failure[\s\S]*🏁 {2}Job failed[\s\S]*Error: Job 'test' failed\n$/,
      status: 1,
    },
    {
      line: "docker ps --format '{{.Image}}'",
      teaches: 'and its containers stay for a look',
      output: /^catthehacker\/ubuntu:act-latest\npostgres:16\n$/,
    },
  ],
}
for (const [host, list] of Object.entries(lessons))
  describe(host, () => {
    const session = openSession({ host: host as HostName })
    test.each(list)('$line: $teaches', ({ line, output, status = 0 }) => {
      const r = session.execute(['/bin/sh', '-c', line])
      expect(r.stdout + r.stderr).toMatch(output)
      expect(r.status).toBe(status)
      expect(session.kernel.faults).toEqual([])
    })
  })
