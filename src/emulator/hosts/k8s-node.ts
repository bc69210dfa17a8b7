/**
 * `k8s-node`: a node of a cluster with two runtimes to choose from, containerd with its CRI plugin and CRI-O. No kubelet runs: the reader
 * plays it with crictl.
 */

import { conmon } from '../engine/conmon.ts'
import { crio } from '../engine/crio/index.ts'
import type { Machine, World } from '../machine/world.ts'
import { cni, debian, KERNEL_RELEASE, KERNEL_VERSION } from './debian.ts'
import type { Host } from './host.ts'
import { delegateControl, mountBasics, reapForEver, service } from './init.ts'
import { installKata, KATA_SHIM } from './kata.ts'
import { linuxShell } from './linux-shell.ts'
import { internet, up } from './network.ts'
import { Disk } from './root.ts'
import { offerKvm, offerSandboxes } from './sandboxes.ts'

const GiB = 1024 ** 3
/** What readers run: as the kubelet would ask for it, each container with processes of its own (`pid: 1`). */
const podFile = `{
  "metadata": {
    "name": "web",
    "namespace": "default",
    "uid": "6d2a1e1c-web",
    "attempt": 0
  },
  "hostname": "web",
  "log_directory": "/var/log/pods/default_web_6d2a1e1c-web",
  "labels": {
    "app": "web",
    "io.kubernetes.pod.name": "web",
    "io.kubernetes.pod.namespace": "default"
  },
  "linux": {
    "cgroup_parent": "/kubepods/besteffort/pod6d2a1e1c-web",
    "security_context": {
      "namespace_options": {
        "pid": 1
      }
    }
  }
}
`
const containerFile = (name: string, image: string, command: string): string => `{
  "metadata": {
    "name": "${name}"
  },
  "image": {
    "image": "${image}"
  },${command}
  "log_path": "${name}/0.log",
  "labels": {
    "io.kubernetes.container.name": "${name}",
    "io.kubernetes.pod.name": "web",
    "io.kubernetes.pod.namespace": "default"
  },
  "linux": {
    "security_context": {
      "namespace_options": {
        "pid": 1
      }
    }
  }
}
`
const network = (name: string, bridge: string, subnet: string): string => `{
  "cniVersion": "1.0.0",
  "name": "${name}",
  "plugins": [
    {
      "type": "bridge",
      "bridge": "${bridge}",
      "isGateway": true,
      "ipMasq": true,
      "promiscMode": true,
      "ipam": {
        "type": "host-local",
        "ranges": [[{ "subnet": "${subnet}" }]],
        "routes": [{ "dst": "0.0.0.0/0" }]
      }
    },
    {
      "type": "portmap",
      "capabilities": { "portMappings": true }
    }
  ]
}
`
const containerdConf = `version = 3

[plugins.'io.containerd.cri.v1.runtime'.containerd]
  default_runtime_name = 'runc'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = 'io.containerd.runc.v2'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.crun]
  runtime_type = 'io.containerd.runc.v2'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.crun.options]
  BinaryName = '/usr/bin/crun'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.kata]
  runtime_type = 'io.containerd.kata.v2'
  runtime_path = '${KATA_SHIM}'
  privileged_without_host_devices = true

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runsc]
  runtime_type = 'io.containerd.runsc.v1'
`
const crioConf = `[crio.image]
pause_image = "registry.k8s.io/pause:3.10.1"

[crio.network]
cni_default_network = "crio"

[crio.runtime]
default_runtime = "crun"
drop_infra_ctr = true
`
function boot(world: World): Machine {
  internet(world, ['registry.k8s.io'])
  const machine = world.addMachine({ name: 'k8s-node', arch: 'amd64', cpus: 4, memory: 8 * GiB, hypervisor: 'kvm' })
  const began = world.clock.now
  world.clock.now += 9_400_000_000
  const kernel = world.startKernel(machine, {
    hostname: 'node1',
    release: KERNEL_RELEASE,
    version: KERNEL_VERSION,
    cmdline: 'BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1 ro quiet',
  })
  machine.bootTime = world.clock.now - began
  const disk = new Disk(kernel, 40 * GiB)
  debian(disk, 'node1')
  for (const [path, name, size] of [
    ['/usr/bin/containerd', 'containerd', 44_000_000],
    ['/usr/bin/containerd-shim-runc-v2', 'containerd-shim-runc-v2', 8_600_000],
    ['/usr/bin/ctr', 'ctr', 23_000_000],
    ['/usr/bin/runc', 'runc', 11_900_000],
    ['/usr/bin/crun', 'crun', 510_000],
    ['/usr/bin/runsc', 'runsc', 70_000_000],
    ['/usr/bin/containerd-shim-runsc-v1', 'containerd-shim-runsc-v1', 31_000_000],
    ['/usr/bin/crio', 'crio', 52_000_000],
    ['/usr/bin/conmon', 'conmon', 170_000],
    ['/usr/local/bin/crictl', 'crictl', 40_000_000],
    ...cni,
  ] as const)
    disk.program(path, name, size)
  installKata(disk)
  disk.file('/etc/cni/net.d/10-containerd-net.conflist', network('containerd-net', 'cni0', '10.88.0.0/16'))
  disk.file('/etc/cni/net.d/11-crio-ipv4-bridge.conflist', network('crio', 'crio0', '10.85.0.0/16'))
  disk.file('/etc/containerd/config.toml', containerdConf)
  disk.file('/etc/crio/crio.conf.d/10-crio.conf', crioConf)
  disk.file(
    '/etc/crictl.yaml',
    'runtime-endpoint: unix:///run/containerd/containerd.sock\nimage-endpoint: unix:///run/containerd/containerd.sock\ntimeout: 10s\ndebug: false\n',
  )
  disk.file('/root/pod.json', podFile)
  disk.file('/root/nginx.json', containerFile('nginx', 'docker.io/library/nginx:1.25.3-alpine', ''))
  disk.file(
    '/root/shell.json',
    containerFile('shell', 'docker.io/library/alpine:3.22', '\n  "command": ["sleep", "3600"],'),
  )
  kernel.mountRoot(disk.fs, '/dev/sda1')
  up(kernel, ['10.0.0.5'], world, '10.0.0.1')
  kernel.startInit(function* (sys) {
    yield* mountBasics(sys)
    yield* delegateControl(sys)
    yield* service(sys, '/usr/bin/containerd', ['/usr/bin/containerd'])
    yield* service(sys, '/usr/bin/crio', ['/usr/bin/crio'])
    return yield* reapForEver(sys)
  }, 'systemd')
  const init = kernel.initial.pid.init
  if (init) init.argv = ['/sbin/init']
  offerKvm(world, machine, kernel)
  offerSandboxes(world, machine, kernel)
  return machine
}

export const k8sNode: Host = {
  name: 'k8s-node',
  shell: linuxShell,
  programs: { crio, conmon },
  boot,
  ready: (machine) =>
    ['/run/containerd/containerd.sock', '/run/crio/crio.sock'].every((path) =>
      [...(machine.kernel?.initial.net.sockets ?? [])].some((s) => s.path === path && s.state === 'listening'),
    ),
  // The images that every example starts from are there, as on a node that has run pods before.
  prepare: 'crictl pull registry.k8s.io/pause:3.10.1 && crictl pull docker.io/library/alpine:3.22',
}
