import type { Language, SceneWords } from '../scene/types.ts'

export type FigureId =
  | 'fork'
  | 'lightvm'
  | 'crun'
  | 'youki'
  | 'firecracker'
  | 'runc'
  | 'runsc'
  | 'dockerRun'
  | 'runcMemory'
  | 'firecrackerMemory'
  | 'runscMemory'
interface Words extends SceneWords {
  /** Title, and what exactly was measured. */
  readonly figures: Readonly<Record<FigureId, readonly [title: string, detail: string]>>
  /** How many of one kind take up a GiB together. */
  readonly density: (n: number) => string
  readonly atMost: (value: string) => string
  readonly about: (value: string) => string
  readonly kinds: Readonly<Record<'process' | 'container' | 'vm', string>>
  readonly scale: (low: string, high: string) => string
}
export const words: Readonly<Record<Language, Words>> = {
  en: {
    name: 'Start and memory, measured',
    caption:
      'Figures of different years and machines on a logarithmic scale: each step to the right is ten times as much. Orders of magnitude, not a race.',
    choices: { time: 'Time to start', memory: 'Memory and density' },
    figures: {
      fork: ['fork and exec of a process', 'beside LightVM’s figure (2017)'],
      lightvm: ['LightVM: boot of a minimal guest', 'research, SOSP 2017'],
      crun: ['crun 1.15: create to delete', 'youki’s benchmark, May 2024'],
      youki: ['youki 0.3.3: create to delete', 'the same benchmark'],
      firecracker: ['Firecracker: to the guest’s /sbin/init', 'a promise kept by tests, small guest'],
      runc: ['runc 1.1.7: create to delete', 'the same benchmark as crun'],
      runsc: ['docker run with runsc (gVisor)', 'whole command, data since 2020, ptrace platform'],
      dockerRun: ['docker run with runc', 'whole command, data since 2020; most of it is Docker’s own'],
      runcMemory: ['Empty container, runc', 'gVisor’s measurement, data since 2020'],
      firecrackerMemory: ['Firecracker’s monitor for one VM', '1 CPU, 128 MiB; the guest’s memory not counted'],
      runscMemory: ['Empty container, runsc (gVisor)', 'the same measurement as runc'],
    },
    density: (n) => `about ${n} of them take up 1\u00a0GiB`,
    atMost: (v) => `at most ${v}`,
    about: (v) => `about ${v}`,
    kinds: { process: 'Process', container: 'Container', vm: 'Virtual machine' },
    scale: (low, high) => `Scale from ${low} to ${high}, logarithmic`,
  },
  ja: {
    name: '起動時間とメモリの実測',
    caption: '年も機械も異なる数字を対数目盛りで並べました。一目盛り右は10倍。速さ比べではなく、桁を見るための図です。',
    choices: { time: '起動にかかる時間', memory: 'メモリと密度' },
    figures: {
      fork: ['プロセスのforkとexec', 'LightVMの論文の比較値(2017年)'],
      lightvm: ['LightVM: 最小ゲストの起動', '研究、SOSP 2017'],
      crun: ['crun 1.15: 作成から削除まで', 'youkiのベンチマーク、2024年5月'],
      youki: ['youki 0.3.3: 作成から削除まで', '同じベンチマーク'],
      firecracker: ['Firecracker: ゲストの/sbin/initまで', '試験で守られる約束の値、小さなゲスト'],
      runc: ['runc 1.1.7: 作成から削除まで', 'crunと同じベンチマーク'],
      runsc: ['docker run、runsc(gVisor)', 'コマンド全体。2020年からの値、ptrace方式'],
      dockerRun: ['docker run、runc', 'コマンド全体。2020年からの値。大半はDocker自身の時間'],
      runcMemory: ['空のコンテナ、runc', 'gVisorの計測、2020年からの値'],
      firecrackerMemory: ['Firecrackerのモニター、VM一つ', '1 CPU、128 MiB。ゲストのメモリは含まない'],
      runscMemory: ['空のコンテナ、runsc(gVisor)', 'runcと同じ計測'],
    },
    density: (n) => `約${n}個で1\u00a0GiBになる`,
    atMost: (v) => `最大 ${v}`,
    about: (v) => `約 ${v}`,
    kinds: { process: 'プロセス', container: 'コンテナ', vm: '仮想マシン' },
    scale: (low, high) => `${low}から${high}までの対数目盛り`,
  },
}
