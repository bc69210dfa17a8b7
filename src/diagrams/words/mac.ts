import type { Language, SceneWords } from '../scene/types.ts'

interface Words extends SceneWords {
  readonly mac: string
  readonly macos: string
  readonly xnu: string
  readonly linuxKernel: string
  readonly framework: string
  readonly frameworkDetail: string
  readonly engine: string
  readonly container: string
  readonly vm: string
  readonly client: string
  readonly linuxContainer: (n: number) => string
  readonly shares: (whom: string) => string
  readonly withOthers: string
  readonly alone: string
  readonly states: Readonly<Record<string, string>>
  readonly oneVm: string
  readonly ownVm: string
}
export const words: Readonly<Record<Language, Words>> = {
  en: {
    name: 'Containers on a Mac: two set-ups',
    caption: 'macOS has no Linux kernel to share. Either all containers stand on one Linux VM, or each brings its own.',
    choices: { desktop: 'Docker Desktop', apple: 'Apple container' },
    mac: 'Mac',
    macos: 'macOS',
    xnu: 'macOS kernel (XNU)',
    linuxKernel: 'Linux kernel',
    framework: 'Virtualization.framework',
    frameworkDetail: 'macOS’s own programming interface for VMs',
    engine: 'Engine',
    container: 'Container',
    vm: 'Virtual machine',
    client: 'Client',
    linuxContainer: (n) => `Linux container ${n}`,
    shares: (whom) => `kernel shared with ${whom}`,
    withOthers: 'all containers in the VM',
    alone: 'nobody',
    oneVm: 'one for all containers',
    ownVm: 'one for each container, with an address of its own',
    states: {
      desktop: 'One Linux VM, the engine in it. The client speaks to it from macOS.',
      apple: 'Open source since June 2025; Apple silicon and macOS 26. A minimal init, vminitd, runs in each VM.',
    },
  },
  ja: {
    name: 'Mac上のコンテナ: 二つの構成',
    caption:
      'macOSには共有できるLinuxカーネルがありません。全コンテナが一つのLinux VMの上に立つか、コンテナごとにVMを持つかのどちらかです。',
    choices: { desktop: 'Docker Desktop', apple: 'Appleのcontainer' },
    mac: 'Mac',
    macos: 'macOS',
    xnu: 'macOSのカーネル(XNU)',
    linuxKernel: 'Linuxカーネル',
    framework: 'Virtualization.framework',
    frameworkDetail: 'macOSが備えるVM用のプログラミングインターフェイス',
    engine: 'エンジン',
    container: 'コンテナ',
    vm: '仮想マシン',
    client: 'クライアント',
    linuxContainer: (n) => `Linuxコンテナ${n}`,
    shares: (whom) => `カーネルを共有する相手: ${whom}`,
    withOthers: 'VM内のすべてのコンテナ',
    alone: 'なし',
    oneVm: '全コンテナに一つ',
    ownVm: 'コンテナごとに一つ。アドレスも別々',
    states: {
      desktop: 'Linux VMは一つ。エンジンはその中にあり、クライアントはmacOSから話しかける。',
      apple: '2025年6月にオープンソース化。AppleシリコンとmacOS 26が対象。各VMではvminitdという小さなinitが動く。',
    },
  },
}
