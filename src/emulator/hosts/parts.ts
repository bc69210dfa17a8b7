/**
 * Code that comes when it is first needed, by the name that executables (exec) and programs (sys.part) ask for it. The first prompt and
 * `docker run` need none of these; each entry becomes a file of its own in the built site.
 */
import type { Program } from '../kernel/linux/abi.ts'
import { coreutilsNames } from '../userland/gnu/names.ts'

type Loader = () => PromiseLike<Program>
const program =
  <M extends Readonly<Record<string, unknown>>, K extends keyof M>(from: () => PromiseLike<M>, name: K): Loader =>
  () =>
    from().then((module) => module[name] as Program)

const server =
  (name: string): Loader =>
  () =>
    import('../userland/servers/index.ts').then((m) => m.serverPrograms[name] as Program)
/** Applets of busybox by families; see busybox/catalogue.ts. */
const text = () => import('../userland/busybox/text/index.ts')
const archive = () => import('../userland/busybox/archive/index.ts')
const files = () => import('../userland/busybox/files/index.ts')
const network = () => import('../userland/busybox/network/index.ts')
const cni = () => import('../engine/cni/plugins.ts')
const kataTools = () => import('../cli/kata.ts')
const virtualisation = () => import('./kvm.ts')

const utilLinux = {
  scheduling: () => import('../userland/gnu/utillinux/scheduling.ts'),
  mount: () => import('../userland/gnu/utillinux/mount.ts'),
}
const iptables = () => import('../userland/gnu/netfilter/iptables.ts')
const libcap = () => import('../userland/gnu/libcap.ts')
const load = () => import('../userland/gnu/procps/load.ts')
const coreutil =
  (name: string): Loader =>
  () =>
    import('../userland/gnu/coreutils/index.ts').then((m) => m.coreutils[name] as Program)
/** A host's own programs, userland/gnu/names.ts. */
const gnuParts: Readonly<Record<string, Loader>> = {
  ...Object.fromEntries(coreutilsNames.map((name) => [`gnu/${name}`, coreutil(name)])),
  'gnu/ps': program(() => import('../userland/gnu/procps/ps.ts'), 'ps'),
  'gnu/top': program(() => import('../userland/gnu/procps/top.ts'), 'top'),
  'gnu/pstree': program(() => import('../userland/gnu/procps/pstree.ts'), 'pstree'),
  'gnu/free': program(load, 'free'),
  'gnu/uptime': program(load, 'uptime'),
  'gnu/vmstat': program(load, 'vmstat'),
  'gnu/curl': program(() => import('../userland/gnu/curl.ts'), 'curl'),
  'gnu/unshare': program(() => import('../userland/gnu/utillinux/unshare.ts'), 'unshare'),
  'gnu/nsenter': program(() => import('../userland/gnu/utillinux/nsenter.ts'), 'nsenter'),
  'gnu/lsns': program(() => import('../userland/gnu/utillinux/lsns.ts'), 'lsns'),
  'gnu/findmnt': program(() => import('../userland/gnu/utillinux/findmnt.ts'), 'findmnt'),
  'gnu/lsblk': program(() => import('../userland/gnu/utillinux/lsblk.ts'), 'lsblk'),
  'gnu/mount': program(utilLinux.mount, 'mount'),
  'gnu/umount': program(utilLinux.mount, 'umount'),
  'gnu/pivot_root': program(() => import('../userland/gnu/utillinux/pivotroot.ts'), 'pivotRoot'),
  'gnu/chroot': program(() => import('../userland/gnu/coreutils/chroot.ts'), 'chroot'),
  'gnu/timeout': program(() => import('../userland/gnu/coreutils/timeout.ts'), 'timeout'),
  'gnu/dmesg': program(() => import('../userland/gnu/utillinux/dmesg.ts'), 'dmesg'),
  'gnu/setpriv': program(() => import('../userland/gnu/utillinux/setpriv.ts'), 'setpriv'),
  'gnu/prlimit': program(utilLinux.scheduling, 'prlimit'),
  'gnu/taskset': program(utilLinux.scheduling, 'taskset'),
  'gnu/nice': program(utilLinux.scheduling, 'nice'),
  'gnu/renice': program(utilLinux.scheduling, 'renice'),
  'gnu/capsh': program(libcap, 'capsh'),
  'gnu/getpcaps': program(libcap, 'getpcaps'),
  'gnu/ip': program(() => import('../userland/gnu/iproute/ip.ts'), 'ip'),
  'gnu/ss': program(() => import('../userland/gnu/iproute/ss.ts'), 'ss'),
  'gnu/ping': program(() => import('../userland/gnu/ping.ts'), 'ping'),
  'gnu/iptables': program(iptables, 'iptables'),
  'gnu/iptables-save': program(iptables, 'iptablesSave'),
  'gnu/iptables-restore': program(iptables, 'iptablesRestore'),
  'gnu/strace': program(() => import('../userland/gnu/strace.ts'), 'strace'),
}

