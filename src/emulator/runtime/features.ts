/** `runc features`: what the runtime can do, runtime-spec features.md. */
import { capabilityNames } from '../kernel/linux/capabilities.ts'

const words = (text: string): string[] => text.split(' ')

export const features = {
  ociVersionMin: '1.0.0',
  ociVersionMax: '1.3.0',
  hooks: words('prestart createRuntime createContainer startContainer poststart poststop'),
  mountOptions: words(
    'atime bind defaults dev diratime exec noatime nodev nodiratime noexec norelatime nosuid private rbind relatime ro rprivate rro rshared rslave runbindable rw shared silent slave strictatime suid unbindable',
  ),
  linux: {
    namespaces: words('cgroup ipc mount network pid time user uts'),
    capabilities: capabilityNames.map((n) => `CAP_${n}`),
    cgroup: { v1: false, v2: true, systemd: true, systemdUser: false, rdma: false },
    seccomp: {
      enabled: true,
      actions: words(
        'SCMP_ACT_ALLOW SCMP_ACT_ERRNO SCMP_ACT_KILL SCMP_ACT_KILL_PROCESS SCMP_ACT_KILL_THREAD SCMP_ACT_LOG SCMP_ACT_NOTIFY SCMP_ACT_TRACE SCMP_ACT_TRAP',
      ),
      operators: words('SCMP_CMP_EQ SCMP_CMP_GE SCMP_CMP_GT SCMP_CMP_LE SCMP_CMP_LT SCMP_CMP_MASKED_EQ SCMP_CMP_NE'),
      archs: words('SCMP_ARCH_AARCH64 SCMP_ARCH_ARM SCMP_ARCH_X32 SCMP_ARCH_X86 SCMP_ARCH_X86_64'),
    },
    apparmor: { enabled: false },
    selinux: { enabled: false },
    intelRdt: { enabled: false },
    mountExtensions: { idmap: { enabled: false } },
  },
  annotations: {
    'io.github.seccomp.libseccomp.version': '2.6.0',
    'org.opencontainers.runc.checkpoint.enabled': 'false',
    'org.opencontainers.runc.commit': 'v1.4.3-0-g1e5d8a6',
    'org.opencontainers.runc.version': '1.4.3',
  },
}
