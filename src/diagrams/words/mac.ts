import type { Language, SceneWords } from '../scene/types.ts'

interface Words extends SceneWords {
  readonly mac: string
  readonly macos: string
  readonly xnu: string
  readonly framework: string
  readonly frameworkDetail: string
  readonly boot: (time: string) => string
  readonly states: Readonly<Record<string, string>>
}
export const words: Readonly<Record<Language, Words>> = {
  en: {
    name: 'Containers on a Mac: two set-ups',
    caption: 'macOS has no Linux kernel to share. Either all containers stand on one Linux VM, or each brings its own.',
    choices: { desktop: 'Docker Desktop', apple: 'Apple container' },
    mac: 'Mac',
    macos: 'macOS',
    xnu: 'macOS kernel (XNU)',
    boot: (t) => `boot ${t}`,
    framework: 'Virtualization.framework',
    frameworkDetail: 'macOS’s own programming interface for VMs',
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
    boot: (t) => `起動 ${t}`,
    framework: 'Virtualization.framework',
    frameworkDetail: 'macOSが備えるVM用のプログラミングインターフェイス',
    states: {
      desktop: 'Linux VMは一つ。エンジンはその中にあり、クライアントはmacOSから話しかける。',
      apple: '2025年6月にオープンソース化。AppleシリコンとmacOS 26が対象。各VMではvminitdという小さなinitが動く。',
    },
  },
}