export const parts: Readonly<Record<string, Loader>> = {
  later: program(() => import('./later.ts'), 'laterCode'),
  'shell/dash': program(() => import('../userland/shell/dash.ts'), 'dashProgram'),
  'busybox/basic': program(() => import('../userland/busybox/basic.ts'), 'basicPart'),
  'busybox/processes': program(() => import('../userland/busybox/system/processes.ts'), 'processesPart'),
  'busybox/archive': program(archive, 'archivePart'),
  'busybox/files': program(files, 'filesPart'),
  'busybox/network': program(network, 'networkPart'),
  'busybox/text': program(text, 'textPart'),
  'busybox/admin': program(() => import('../userland/busybox/admin/index.ts'), 'adminPart'),
  'busybox/calc': program(() => import('../userland/busybox/calc/index.ts'), 'calcPart'),
  'busybox/screen': program(() => import('../userland/busybox/screen/index.ts'), 'screenPart'),
  ...gnuParts,
  postgres: program(() => import('../userland/servers/postgres/server.ts'), 'postgres'),
  psql: program(() => import('../userland/servers/postgres/psql.ts'), 'psql'),
  pg_isready: program(() => import('../userland/servers/postgres/server.ts'), 'pgIsready'),
  nginx: server('nginx'),
  'redis-server': program(() => import('../userland/servers/redis/index.ts'), 'redisServer'),
  'redis-cli': program(() => import('../userland/servers/redis/index.ts'), 'redisCli'),
  hello: server('hello'),
  'docker/build': program(() => import('../cli/docker/build/index.ts'), 'dockerBuild'),
  'registry/own': program(() => import('../engine/ownregistry.ts'), 'ownRegistry'),
  'images/databases': program(() => import('../oci/catalogue/databases.ts'), 'databaseImages'),
  initdb: program(() => import('../userland/servers/postgres/initdb.ts'), 'initdb'),
  'su-exec': program(() => import('../userland/servers/suexec.ts'), 'suExec'),
  'images/applications': program(() => import('../oci/catalogue/applications.ts'), 'applicationImages'),
  'rabbitmq-server': program(() => import('../userland/servers/rabbitmq.ts'), 'rabbitmqServer'),
  'java/jenkins': program(() => import('../userland/servers/jenkins.ts'), 'jenkins'),
  'gnu/tar': program(() => import('../userland/servers/wordpress.ts'), 'gnuTar'),
  ServiceMonitor: program(() => import('../userland/servers/iis.ts'), 'serviceMonitor'),
  w3wp: program(() => import('../userland/servers/iis.ts'), 'w3wp'),
  'apache2-foreground': program(() => import('../userland/servers/wordpress.ts'), 'apache'),
  mysqld: program(() => import('../userland/servers/mysqld.ts'), 'mysqld'),
  mariadbd: program(() => import('../userland/servers/mysqld.ts'), 'mariadbd'),
  'images/debian': program(() => import('../oci/catalogue/debian.ts'), 'debianImages'),
  'images/windows': program(() => import('../oci/catalogue/windows.ts'), 'windowsImages'),
  'images/common': program(() => import('../oci/catalogue/common.ts'), 'commonImages'),
  'images/rare': program(() => import('../oci/catalogue/rare.ts'), 'rareImages'),
  'docker/images': program(() => import('../cli/docker/images/index.ts'), 'dockerImages'),
  'dockerd/rarespec': program(() => import('../engine/dockerd/rarespec.ts'), 'rareSpec'),
  'dockerd/volumes': program(() => import('../engine/dockerd/fill.ts'), 'volumeWork'),
  'dockerd/images': program(() => import('../engine/dockerd/imagework.ts'), 'imageRoutes'),
  'dockerd/build': program(() => import('../engine/dockerd/build.ts'), 'buildRoutes'),
  virsh: program(virtualisation, 'virsh'),
  'qemu-system-x86_64': program(virtualisation, 'qemu'),
  'containerd-shim-kata-v2': program(virtualisation, 'kataShim'),
  virtiofsd: program(virtualisation, 'virtiofsd'),
  'kata-agent': program(virtualisation, 'kataAgent'),
  'kata-runtime': program(kataTools, 'kataRuntime'),
  'kata-ctl': program(kataTools, 'kataCtl'),
  podman: program(() => import('../cli/podman/index.ts'), 'podman'),
  'podman/help': program(() => import('../cli/podman/help.ts'), 'podmanHelp'),
  buildah: program(() => import('../cli/buildah/index.ts'), 'buildah'),
  'buildah/help': program(() => import('../cli/buildah/help.ts'), 'buildahHelp'),
  skopeo: program(() => import('../cli/skopeo/index.ts'), 'skopeo'),
  'skopeo/help': program(() => import('../cli/skopeo/help.ts'), 'skopeoHelp'),
  compose: program(() => import('../cli/compose/index.ts'), 'compose'),
  'docker-compose': program(() => import('../cli/compose/index.ts'), 'dockerCompose'),
  'docker/more': program(() => import('../cli/docker/more/index.ts'), 'dockerMore'),
  'docker/known': program(() => import('../cli/docker/known/index.ts'), 'dockerKnown'),
  'docker/help': program(() => import('../cli/docker/help/index.ts'), 'dockerHelp'),
  crun: program(() => import('../runtime/crun.ts'), 'crun'),
  runsc: program(() => import('../runtime/runsc/index.ts'), 'runsc'),
  'containerd-shim-runsc-v1': program(() => import('../engine/shim.ts'), 'shim'),
  youki: program(() => import('../runtime/youki.ts'), 'youki'),
  'runc/rare': program(() => import('../runtime/rare.ts'), 'runcRare'),
  'runc/more': program(() => import('../runtime/more.ts'), 'runcMore'),
  'docker/templates': program(() => import('../cli/docker/help/templates.ts'), 'dockerTemplates'),
  'docker-init': program(() => import('../engine/init.ts'), 'dockerInit'),
  'containerd/cri': program(() => import('../engine/containerd/cri.ts'), 'criPlugin'),
  'cni/bridge': program(cni, 'bridge'),
  'cni/host-local': program(cni, 'hostLocal'),
  'cni/loopback': program(cni, 'loopback'),
  'cni/portmap': program(cni, 'portmap'),
  'cni/firewall': program(cni, 'firewall'),
  'images/kubernetes': program(() => import('../oci/catalogue/kubernetes.ts'), 'kubernetesImages'),
  pause: program(() => import('../userland/servers/pause.ts'), 'pause'),
  act: program(() => import('../cli/act/index.ts'), 'act'),
  npm: program(() => import('../userland/npm.ts'), 'npm'),
  crictl: program(() => import('../cli/crictl/index.ts'), 'crictl'),
  ctr: program(() => import('../cli/ctr/index.ts'), 'ctr'),
  nerdctl: program(() => import('../cli/nerdctl/index.ts'), 'nerdctl'),
  'shim/more': program(() => import('../engine/shimmore.ts'), 'shimMore'),
  'containerd/more': program(() => import('../engine/containerd/index.ts'), 'containerdMore'),
  'dockerd/more': program(() => import('../engine/dockerd/more/index.ts'), 'dockerdMore'),
}
