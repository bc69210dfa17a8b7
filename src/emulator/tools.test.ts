/** The host's own tools and the kernel behind them, as a learner tries them: given a server, run this line, expect this. */
import { describe, expect, test } from 'vitest'
import { openSession } from './complete.ts'

/** Output (standard error last) and status of lines on a fresh server. */
function run(lines: string): { readonly out: string; readonly err: string; readonly status: number } {
  const s = openSession()
  const r = s.execute(['/bin/bash', '-c', lines])
  expect(s.kernel.faults).toEqual([])
  return { out: r.stdout, err: r.stderr, status: r.status }
}
const number = (text: string, key: string): number => Number(new RegExp(`^${key} (\\d+)`, 'm').exec(text)?.[1])

describe('namespaces', () => {
  test('unshare -pf --mount-proc shows a world of one process', () => {
    expect(run('unshare -pf --mount-proc ps -eo pid,args').out).toBe('    PID COMMAND\n      1 ps -eo pid,args\n')
  })
  test('without --fork the first child is init, and its end ends the namespace', () => {
    const r = run("unshare -p sh -c '/bin/true; /bin/true; echo unreached'")
    expect(r.err).toBe('sh: 1: Cannot fork\n')
    expect(r.out).toBe('')
  })
  test('a user becomes root of a user namespace, and only there', () => {
    const r = run(
      `su user -c 'unshare -Urm sh -c "id -u; mount -t tmpfs x /mnt && echo mounted; touch /root/x; mount /dev/sda1 /mnt"'`,
    )
    expect(r.out).toBe('0\nmounted\n')
    expect(r.err).toContain("touch: cannot touch '/root/x': Permission denied")
    expect(r.err).toContain('mount: /mnt: permission denied.')
  })
  test('a uid map is written once, by one who may', () => {
    expect(
      run(
        "unshare -U sh -c 'echo 0 5 1 > /proc/self/uid_map; echo 0 0 1 > /proc/self/uid_map; cat /proc/self/uid_map; echo 0 0 1 > /proc/self/uid_map'",
      ),
    ).toMatchObject({
      out: '         0          0          1\n',
      err: 'sh: 1: echo: echo: I/O error\nsh: 1: echo: echo: I/O error\n',
    })
  })
  test('a container by hand: pivot_root into an unpacked image', () => {
    const r = run(
      `mkdir -p /tmp/hand/root; cd /tmp/hand; docker export $(docker create alpine 2>/dev/null) | tar -xf - -C root
       unshare -muinpf sh -c 'mount --bind root root; cd root; mkdir old; pivot_root . old; mount -t proc proc /proc; umount -l /old; rmdir /old; hostname hand; exec sh -c "hostname; cat /etc/alpine-release; ls /old; mount; ps | wc -l"'; hostname; pivot_root /tmp /tmp; chroot /nosuch; chroot /tmp/hand/root nosuch; echo $?`,
    )
    expect(r.out).toBe(
      'hand\n3.22.2\n/dev/sda1 on / type ext4 (rw,relatime)\nproc on /proc type proc (rw,relatime)\n4\nserver\n127\n',
    )
    expect(r.err).toContain('ls: /old: No such file or directory\n')
    expect(r.err).toContain("pivot_root: failed to change root from `/tmp' to `/tmp': Device or resource busy\n")
    expect(r.err).toContain("chroot: cannot change root directory to '/nosuch': No such file or directory\n")
    expect(r.err).toContain("chroot: failed to run command 'nosuch': No such file or directory\n")
  })
  test("/proc/PID/net is that process's network; descriptors tell for what they are open", () => {
    const r = run(
      `docker run -d --name peek alpine sleep 9 >/dev/null 2>&1; P=$(docker inspect -f '{{.State.Pid}}' peek); grep -c docker0 /proc/net/dev /proc/$P/net/dev; exec 7</etc/hostname 8>/tmp/8 9<>/tmp/9; ls -l /proc/$$/fd | awk '$9 > 6 { print $1, $9 }'; sed -n '1,2p' /proc/$$/fdinfo/9`,
    )
    expect(r.out).toBe(
      '/proc/net/dev:1\n' +
        r.out.split('\n')[1] +
        '\nlr-x------ 7\nl-wx------ 8\nlrwx------ 9\npos:\t0\nflags:\t0100002\n',
    )
    expect(r.out.split('\n')[1]).toMatch(/^\/proc\/\d+\/net\/dev:0$/)
  })
  test('nsenter joins a container; lsns counts it', () => {
    const r = run(
      "docker run -d --name web --hostname box alpine sleep 100 >/dev/null; P=$(docker inspect -f '{{.State.Pid}}' web); nsenter -t $P -u hostname; nsenter -t $P -p -m ps | grep -c sleep; lsns -n -o NPROCS -t net | tr -d ' ' | tail -n 1; nsenter -t 99999 -n true",
    )
    expect(r.out).toBe('box\n1\n1\n')
    expect(r.err).toBe('nsenter: cannot open /proc/99999/ns/net: No such file or directory\n')
  })
  test('time namespaces shift what uptime shows', () => {
    expect(run('unshare -T --boottime 864000 uptime -p').out).toBe('up 10 days\n')
  })
})

