import type { Language, SceneWords } from '../scene/types.ts'

interface Words extends SceneWords {
  readonly tags: Readonly<
    Record<'client' | 'high' | 'beside' | 'vm' | 'vmm' | 'shim' | 'low' | 'kernel' | 'container' | 'registry', string>
  >
  readonly details: Readonly<
    Record<
      | 'client'
      | 'dockerd'
      | 'containerd'
      | 'shim'
      | 'runc'
      | 'kernel'
      | 'seesMonitor'
      | 'seesSentry'
      | 'container'
      | 'registry'
      | 'kubelet'
      | 'crio'
      | 'podman'
      | 'conmon'
      | 'pasta'
      | 'qemu-system-x86_64'
      | 'virtiofsd'
      | 'crun'
      | 'youki'
      | 'runsc'
      | 'kata'
      | 'kataKernel'
      | 'sentry'
      | 'kataShim'
      | 'runscShim',
      string
    >
  >
  readonly gone: string
  readonly notNow: string
  readonly pids: (pids: string) => string
  readonly forkExec: string
  readonly syscalls: string
  readonly fewCalls: string
  readonly makes: string
  readonly namespaces: (kinds: string) => string
  readonly cgroup: (written: string) => string
  readonly sizes: (memory: string, boot: string) => string
  /** What goes from a machine to those who carry it, by their names. */
  readonly devices: Readonly<Record<string, string>>
  readonly noContainer: string
  readonly more: (n: number) => string
}
const engines = { docker: 'Docker', containerd: 'containerd', crio: 'CRI-O', podman: 'Podman' }
const runtimes = { runc: 'runc', crun: 'crun', youki: 'youki', runsc: 'gVisor (runsc)', kata: 'Kata' }
const choices = {
  docker: 'Docker',
  crun: 'Docker, crun',
  youki: 'Docker, youki',
  gvisor: 'gVisor',
  kata: 'Kata',
  containerd: 'containerd',
  'containerd-crun': 'containerd, crun',
  'containerd-gvisor': 'containerd, gVisor',
  'containerd-kata': 'containerd, Kata',
  crio: 'CRI-O',
  'crio-runc': 'CRI-O, runc',
  podman: 'Podman',
}
export const words: Readonly<Record<Language, Words>> = {
  en: {
    name: 'From the client to the kernel',
    caption:
      'A start travels down through a high-level runtime, a shim and a low-level runtime to the kernel. On the arrows stands what the last command sent; documents open below.',
    choices,
    axes: [
      { label: 'Engine', values: engines },
      { label: 'Low-level runtime', values: runtimes },
    ],
    actions: { run: 'Start a container', exec: 'Run a command in it', rm: 'Remove it' },
    tags: {
      client: 'Client',
      high: 'High-level runtime',
      beside: 'Beside it',
      vm: 'Virtual machine of its own',
      vmm: 'Carries the machine',
      shim: 'Shim',
      low: 'Low-level runtime',
      kernel: 'Kernel',
      container: 'Container',
      registry: 'Registry',
    },
    details: {
      client: 'Turns a command line into requests',
      dockerd: 'Engine API, images, networks, volumes',
      containerd: 'Unpacks layers, writes the bundle, starts the shim',
      shim: 'Stays: holds input and output, reports the exit',
      runc: 'Sets up namespaces, cgroup and root, then executes the program',
      kernel: 'Answers every system call from here on',
      seesMonitor: 'Sees QEMU, not the program in the machine',
      seesSentry: 'Sees the Sentry, not the program in the sandbox',
      container: 'The program of the image',
      registry: 'Hands out manifests and layers',
      kubelet: 'Asks by CRI, a gRPC interface',
      crio: 'A runtime made for the kubelet, nothing else',
      podman: 'No daemon: the command itself does the work',
      conmon: 'Stays: holds input and output, reports the exit',
      'qemu-system-x86_64': 'A process of the host: memory, processors and devices of the machine',
      virtiofsd: 'A process of the host: hands the image’s files into the machine',
      pasta: 'Carries packets in and out for a user who may not make interfaces on the host',
      crun: 'As runc, written in C',
      youki: 'As runc, written in Rust',
      runsc: 'Starts a Sentry instead of the bare program',
      kata: 'In the machine: does what runc does on the host, for the shim',
      kataKernel: 'The virtual machine’s own kernel answers',
      sentry: 'A kernel in user space answers; the host’s stays underneath',
      kataShim: 'Takes the low-level runtime’s place: speaks to the agent in the VM',
      runscShim: 'The shim that calls runsc',
    },
    gone: 'has done its work and ended',
    notNow: 'not running now',
    pids: (p) => `PID ${p}`,
    forkExec: 'fork, exec',
    syscalls: 'system calls',
    fewCalls: 'a few host calls',
    makes: 'namespaces, cgroup, mounts, execve',
    namespaces: (kinds) => `namespaces: ${kinds}`,
    cgroup: (written) => `cgroup: ${written}`,
    sizes: (m, b) => `memory ${m} · boot ${b}`,
    devices: { 'qemu-system-x86_64': 'virtio, KVM', virtiofsd: 'virtio-fs' },
    noContainer: 'No container is running',
    more: (n) => `and ${n} more`,
  },
  ja: {
    name: 'クライアントからカーネルまで',
    caption:
      '起動の依頼は、高レベルランタイム、シム、低レベルランタイムを経てカーネルに届きます。矢印の横は直前のコマンドで実際に送られたもの。文書は下で開けます。',
    choices,
    axes: [
      { label: 'エンジン', values: engines },
      { label: '低レベルランタイム', values: runtimes },
    ],
    actions: { run: 'コンテナを起動', exec: '中でコマンドを実行', rm: 'コンテナを削除' },
    tags: {
      client: 'クライアント',
      high: '高レベルランタイム',
      beside: 'そばで働くもの',
      vm: '専用の仮想マシン',
      vmm: '仮想マシンを受け持つ',
      shim: 'シム',
      low: '低レベルランタイム',
      kernel: 'カーネル',
      container: 'コンテナ',
      registry: 'レジストリ',
    },
    details: {
      client: 'コマンドの行を要求に変える',
      dockerd: 'Engine API、イメージ、ネットワーク、ボリューム',
      containerd: 'レイヤーを展開し、バンドルを書き、シムを起動する',
      shim: '残って入出力を預かり、終了を知らせる',
      runc: '名前空間・cgroup・ルートを整え、プログラムを実行する',
      kernel: 'この先のシステムコールすべてに応える',
      seesMonitor: '見えるのはQEMUで、マシンの中のプログラムではない',
      seesSentry: '見えるのはSentryで、サンドボックスの中のプログラムではない',
      container: 'イメージのプログラム',
      registry: 'マニフェストとレイヤーを渡す',
      kubelet: 'CRIというgRPCの窓口で頼む',
      crio: 'kubeletのためだけに作られたランタイム',
      podman: 'デーモンなし。コマンド自身が働く',
      conmon: '残って入出力を預かり、終了を知らせる',
      'qemu-system-x86_64': 'ホストのプロセス。マシンのメモリ、CPU、装置を受け持つ',
      virtiofsd: 'ホストのプロセス。イメージのファイルをマシンへ渡す',
      pasta: 'ホストにインターフェイスを作れない一般ユーザーのために、パケットを出し入れする',
      crun: 'runcと同じ役目。C言語製',
      youki: 'runcと同じ役目。Rust製',
      runsc: 'プログラムをそのままではなく、Sentryの下で起動する',
      kata: 'マシンの中で、ホストならruncがすることをシムの依頼で行う',
      kataKernel: '仮想マシン専用のカーネルが応える',
      sentry: 'ユーザー空間のカーネルが応える。ホストのカーネルはその下',
      kataShim: '低レベルランタイムの代わりに、VM内のエージェントと話す',
      runscShim: 'runscを呼ぶシム',
    },
    gone: '役目を終えて終了',
    notNow: '今は動いていない',
    pids: (p) => `PID ${p}`,
    forkExec: 'fork、exec',
    syscalls: 'システムコール',
    fewCalls: '少数のシステムコール',
    makes: '名前空間、cgroup、マウント、execve',
    namespaces: (kinds) => `名前空間: ${kinds}`,
    cgroup: (written) => `cgroup: ${written}`,
    sizes: (m, b) => `メモリ ${m} · 起動 ${b}`,
    devices: { 'qemu-system-x86_64': 'virtio、KVM', virtiofsd: 'virtio-fs' },
    noContainer: '動作中のコンテナはありません',
    more: (n) => `ほか${n}件`,
  },
}
