import type { Language, SceneWords } from '../scene/types.ts'

interface Words extends SceneWords {
  readonly machine: string
  readonly vm: string
  readonly container: string
  readonly kernel: string
  readonly hostKernel: string
  readonly guestKernel: string
  readonly hypervisor: string
  readonly hardware: string
  readonly noContainers: string
  readonly noGuests: string
  readonly app: string
  readonly processes: (names: string) => string
  readonly control: string
  readonly guest: string
  readonly memory: (amount: string) => string
  readonly boot: (time: string) => string
  readonly noBoot: string
  readonly booting: string
  readonly vmOf: (container: string) => string
  readonly asks: (kernel: string) => string
  readonly type1: string
  readonly type1Detail: string
  readonly type2: string
  readonly type2Detail: string
  readonly shared: string
  readonly sharedDetail: string
  readonly hostOs: string
  readonly process: string
  readonly rootPartition: string
  readonly libraries: string
  readonly runtime: string
  readonly runtimeDetail: string
}
export const words: Readonly<Record<Language, Words>> = {
  en: {
    name: 'Hypervisor and kernel sharing',
    caption:
      'Containers put their system calls to the host’s kernel; a virtual machine brings a kernel of its own. Bars of one kind have one scale, so that memory and boot times can be compared.',
    choices: { world: 'This server', type1: 'Type 1', type2: 'Type 2', compare: 'Three ways compared' },
    actions: { run: 'Start a container', rm: 'Remove it', boot: 'Boot a VM', stop: 'Stop the VM' },
    machine: 'Machine',
    vm: 'Virtual machine',
    container: 'Container',
    kernel: 'Kernel',
    hostKernel: 'Host kernel',
    guestKernel: 'Guest’s own kernel',
    hypervisor: 'Hypervisor',
    hardware: 'Hardware',
    noContainers: 'No container is running',
    noGuests: 'No virtual machine is running',
    app: 'App',
    processes: (names) => `processes: ${names}`,
    control: 'privileged guest: drivers, and control over the others',
    guest: 'Guest kernel',
    memory: (a) => `memory ${a}`,
    boot: (t) => `boot ${t}`,
    noBoot: 'boots nothing',
    booting: 'still booting',
    vmOf: (c) => `VM of ${c}`,
    asks: (k) => `asks: ${k}`,
    type1: 'Type 1 hypervisor',
    type1Detail: 'On the hardware itself. Each guest boots a kernel.',
    type2: 'Type 2 hypervisor',
    type2Detail: 'A program of a host system. Each guest boots a kernel.',
    shared: 'Shared kernel',
    sharedDetail: 'No guest kernel: every process asks the host’s.',
    hostOs: 'Host kernel',
    process: 'Process',
    rootPartition: 'Host system (root partition)',
    libraries: 'Bins/Libs',
    runtime: 'Container runtime',
    runtimeDetail: 'prepares and starts; system calls don’t pass through it',
  },
  ja: {
    name: 'ハイパーバイザーとカーネルの共有',
    caption:
      'コンテナのシステムコールにはホストのカーネルが応え、仮想マシンは自分のカーネルを持ち込みます。同じ種類の棒は同じ目盛りなので、メモリと起動時間を見比べられます。',
    choices: { world: 'このサーバー', type1: 'タイプ1', type2: 'タイプ2', compare: '三つの方式を比べる' },
    actions: { run: 'コンテナを起動', rm: 'コンテナを削除', boot: '仮想マシンを起動', stop: '仮想マシンを停止' },
    machine: 'マシン',
    vm: '仮想マシン',
    container: 'コンテナ',
    kernel: 'カーネル',
    hostKernel: 'ホストのカーネル',
    guestKernel: 'ゲスト専用のカーネル',
    hypervisor: 'ハイパーバイザー',
    hardware: 'ハードウェア',
    noContainers: '動作中のコンテナはありません',
    noGuests: '動作中の仮想マシンはありません',
    app: 'アプリ',
    processes: (names) => `プロセス: ${names}`,
    control: '特権をもつゲスト。ドライバーとほかのゲストの管理を受け持つ',
    guest: 'ゲストのカーネル',
    memory: (a) => `メモリ ${a}`,
    boot: (t) => `起動 ${t}`,
    noBoot: '起動するOSなし',
    booting: '起動中',
    vmOf: (c) => `${c}のVM`,
    asks: (k) => `呼び出し先: ${k}`,
    type1: 'タイプ1ハイパーバイザー',
    type1Detail: 'ハードウェアの上で直接動く。ゲストごとにカーネルが起動する。',
    type2: 'タイプ2ハイパーバイザー',
    type2Detail: 'ホストOS上のプログラム。ゲストごとにカーネルが起動する。',
    shared: 'カーネル共有',
    sharedDetail: 'ゲストのカーネルはなく、どのプロセスもホストのカーネルに頼む。',
    hostOs: 'ホストのカーネル',
    process: 'プロセス',
    rootPartition: 'ホストOS(ルートパーティション)',
    libraries: 'Bins/Libs',
    runtime: 'コンテナランタイム',
    runtimeDetail: '準備して起動する役。システムコールはここを通らない',
  },
}