describe('control groups', () => {
  const spin = (group: string): string =>
    `sh -c 'echo $$ > /sys/fs/cgroup/${group}/cgroup.procs; while :; do :; done' &`
  test('cpu.max holds a process to its share and counts the waits', () => {
    const { out } = run(
      `mkdir /sys/fs/cgroup/a; echo 20000 100000 > /sys/fs/cgroup/a/cpu.max; ${spin('a')} sleep 5; cat /sys/fs/cgroup/a/cpu.stat; kill %1`,
    )
    expect(number(out, 'usage_usec') / 5e6).toBeCloseTo(0.2, 1)
    expect(number(out, 'nr_throttled')).toBeGreaterThan(40)
    expect(number(out, 'throttled_usec') / 5e6).toBeCloseTo(0.8, 1)
  })
  test('cpu.weight shares one processor 1 to 3', () => {
    const { out } = run(
      `cd /sys/fs/cgroup; mkdir a b; echo 0 > a/cpuset.cpus; echo 0 > b/cpuset.cpus; echo 300 > b/cpu.weight; ${spin('a')} ${spin('b')} sleep 4; head -n 1 a/cpu.stat; head -n 1 b/cpu.stat; kill %1 %2`,
    )
    const [a = 0, b = 0] = [...out.matchAll(/usage_usec (\d+)/g)].map((m) => Number(m[1]))
    expect(b / a).toBeGreaterThan(2.8)
    expect(b / a).toBeLessThan(3.2)
    expect((a + b) / 4e6).toBeCloseTo(1, 1)
  })
  test('busy processes fill the processors there are, no more', () => {
    const { out } = run(
      `mkdir /sys/fs/cgroup/a; ${spin('a').repeat(6)} sleep 2; head -n 1 /sys/fs/cgroup/a/cpu.stat; kill %1 %2 %3 %4 %5 %6`,
    )
    expect(number(out, 'usage_usec') / 2e6).toBeCloseTo(4, 0)
  })
  test('the rules have their errors', () => {
    const r = run(
      'cd /sys/fs/cgroup; mkdir x x/y; echo +memory > x/y/cgroup.subtree_control; echo +nosuch > cgroup.subtree_control; echo 0 > x/cpu.weight; echo foo > x/memory.max; echo 9:9 wbps=1 > x/io.max; echo 77 > x/cpuset.cpus; echo 0 > x/cgroup.procs; echo +pids > x/cgroup.subtree_control; echo 99999 > x/y/cgroup.procs; touch x/z',
    )
    expect(r.err.split('\n').map((l) => l.split(': ').at(-1))).toEqual([
      'No such file or directory',
      'Invalid argument',
      'Numerical result out of range',
      'Invalid argument',
      'No such device',
      'Invalid argument',
      'Device or resource busy',
      'No such process',
      'Permission denied',
      '',
    ])
  })
  test('frozen means stopped until thawed; what is moved in stops at once', () => {
    expect(
      run(
        "mkdir /sys/fs/cgroup/f; echo 1 > /sys/fs/cgroup/f/cgroup.freeze; sh -c 'echo $$ > /sys/fs/cgroup/f/cgroup.procs; echo late' & sleep 1; cat /sys/fs/cgroup/f/cgroup.events; echo 0 > /sys/fs/cgroup/f/cgroup.freeze; wait",
      ).out,
    ).toBe('populated 1\nfrozen 1\nlate\n')
  })
  test('tmpfs counts as memory, and too much of it calls the OOM killer', () => {
    const r = run(
      "docker run --rm -m 20m alpine dd if=/dev/zero of=/dev/shm/x bs=1M count=40; echo $?; dmesg | grep -c 'Killed process'",
    )
    expect(r.out).toBe('137\n1\n')
  })
  test('io.max holds writes to its rate', () => {
    const r = run(
      "mkdir /sys/fs/cgroup/s; echo '8:0 wbps=1048576' > /sys/fs/cgroup/s/io.max; sh -c 'echo $$ > /sys/fs/cgroup/s/cgroup.procs; A=$(date +%s); dd if=/dev/zero of=/root/x bs=64k count=64 2>/dev/null; echo $(($(date +%s) - A)); cat /sys/fs/cgroup/s/io.stat'",
    )
    expect(r.out).toMatch(/^[34]\n8:0 rbytes=\d+ wbytes=4194304 /)
  })
})

