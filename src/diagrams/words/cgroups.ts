import type { Language, SceneWords } from '../scene/types.ts'

interface Words extends SceneWords {
  readonly tag: string
  readonly root: string
  readonly memory: (now: string, max: string | undefined) => string
  readonly pids: (now: number, max: number | undefined) => string
  readonly cpu: (used: string, max: number | undefined) => string
  readonly io: (read: string, written: string) => string
  readonly ioMax: (rate: string) => string
  readonly members: (n: number) => string
  readonly frozen: string
  readonly killed: (n: number) => string
  readonly refused: (n: number) => string
  readonly throttled: (n: number) => string
  readonly of: (name: string) => string
}
export const words: Readonly<Record<Language, Words>> = {
  en: {
    name: 'The cgroup tree, with its gauges',
    caption:
      'Cgroups limit what processes may use. Every process is in exactly one; a limit holds for the group and all below it, and a bar shows use against the nearest limit.',
    actions: {
      run: 'Start one with limits',
      hog: 'Take more memory than allowed',
      burn: 'Calculate for two seconds',
      pause: 'Freeze it',
      rm: 'Remove it',
    },
    tag: 'cgroup',
    root: 'Root of the tree',
    memory: (now, max) => (max === undefined ? `memory ${now}, no limit` : `memory ${now} of ${max}`),
    pids: (now, max) =>
      max === undefined ? `${now} ${now === 1 ? 'process' : 'processes'}, no limit` : `${now} of ${max} processes`,
    cpu: (used, max) =>
      max === undefined ? `CPU used ${used}, no limit` : `CPU used ${used}, at most ${max} processors`,
    io: (read, written) => `read ${read}, written ${written}`,
    ioMax: (rate) => `at most ${rate} of disk`,
    members: (n) => `${n} directly in it`,
    frozen: 'frozen',
    killed: (n) => `killed for memory: ${n}`,
    refused: (n) => `forks refused: ${n}`,
    throttled: (n) => `throttled ${n} ${n === 1 ? 'time' : 'times'}`,
    of: (name) => `container ${name}`,
  },
  ja: {
    name: 'cgroupの木と計器',
    caption:
      'cgroupは、プロセスが使える量を限ります。どのプロセスも必ず一つのcgroupに属し、上限はその下のすべてに効きます。棒は最も近い上限に対する使用量です。',
    actions: {
      run: '上限つきで起動',
      hog: '上限を超えてメモリを使う',
      burn: '2秒間、計算し続ける',
      pause: '凍結する',
      rm: '削除',
    },
    tag: 'cgroup',
    root: '木の根',
    memory: (now, max) => (max === undefined ? `メモリ ${now}、上限なし` : `メモリ ${now} / 上限${max}`),
    pids: (now, max) => (max === undefined ? `プロセス ${now}個、上限なし` : `プロセス ${now}個 / 上限${max}個`),
    cpu: (used, max) => (max === undefined ? `CPU使用 ${used}、上限なし` : `CPU使用 ${used}、最大${max}個分`),
    io: (read, written) => `ディスク 読み${read}、書き${written}`,
    ioMax: (rate) => `ディスク 最大${rate}`,
    members: (n) => `直接の所属 ${n}個`,
    frozen: '凍結中',
    killed: (n) => `メモリ不足で終了させた数 ${n}`,
    refused: (n) => `拒まれたfork ${n}回`,
    throttled: (n) => `上限でCPUを待たされた回数 ${n}`,
    of: (name) => `コンテナ${name}`,
  },
}
