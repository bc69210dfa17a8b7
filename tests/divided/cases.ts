/** What both ways of dividing code are tried with. */
import { readSuite } from '../conformance/suites.ts'
import type { DrivenCase } from './driving.ts'

/** Waiting in the midst of things: several processes, signals, forks, and files that the kernel makes up as they are read. */
const waiting: Readonly<Record<string, string>> = {
  pipes: 'seq 200 | sed s/1/x/ | awk "{ n += NR } END { print n }" | tr 0-9 a-j; cat /proc/net/dev | head -3 | wc -l',
  background: 'for i in 3 1 2; do (sleep 0.$i; echo $i; cat /proc/self/limits | head -2) & done; wait; echo all',
  signals:
    'trap "echo usr1; cat /proc/self/cgroup" USR1; (sleep 1; kill -USR1 $$) & while ! cat /proc/loadavg > /dev/null; do :; done; wait; echo after $?; kill -TERM $$',
  subshells:
    'x=$(cat /proc/sys/kernel/ostype; (cat /proc/self/status | grep ^Cap; exit 3)); echo "$x" $?; mkfifo f; cat f & date -u > f; wait',
  busy: 'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done & j=0; while [ $j -lt 3000 ]; do j=$((j+1)); done; cat /proc/cpuinfo | wc -l; wait; echo $j',
  proc: 'cd /proc; for f in cmdline cpuinfo filesystems loadavg meminfo mounts stat swaps uptime version self/mountinfo self/maps self/io self/oom_score self/uid_map self/stat self/ns/../comm 1/sched net/route net/tcp net/unix sys/vm/overcommit_memory; do echo "== $f"; cat $f; done; ls -l self/ns self/fd',
  sys: 'cd /sys; ls; ls fs/cgroup class/net/eth0; cat class/net/*/address kernel/mm/transparent_hugepage/enabled devices/system/cpu/online fs/cgroup/cgroup.controllers; mkdir fs/cgroup/x; echo $$ > fs/cgroup/x/cgroup.procs; cat fs/cgroup/x/cpu.stat; echo 10 > fs/cgroup/x/pids.max; cat fs/cgroup/x/pids.*',
  namespaces:
    'unshare -Urmpf --mount-proc sh -c "id; ps; mount -t tmpfs t /mnt; touch /mnt/a; ls /mnt; hostname"; lsns | wc -l; nsenter -t 1 -n ip -br link',
  links:
    'ip link add v0 type veth peer name v1; ip netns add n; ip link set v1 netns n; ip addr add 10.9.0.1/24 dev v0; ip link set v0 up; ip netns exec n ip addr add 10.9.0.2/24 dev v1; ip netns exec n ip link set v1 up; ping -c 2 10.9.0.2; ip route; ss -tln; iptables -S | head -20',
  files:
    'ln -s a b; readlink b; echo a > a; chmod 600 a; chown 1:2 a; ls -ln; mkfifo p; truncate -s 100 a; stat -c "%s %a" a; mv a c; rmdir x; mkdir -p x/y; cp -a c x; find . | sort; tar cf t.tar x; tar tvf t.tar; dd if=/dev/zero of=z bs=1k count=4; sync; df .',
  strace: 'strace -f docker version --format x; strace -c true; strace cat /proc/self/attr/current',
  runtimes:
    'for r in runc crun youki runsc; do docker run --rm --runtime $r alpine sh -c "cat /proc/1/comm; dmesg | head -3; uname -r"; done',
  compose:
    'printf "services:\\n  web:\\n    image: nginx:alpine\\n    depends_on: [db]\\n    ports: [\\"8080:80\\"]\\n  db:\\n    image: redis:alpine\\n    healthcheck: {test: [CMD, redis-cli, ping], interval: 1s}\\n" > compose.yaml; docker compose up -d --wait; docker compose ps; docker compose logs; wget -qO- localhost:8080 | head -4; docker compose exec db redis-cli set a b; docker compose down -v',
  build:
    'printf "FROM alpine AS a\\nRUN echo one > /one && adduser -D me\\nFROM alpine\\nCOPY --from=a /one /two\\nARG V=1\\nENV V=\\$V\\nUSER nobody\\nHEALTHCHECK CMD true\\nENTRYPOINT [\\"cat\\"]\\nCMD [\\"/two\\"]\\n" > Dockerfile; docker build -t mine --build-arg V=2 .; docker run --rm mine; docker history mine; docker save mine | tar t | wc -l; docker build -q .',
  networks:
    'docker network create --subnet 10.5.0.0/24 n; docker run -d --name a --network n --ip 10.5.0.9 nginx; docker run --rm --network n alpine sh -c "ping -c1 a; wget -qO- a | head -1; nslookup a; cat /etc/resolv.conf; ip addr"; docker network inspect n; docker network disconnect n a; docker rm -f a; docker network rm n; iptables -t nat -S',
  lifecycle:
    'docker run -d --name a --restart on-failure:2 --memory 64m alpine sh -c "sleep 2; exit 3"; docker events --since 0 --until 5s | wc -l; docker ps -a; docker wait a; docker inspect -f "{{.RestartCount}} {{.State.ExitCode}}" a; docker run -d --name b alpine sleep 9; docker pause b; docker top b; docker stats --no-stream b; docker unpause b; docker update --cpus 1 b; docker exec b sh -c "kill -TERM 1; ps"; docker cp b:/etc/hosts h; docker diff b; docker commit b c; docker kill b; docker logs a; docker system df; docker container prune -f',
  help: 'docker --help; docker run --help; docker frob; runc --help; runc list; ctr images ls; docker info; docker volume create v; docker run --rm -v v:/v alpine touch /v/a; ls /var/lib/docker/volumes/v/_data; docker plugin ls; docker context ls; docker manifest inspect alpine',
  registry:
    'docker run -d -p 5000:5000 registry:2; docker tag alpine localhost:5000/a; docker pull alpine; docker tag alpine localhost:5000/a; docker push localhost:5000/a; docker rmi localhost:5000/a; docker pull localhost:5000/a; wget -qO- localhost:5000/v2/_catalog; docker search alpine',
  database:
    'docker run -d --name p -e POSTGRES_PASSWORD=x postgres; sleep 5; docker exec p psql -U postgres -c "create table t (a int); insert into t values (1); select * from t"; docker logs p | tail -2; docker stop p',
  shell:
    'set -x; f() { local a=1; echo ${a:+x} ${#1} ${1%b*}; return 4; }; f abc; case x in (y|x) echo x;; esac; echo $((1<<3)) {a,b} ~ *; cat <<X | sort -r\nb\na\nX\nprintf "%s|%5d\\n" a 3; echo $RANDOM; read a b < /etc/hostname; echo $a; test -f /etc/passwd && [ a != b ]; getopts ab o -b; echo $o; ulimit -a; times; type cd ls; alias; false',
}

