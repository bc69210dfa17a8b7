/** nerdctl: docker's words at containerd, without a daemon of its own. */
import { describe, expect, test } from 'vitest'
import { openSession } from '../../complete.ts'

describe('on a node', () => {
  test('a container in the foreground: streams apart, exit code, log', () => {
    const s = openSession({ host: 'k8s-node' })
    const r = s.run(
      "nerdctl run --name job -e A=1 -w /tmp -l k=v alpine:3.22 sh -c 'echo $A in $PWD; echo wrong >&2; exit 4' 2>/dev/null",
    )
    expect(r.output).toBe('1 in /tmp\n')
    expect(r.status).toBe(4)
    expect(s.run('nerdctl logs job 2>/dev/null').output).toBe('1 in /tmp\n')
    expect(s.run('nerdctl logs --tail 1 job').output).toBe('wrong\n')
    expect(s.run('nerdctl logs -t job 2>/dev/null').output).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z 1 in \/tmp\n$/)
    expect(s.run('nerdctl ps -a --format "{{.Names}} {{.Status}}"').output).toMatch(/^job Exited \(4\) .* ago\n$/)
    expect(s.run("nerdctl inspect -f '{{.State.ExitCode}} {{.Config.Labels.k}}' job").output).toBe('4 v\n')
    expect(s.run('nerdctl rm job; nerdctl ps -aq; ls /var/lib/cni/networks/bridge').output).not.toContain('10.4.')
  })
  test('input, limits, mounts and networks', () => {
    const s = openSession({ host: 'k8s-node' })
    expect(s.run('echo in | nerdctl run -i --rm alpine:3.22 cat 2>/dev/null').output).toBe('in\n')
    expect(s.run('nerdctl run --rm -m 6m alpine:3.22 cat /sys/fs/cgroup/memory.max').output).toBe('6291456\n')
    expect(
      s.run('echo 1 > f; nerdctl run --rm -v $PWD/f:/g:ro alpine:3.22 sh -c "cat /g; echo 2 > /g"').output,
    ).toMatch(/^1\n.*Read-only file system\n$/)
    expect(s.run('nerdctl run --rm --net none alpine:3.22 ls /sys/class/net').output).toBe('lo\n')
    expect(s.run('nerdctl run --rm --net host alpine:3.22 hostname').output).toBe('node1\n')
    expect(s.run('nerdctl run --rm --hostname h alpine:3.22 sh -c "hostname; grep -c h /etc/hosts"').output).toMatch(
      /^h\n\d\n$/,
    )
  })
  test('volumes by name, files in and out, ports, processes and exit codes', () => {
    const s = openSession({ host: 'k8s-node' })
    const run = (line: string) => s.execute(['/bin/sh', '-c', `cd /root; ${line}`])
    run('nerdctl volume create vv; nerdctl run --rm -v vv:/d alpine:3.22 touch /d/a')
    expect(run('nerdctl run --rm -v vv:/d alpine:3.22 ls /d').stdout).toBe('a\n')
    expect(run('nerdctl volume ls').stdout).toMatch(
      /^VOLUME NAME +DIRECTORY +\nvv +\/var\/lib\/nerdctl\/.*\/vv\/_data +\n$/,
    )
    run('nerdctl run -d --name web -p 8080:80 -v vv:/d alpine:3.22 sleep 1000')
    expect(run('nerdctl volume rm vv').stderr).toContain('volume \\"vv\\" is in use')
    expect(run('nerdctl port web; nerdctl port web 80').stdout).toBe('80/tcp -> 0.0.0.0:8080\n0.0.0.0:8080\n')
    expect(run('nerdctl top web').stdout).toMatch(/^UID +PID .*\nroot .* sleep 1000\n$/)
    run('echo there > f; nerdctl cp f web:/tmp/g; nerdctl cp web:/tmp/g back')
    expect(run('cat back; nerdctl exec web cat /tmp/g').stdout).toBe('there\nthere\n')
    expect(run('(nerdctl wait web &); sleep 1; nerdctl kill web').stdout).toContain('137\n')
    expect(run("nerdctl create --name job alpine:3.22 sh -c 'echo hi; exit 3'").status).toBe(0)
    expect(run('nerdctl start -a job')).toMatchObject({ status: 3, stdout: 'hi\n', stderr: '' })
    expect(run('nerdctl rm web; nerdctl volume rm vv nosuch')).toMatchObject({ status: 1, stdout: 'web\nvv\n' })
  })
  test('containers find each other by address; a signal ends one', () => {
    const s = openSession({ host: 'k8s-node' })
    s.run('nerdctl run -d --name one nginx:1.25.3-alpine')
    const at = s.run("nerdctl inspect -f '{{.NetworkSettings.IPAddress}}' one").output.trim()
    expect(s.run(`nerdctl run --rm alpine:3.22 wget -qO- http://${at}/ 2>/dev/null | grep -c Welcome`).output).toBe(
      '2\n',
    )
    expect(s.run('nerdctl pause one; nerdctl ps --format "{{.Status}}"; nerdctl unpause one').output).toBe(
      'one\nPaused\none\n',
    )
    expect(s.run('nerdctl kill one; nerdctl ps -a --format "{{.Status}}"').output).toMatch(/^one\nExited \(137\)/)
    expect(s.run('nerdctl restart one; nerdctl ps --format "{{.Names}} {{.Status}}"').output).toBe('one\none Up\n')
    expect(s.run('nerdctl rmi nginx:1.25.3-alpine').output).toMatch(
      /conflict: unable to delete nginx:1\.25\.3-alpine \(cannot be forced\)/,
    )
    expect(s.run('nerdctl rm -f one && nerdctl rmi nginx:1.25.3-alpine').output).toMatch(
      /^one\nUntagged: docker\.io\/library\/nginx:1\.25\.3-alpine@sha256:/,
    )
  })
  test("the CRI plugin's containers have the kubelet's names", () => {
    const s = openSession({ host: 'k8s-node' })
    s.run('p=$(crictl runp pod.json); c=$(crictl create $p shell.json pod.json); crictl start $c')
    expect(s.run('nerdctl -n k8s.io ps --format "{{.Names}}" | sort').output).toBe(
      'k8s://default/web\nk8s://default/web/shell\n',
    )
  })
  test.each([
    ['nerdctl', 0, /^nerdctl is a command line interface for containerd\n/],
    ['nerdctl --version', 0, /^nerdctl version \d/],
    ['nerdctl run --help', 0, /^Run a command in a new container[\s\S]*Usage: nerdctl run \[flags\] IMAGE/],
    ['nerdctl container ls', 0, /^CONTAINER ID/],
    ['nerdctl image ls -q', 0, /^$/],
    ['nerdctl nope', 1, /unknown subcommand .*nope.* for .*nerdctl/],
    ['nerdctl network nope', 1, /unknown subcommand .*nope.* for .*network/],
    ['nerdctl run', 1, /requires at least 1 arg\(s\), only received 0/],
    ['nerdctl pull', 1, /nerdctl pull.* requires exactly 1 argument\./],
    ['nerdctl run alpine:3.22 nosuch', 1, /exec: .*nosuch.*: executable file not found in \$PATH/],
    ['nerdctl run --rm --network nope alpine:3.22', 1, /^zukan: not emulated: nerdctl run --network nope\n$/],
    ['nerdctl run --restart always alpine:3.22', 1, /^zukan: not emulated: nerdctl run --restart\n$/],
    ['nerdctl compose up', 1, /^zukan: not emulated: nerdctl compose\n$/],
    ['nerdctl logs nope', 1, /no such container: nope/],
    ['nerdctl inspect nope', 1, /no such object: nope/],
    ['nerdctl rmi nope', 1, /no such image: nope/],
    ['nerdctl pull alpine:nope', 1, /failed to resolve reference .*docker\.io\/library\/alpine:nope/],
    ['nerdctl --address /no.sock ps', 1, /cannot access containerd socket .*\/no\.sock.*: no such file or directory/],
  ])('%s', (line, status, output) => {
    const s = openSession({ host: 'k8s-node' })
    const r = s.run(line)
    expect(r.output).toMatch(output)
    expect(r.status).toBe(status)
  })
})
