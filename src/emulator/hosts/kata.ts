/** Kata Containers on a host's disk: what kata-static 4.1.0 unpacks into /opt/kata, as far as it is used; the code comes with the first container. */
import { utf8 } from '../base/bytes.ts'
import type { Disk } from './root.ts'

const PREFIX = '/opt/kata'
const SHARE = `${PREFIX}/share/kata-containers`
const DEFAULTS = `${PREFIX}/share/defaults/kata-containers/runtime-rs`
/** The settings that are emulated, with the values of the release's configuration-qemu-runtime-rs.toml. */
const configuration = `[hypervisor.qemu]
path = "${PREFIX}/bin/qemu-system-x86_64"
kernel = "${SHARE}/vmlinux.container"
image = "${SHARE}/kata-containers.img"
machine_type = "q35"
kernel_params = "cgroup_no_v1=all systemd.unified_cgroup_hierarchy=1"
cpu_features = "pmu=off"
# vCPUs and MiB of a machine whose containers have no limits
default_vcpus = 1
default_memory = 2048
# added to limits where there are any
overhead_vcpus = 0.2
overhead_memory = 32
memory_slots = 10
shared_fs = "virtio-fs"
virtio_fs_daemon = "${PREFIX}/libexec/virtiofsd"
virtio_fs_cache = "auto"
virtio_fs_extra_args = ["--thread-pool-size=1", "-o", "announce_submounts"]
block_device_driver = "virtio-scsi"
entropy_source = "/dev/urandom"

[agent.kata]
reconnect_timeout_ms = 10000

[runtime]
name = "virt_container"
hypervisor_name = "qemu"
agent_name = "kata"
internetworking_model = "tcfilter"
disable_guest_seccomp = true
sandbox_cgroup_only = true
static_sandbox_resource_mgmt = true
`
/** Its bytes, which nobody reads before the first sandbox. */
const SIZE = 990
/** @restartable It makes the same bytes whenever it is asked. */
function configurationBytes(): Uint8Array {
  return utf8(configuration)
}
/** The shim that containerd starts; Docker is told of it by its path. */
export const KATA_SHIM = `${PREFIX}/runtime-rs/bin/containerd-shim-kata-v2`

export function installKata(disk: Disk): void {
  for (const [path, program, size] of [
    [KATA_SHIM, 'containerd-shim-kata-v2', 61_000_000],
    [`${PREFIX}/bin/qemu-system-x86_64`, 'qemu-system-x86_64', 24_000_000],
    [`${PREFIX}/libexec/virtiofsd`, 'virtiofsd', 5_900_000],
    [`${PREFIX}/bin/kata-runtime`, 'kata-runtime', 47_000_000],
    [`${PREFIX}/bin/kata-ctl`, 'kata-ctl', 19_000_000],
  ] as const)
    disk.program(path, program, size)
  disk.file(`${PREFIX}/VERSION`, '4.1.0\n')
  disk.file(`${DEFAULTS}/configuration-qemu-runtime-rs.toml`, '').fillLater(SIZE, configurationBytes)
  disk.link(`${DEFAULTS}/configuration.toml`, 'configuration-qemu-runtime-rs.toml')
  disk.link(`${SHARE}/vmlinux.container`, 'vmlinux-6.18.35-200')
  disk.link(`${SHARE}/kata-containers.img`, 'kata-ubuntu-resolute.image')
  for (const file of ['vmlinux-6.18.35-200', 'kata-ubuntu-resolute.image']) disk.file(`${SHARE}/${file}`, '')
  for (const path of [KATA_SHIM, `${PREFIX}/bin/kata-runtime`, `${PREFIX}/bin/kata-ctl`])
    disk.link(`/usr/local/bin/${path.slice(path.lastIndexOf('/') + 1)}`, path)
}
