import type { Language, SceneWords } from '../scene/types.ts'

export type Way = 'runc' | 'gvisor' | 'kata' | 'vm'
/** A station on the way of a call: id, kind of box, tag, title, detail, and what goes on to the next. */
export type Station = readonly [
  id: string,
  kind: 'process' | 'daemon' | 'kernel' | 'hypervisor' | 'vm' | 'machine' | 'group',
  tag: string,
  title: string,
  detail: string,
  next?: string,
]
interface Words extends SceneWords {
  readonly answers: string
  readonly pidOnHost: (pid: string) => string
  readonly pidInside: (pids: string) => string
  readonly pidInGuest: (pid: string) => string
  readonly ways: Readonly<Record<Way, readonly Station[]>>
  /** Which station answers. */
  readonly answering: Readonly<Record<Way, string>>
}
const answering: Readonly<Record<Way, string>> = { runc: 'kernel', gvisor: 'sentry', kata: 'guest', vm: 'guest' }
export const words: Readonly<Record<Language, Words>> = {
  en: {
    name: 'Who answers a system call',
    caption: 'The same program opens the same file. Which kernel answers depends on what is around the program.',
    choices: { runc: 'runc', gvisor: 'gVisor', kata: 'Kata', vm: 'Virtual machine' },
    actions: { runc: 'Start one with runc', gvisor: 'Start one in gVisor', kata: 'Start one in Kata' },
    answers: 'answers',
    pidOnHost: (p) => `PID ${p} on the host`,
    pidInside: (p) => `PID ${p} in the sandbox`,
    pidInGuest: (p) => `PID ${p} in the guest`,
    answering,
    ways: {
      runc: [
        ['app', 'process', 'User space', 'Program in a container', 'a process of the host', 'openat("/etc/hosts")'],
        [
          'filter',
          'group',
          'In the kernel, first',
          'seccomp filter',
          'refuses calls that the profile doesn’t allow',
          'allowed',
        ],
        [
          'kernel',
          'kernel',
          'Kernel',
          'Host kernel',
          'looks at namespaces, capabilities and cgroup',
          'block device, network card',
        ],
        ['hardware', 'machine', 'Machine', 'Hardware', ''],
      ],
      gvisor: [
        [
          'app',
          'process',
          'User space',
          'Program in a sandbox',
          'its calls are caught (systrap or KVM platform)',
          'openat("/etc/hosts")',
        ],
        [
          'sentry',
          'kernel',
          'User space',
          'Sentry',
          'a kernel written in Go, itself a confined process: does most by itself',
          'a few permitted calls',
        ],
        [
          'filter',
          'group',
          'In the kernel, first',
          'seccomp filter',
          'lets only the Sentry’s few calls through',
          'allowed',
        ],
        ['kernel', 'kernel', 'Kernel', 'Host kernel', 'sees the Sentry, not the program', 'block device, network card'],
        ['hardware', 'machine', 'Machine', 'Hardware', ''],
      ],
      kata: [
        [
          'app',
          'process',
          'User space of the VM',
          'Program in a container',
          'in the pod’s virtual machine',
          'openat("/etc/hosts")',
        ],
        ['guest', 'kernel', 'Kernel', 'Guest kernel', 'shared by the containers of one pod', 'virtio, virtio-fs'],
        [
          'vmm',
          'daemon',
          'User space of the host',
          'Virtual machine monitor',
          'QEMU, Cloud Hypervisor, Firecracker or Dragonball',
          'system calls of the monitor',
        ],
        [
          'kernel',
          'kernel',
          'Kernel',
          'Host kernel with KVM',
          'sees the monitor, not the program',
          'block device, network card',
        ],
        ['hardware', 'machine', 'Machine', 'Hardware', 'the CPU helps to keep guests apart'],
      ],
      vm: [
        ['app', 'process', 'User space of the VM', 'Program', 'a process of the guest system', 'openat("/etc/hosts")'],
        [
          'guest',
          'kernel',
          'Kernel',
          'Guest kernel',
          'of whatever system was installed',
          'virtual disk, virtual network card',
        ],
        [
          'vmm',
          'hypervisor',
          'Hypervisor',
          'Xen, ESXi, Hyper-V or KVM',
          'gives each guest devices and its share of time',
          'block device, network card',
        ],
        ['hardware', 'machine', 'Machine', 'Hardware', 'the CPU helps to keep guests apart'],
      ],
    },
  },
  ja: {
    name: 'システムコールに応えるのは誰か',
    caption: '同じプログラムが同じファイルを開きます。どのカーネルが応えるかは、周りを何で囲んだかで変わります。',
    choices: { runc: 'runc', gvisor: 'gVisor', kata: 'Kata', vm: '仮想マシン' },
    actions: { runc: 'runcで起動', gvisor: 'gVisorで起動', kata: 'Kataで起動' },
    answers: '応える',
    pidOnHost: (p) => `ホストのPID ${p}`,
    pidInside: (p) => `サンドボックス内のPID ${p}`,
    pidInGuest: (p) => `ゲストのPID ${p}`,
    answering,
    ways: {
      runc: [
        ['app', 'process', 'ユーザー空間', 'コンテナ内のプログラム', 'ホストのプロセスの一つ', 'openat("/etc/hosts")'],
        ['filter', 'group', 'カーネルの入り口', 'seccompフィルター', 'プロファイルにない呼び出しを断る', '許可'],
        [
          'kernel',
          'kernel',
          'カーネル',
          'ホストのカーネル',
          '名前空間、ケーパビリティ、cgroupを確かめる',
          'ディスク、ネットワークカード',
        ],
        ['hardware', 'machine', 'マシン', 'ハードウェア', ''],
      ],
      gvisor: [
        [
          'app',
          'process',
          'ユーザー空間',
          'サンドボックス内のプログラム',
          '呼び出しは捕らえられる(systrapまたはKVM)',
          'openat("/etc/hosts")',
        ],
        [
          'sentry',
          'kernel',
          'ユーザー空間',
          'Sentry',
          'Goで書かれたカーネル。自身も制限されたプロセスで、大半を自分で片付ける',
          '許された少数の呼び出し',
        ],
        ['filter', 'group', 'カーネルの入り口', 'seccompフィルター', 'Sentryの少数の呼び出しだけを通す', '許可'],
        [
          'kernel',
          'kernel',
          'カーネル',
          'ホストのカーネル',
          '見えるのはSentryで、プログラムではない',
          'ディスク、ネットワークカード',
        ],
        ['hardware', 'machine', 'マシン', 'ハードウェア', ''],
      ],
      kata: [
        ['app', 'process', 'VMのユーザー空間', 'コンテナ内のプログラム', 'Podの仮想マシンの中', 'openat("/etc/hosts")'],
        ['guest', 'kernel', 'カーネル', 'ゲストのカーネル', '一つのPodのコンテナが共有する', 'virtio、virtio-fs'],
        [
          'vmm',
          'daemon',
          'ホストのユーザー空間',
          '仮想マシンモニター',
          'QEMU、Cloud Hypervisor、Firecracker、Dragonballなど',
          'モニターのシステムコール',
        ],
        [
          'kernel',
          'kernel',
          'カーネル',
          'ホストのカーネル(KVM)',
          '見えるのはモニターで、プログラムではない',
          'ディスク、ネットワークカード',
        ],
        ['hardware', 'machine', 'マシン', 'ハードウェア', 'CPUがゲストの隔離を助ける'],
      ],
      vm: [
        ['app', 'process', 'VMのユーザー空間', 'プログラム', 'ゲストOSのプロセス', 'openat("/etc/hosts")'],
        [
          'guest',
          'kernel',
          'カーネル',
          'ゲストのカーネル',
          '中に入れたOSのもの',
          '仮想ディスク、仮想ネットワークカード',
        ],
        [
          'vmm',
          'hypervisor',
          'ハイパーバイザー',
          'Xen、ESXi、Hyper-V、KVM',
          'ゲストに装置と時間を割り当てる',
          'ディスク、ネットワークカード',
        ],
        ['hardware', 'machine', 'マシン', 'ハードウェア', 'CPUがゲストの隔離を助ける'],
      ],
    },
  },
}