describe('seccomp and capabilities', () => {
  test('the default profile refuses what it refuses', () => {
    const r = run(
      "docker run --rm alpine sh -c 'unshare -m true; mount -t tmpfs x /mnt; grep Seccomp: /proc/self/status'",
    )
    expect(r.err).toContain('Operation not permitted')
    expect(r.out).toBe('Seccomp:\t2\n')
  })
  test('setpriv gives up what it is told to', () => {
    expect(
      run(
        'setpriv --reuid 1000 --regid 1000 --clear-groups --no-new-privs --bounding-set -all sh -c "id; grep -E \'CapEff|CapBnd|NoNew\' /proc/self/status"',
      ).out,
    ).toBe(
      'uid=1000(user) gid=1000(user) groups=1000(user)\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000000\nNoNewPrivs:\t1\n',
    )
  })
})

describe('mounts', () => {
  test('propagation: what is shared is seen, what is private is not', () => {
    expect(
      run(
        'mkdir /a /b; mount -t tmpfs x /a; mount --make-shared /a; mount --bind /a /b; mkdir /a/m; mount -t tmpfs y /a/m; grep -c /b/m /proc/self/mounts; umount /a/m; mount --make-private /a; mount -t tmpfs y /a/m; grep -c /b/m /proc/self/mounts; findmnt -n -o PROPAGATION /a /b',
      ).out,
    ).toBe('1\n0\nprivate\n')
  })
  test('tmpfs has its size, an overlay its layers', () => {
    const r = run(
      "mkdir -p /o/l /o/u /o/w /o/m; echo low > /o/l/f; mount -t overlay o -o lowerdir=/o/l,upperdir=/o/u,workdir=/o/w /o/m; echo up > /o/m/f; cat /o/l/f /o/u/f; rm /o/m/f; ls -l /o/u | grep -c '^c'; mkdir /o/l/d; mv /o/m/d /o/m/e; mount -t tmpfs -o size=8k t /mnt; dd if=/dev/zero of=/mnt/x bs=4k count=4; mount -t overlay o -o lowerdir=/o/l /mnt; mount -t nosuch x /mnt; umount /nosuch",
    )
    expect(r.out).toBe('low\nup\n1\n')
    expect(r.err).toContain('No space left on device')
    expect(r.err).toContain("mount: /mnt: unknown filesystem type 'nosuch'.")
    expect(r.err).toContain('umount: /nosuch: no mount point specified.')
  })
})

