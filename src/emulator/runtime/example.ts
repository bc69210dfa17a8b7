/** The bundle configuration that `runc spec` writes; crun and youki write the same but for the names. */
import { maskedPaths, readonlyPaths, type Spec, type SpecMount } from '../oci/runtimespec.ts'

const mounts: readonly SpecMount[] = [
  { destination: '/proc', type: 'proc', source: 'proc' },
  {
    destination: '/dev',
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
  },
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  },
  {
    destination: '/dev/shm',
    type: 'tmpfs',
    source: 'shm',
    options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'],
  },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
  {
    destination: '/sys/fs/cgroup',
    type: 'cgroup',
    source: 'cgroup',
    options: ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'],
  },
]

/** config.json as `spec` writes it for a runtime. */
export function exampleSpec(runtime: string, ociVersion = '1.3.0'): Spec {
  const caps = ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE']
  return {
    ociVersion,
    process: {
      terminal: true,
      user: { uid: 0, gid: 0 },
      args: ['sh'],
      env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'TERM=xterm'],
      cwd: '/',
      capabilities: { bounding: caps, effective: caps, permitted: caps },
      rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
      noNewPrivileges: true,
    },
    root: { path: 'rootfs', readonly: true },
    hostname: runtime,
    mounts,
    linux: {
      resources: { devices: [{ allow: false, access: 'rwm' }] },
      namespaces: ['pid', 'network', 'ipc', 'uts', 'mount', 'cgroup'].map((type) => ({ type })),
      maskedPaths,
      readonlyPaths,
    },
  }
}
/** The same for a user who isn't root: a user namespace, the host's network, and no limits (libcontainer/specconv ToRootless). */
export function rootlessSpec(spec: Spec, uid: number, gid: number): Spec {
  const { resources: _, ...linux } = spec.linux
  return {
    ...spec,
    mounts: spec.mounts
      .filter((m) => m.destination !== '/sys/fs/cgroup')
      .map((m) =>
        m.destination === '/sys'
          ? {
              destination: '/sys',
              type: 'none',
              source: '/sys',
              options: ['rbind', 'nosuid', 'noexec', 'nodev', 'ro'],
            }
          : { ...m, ...(m.options ? { options: m.options.filter((o) => !/^[ug]id=/.test(o)) } : {}) },
      ),
    linux: {
      uidMappings: [{ containerID: 0, hostID: uid, size: 1 }],
      gidMappings: [{ containerID: 0, hostID: gid, size: 1 }],
      ...linux,
      namespaces: [...linux.namespaces.filter((n) => n.type !== 'network'), { type: 'user' }],
    },
  }
}
