import type { Language, SceneWords } from '../scene/types.ts'

interface Words extends SceneWords {
  readonly pc: string
  readonly windows: string
  readonly windowsKernel: string
  readonly hypervisor: string
  readonly hypervisorDetail: string
  readonly hypervisorIdle: string
  readonly boot: (time: string) => string
  readonly states: Readonly<Record<string, string>>
}
const choices = {
  moby: 'Moby VM',
  lcow: 'LCOW',
  wsl2: 'WSL 2',
  wslc: 'wslc',
}
export const words: Readonly<Record<Language, Words>> = {
  en: {
    name: 'Containers on Windows: six set-ups',
    caption: 'Switch between the set-ups and watch which kernel a container stands on, and who shares it.',
    choices: { ...choices, process: 'Process isolation', hyperv: 'Hyper-V isolation' },
    actions: { run: 'Start a container', more: 'Start another', rm: 'Remove the first' },
    pc: 'Windows machine',
    windows: 'Windows (root partition)',
    windowsKernel: 'Windows kernel',
    hypervisor: 'Hyper-V hypervisor',
    hypervisorDetail: 'below them all: Windows itself runs in a partition beside the VMs',
    hypervisorIdle: 'not needed for these containers',
    boot: (t) => `boot ${t}`,
    states: {
      moby: 'The Hyper-V backend of Docker Desktop. The daemon runs in the VM, the client on Windows.',
      lcow: 'Offered as an experiment from 2017, removed in Docker 23.0 (January 2023); hcsshim keeps the idea under containerd. Windows manages the containers; each VM boots a small LinuxKit system, under 100 MB, from C:\\Program Files\\Linux Containers, and reaches bind-mounted folders by 9p.',
      wsl2: 'The default of Docker Desktop. WSL says itself that it is no security sandbox.',
      wslc: 'WSL containers, since 29 September 2026 (WSL 3.0.1): one VM a session, with an engine in it.',
      process: 'The default on Windows Server. No robust boundary against hostile tenants, says Microsoft.',
      hyperv: 'The default on Windows 10 and 11: the same images, each container in a VM of its own.',
    },
  },
  ja: {
    name: 'Windows上のコンテナ: 六つの構成',
    caption: '構成を切り替えて、コンテナがどのカーネルの上に立ち、それを誰と共有するかを見てください。',
    choices: { ...choices, process: 'プロセス分離', hyperv: 'Hyper-V分離' },
    actions: { run: 'コンテナを起動', more: 'もう一つ起動', rm: '最初のものを削除' },
    pc: 'Windowsマシン',
    windows: 'Windows(ルートパーティション)',
    windowsKernel: 'Windowsカーネル',
    hypervisor: 'Hyper-Vハイパーバイザー',
    hypervisorDetail: 'すべての下にあり、WindowsもVMと並ぶ区画(パーティション)の中で動く',
    hypervisorIdle: 'このコンテナには不要',
    boot: (t) => `起動 ${t}`,
    states: {
      moby: 'Docker DesktopのHyper-Vバックエンド。デーモンはVMの中、クライアントはWindows上で動く。',
      lcow: '2017年から実験機能として提供され、Docker 23.0(2023年1月)で削除。考え方はcontainerd用のhcsshimに残る。コンテナの管理はWindows側。各VMはC:\\Program Files\\Linux Containersにある100 MB未満の小さなLinuxKitから起動し、バインドマウントしたフォルダーには9pで届く。',
      wsl2: 'Docker Desktopの既定。セキュリティのための箱ではないと、WSL自身が明記している。',
      wslc: 'WSLコンテナ。2026年9月29日(WSL 3.0.1)から。セッションごとに一つのVMがあり、エンジンはその中。',
      process: 'Windows Serverの既定。敵対する利用者への堅固な境界ではないとMicrosoftはいう。',
      hyperv: 'Windows 10と11の既定。同じイメージを、コンテナごとのVMで動かす。',
    },
  },
}