/** The machines that others than the server's reader sits at. */
const hosts: readonly (readonly [string, string])[] = [
  [
    'vm-type1',
    'virsh list --all; virsh start server1; virsh dominfo server1; ps aux | head -30; lscpu | head -5; dmesg | tail -5',
  ],
  ['vm-type2', 'ps aux | tail -8; docker run --rm alpine uname -a; ls /dev/kvm'],
  [
    'linux-podman',
    'podman run --rm alpine id; podman pod create p; podman ps -a --pod; podman info | head -20; cat /proc/self/uid_map; buildah from alpine; skopeo inspect docker://docker.io/library/alpine | head -5; podman unshare cat /proc/self/gid_map',
  ],
  [
    'k8s-node',
    'crictl ps; crictl pods; crictl images; ctr -n k8s.io c ls; nerdctl ps -a; ls /etc/cni/net.d; crictl run --help | head -5; ip -br addr',
  ],
  ['ci-runner', 'ls -a; act -l; docker ps; act push'],
  ['windows-moby', 'docker version; Get-VM; docker run --rm alpine uname -a; Get-Process | Select-Object -First 5'],
  ['windows-wsl2', 'wsl -l -v; wsl uname -a; docker run --rm alpine cat /proc/version; Get-ChildItem'],
  ['windows-wslc', 'wslc --help; wslc run alpine uname -a; wsl -l -v'],
  [
    'windows-containers',
    'docker run --rm mcr.microsoft.com/windows/nanoserver:ltsc2022 cmd /c ver; docker ps -a; Get-Service docker; hcsdiag list',
  ],
  ['windows-lcow', 'docker version; docker run --rm --platform linux alpine uname -a'],
  ['mac-desktop', 'docker run --rm alpine uname -a; ps aux | head -12; sw_vers; docker context ls'],
  [
    'mac-container',
    'container system start; container run --rm alpine uname -a; container list --all; container image list',
  ],
]

export const ownCases: readonly DrivenCase[] = [
  ...Object.entries(waiting).map(([id, run]) => ({ id, in: 'host', run })),
  ...hosts.map(([host, run]) => ({ id: host, in: 'host', host, run })),
]
/** Where code is waited for in the midst of things that other processes could change meanwhile. */
export const coldCases = ownCases.filter((c) =>
  ['pipes', 'background', 'signals', 'subshells', 'busy', 'proc', 'namespaces', 'runtimes', 'build'].includes(c.id),
)
/** One of every `n` recordings of real tools, of all there are. */
export const recordings = (n: number): readonly DrivenCase[] =>
  [...(readSuite('engine') ?? []), ...(readSuite('goldens') ?? [])].filter((_, i) => i % n === 0)