describe('the network', () => {
  test('two namespaces and a cable', () => {
    const r = run(
      'ip netns add red; ip netns add blue; ip link add vr type veth peer name vb; ip link set vr netns red; ip link set vb netns blue; ip -n red addr add 10.1.1.1/24 dev vr; ip -n blue addr add 10.1.1.2/24 dev vb; ip netns exec red ping -c1 10.1.1.2; ip -n red link set vr up; ip -n blue link set vb up; ip netns exec red ping -c1 10.1.1.2 | grep -c "1 received"; ip -n red -br a | tail -n 1; ip netns del red; ip netns exec red true',
    )
    expect(r.out).toBe('1\nvr@if5           UP             10.1.1.1/24 \n')
    expect(r.err).toBe(
      'ping: connect: Network is unreachable\nCannot open network namespace "red": No such file or directory\n',
    )
  })
  test('an answer needs a way back', () => {
    expect(
      run(
        'ip netns add r; ip link add h type veth peer name p; ip link set p netns r; ip addr add 10.2.0.1/24 dev h; ip link set h up; ip -n r addr add 10.2.0.2/24 dev p; ip -n r link set p up; ip link add d type dummy; ip addr add 10.3.0.1/24 dev d; ip link set d up; ip netns exec r ping -c1 10.3.0.1; ip -n r route add default via 10.2.0.1; ip netns exec r ping -c1 10.3.0.1 | grep -c "1 received"',
      ).out,
    ).toBe('1\n')
  })
  test('ip speaks JSON, and tells of ends that are down', () => {
    expect(
      JSON.parse(run('ip -j addr show lo').out).map((l: { ifname: string; addr_info: unknown[] }) => [
        l.ifname,
        l.addr_info.length,
      ]),
    ).toEqual([['lo', 1]])
    expect(run('ip -j -p route show default').out).toMatch(/^\[ \{\n {8}"dst": "default",\n/)
    expect(
      run('ip link add a0 type veth peer name b0; ip -br link show a0; ip link set b0 up; ip -br link show a0').out,
    ).toMatch(/M-DOWN> \n.*<BROADCAST,MULTICAST> \n$/)
  })
  test("iptables shows Docker's chains, and its rules decide", () => {
    const r = run(
      "docker run -d -p 8080:80 nginx >/dev/null 2>&1; iptables -t nat -S DOCKER | tail -n 1; curl -s -o /dev/null -w '%{http_code}\\n' localhost:8080; iptables -A OUTPUT -p tcp --dport 8080 -j REJECT; curl -s localhost:8080; echo $?; iptables -D OUTPUT 1; iptables -A NOPE -j ACCEPT; ss -Htln | wc -l",
    )
    expect(r.out).toBe(
      '-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80\n200\n7\n1\n',
    )
    expect(r.err).toContain("iptables v1.8.11 (nf_tables): Chain 'NOPE' does not exist")
  })
})

describe('tracing', () => {
  test('strace tells calls, results and the end', () => {
    const r = run('strace -e trace=openat,exit_group cat /etc/hostname /nosuch')
    expect(r.err).toContain('openat(AT_FDCWD, "/etc/hostname", O_RDONLY)')
    expect(r.err).toContain('= -1 ENOENT (No such file or directory)')
    expect(r.err).toMatch(/\+\+\+ exited with 1 \+\+\+\n$/)
    expect(run('strace -f -e trace=%process sh -c "/bin/true; exit 3"').err).toContain('WEXITSTATUS(s) == 0')
  })
})
