import type { Language, SceneWords } from '../scene/types.ts'

interface Words extends SceneWords {
  readonly tag: string
  readonly index: string
  readonly manifest: string
  readonly config: string
  readonly layer: (n: number) => string
  readonly platform: string
  readonly registry: string
  readonly registryDetail: string
  readonly chosen: string
  readonly notFetched: string
  readonly points: string
  readonly matches: (platform: string) => string
  readonly listed: (n: number) => string
  readonly none: string
  readonly indexDetail: string
  readonly configDetail: string
  readonly command: (text: string) => string
}
export const words: Readonly<Record<Language, Words>> = {
  en: {
    name: 'What a tag leads to',
    caption:
      'A pull follows digests: from the tag to an index, from there to the manifest for this machine’s platform, and to the configuration and layers that it lists.',
    actions: { nginx: 'Pull nginx', alpine: 'Pull alpine', arm: 'Pull for another CPU' },
    tag: 'Tag',
    index: 'Image index',
    manifest: 'Manifest',
    config: 'Configuration',
    layer: (n) => `Layer ${n}`,
    platform: 'Platform',
    registry: 'Registry',
    registryDetail: 'answers by the distribution API',
    chosen: 'taken: fits this engine',
    notFetched: 'not fetched',
    points: 'a movable name for',
    matches: (p) => `the entry for ${p}`,
    listed: (n) => `lists ${n} documents by digest`,
    none: 'No image has been pulled yet',
    indexDetail: 'one entry a platform',
    configDetail: 'what to run, environment, history',
    command: (t) => `runs ${t}`,
  },
  ja: {
    name: 'タグの指す先',
    caption:
      'pullはダイジェストをたどります。タグからインデックスへ、そこからこのマシンのプラットフォーム用のマニフェストへ、そして列挙された設定とレイヤーへ。',
    actions: { nginx: 'nginxをpull', alpine: 'alpineをpull', arm: '別のCPU用をpull' },
    tag: 'タグ',
    index: 'イメージインデックス',
    manifest: 'マニフェスト',
    config: '設定',
    layer: (n) => `レイヤー${n}`,
    platform: 'プラットフォーム',
    registry: 'レジストリ',
    registryDetail: 'distribution APIで応える',
    chosen: '採用: このエンジンに合う',
    notFetched: '取得しない',
    points: '付け替えのできる名前',
    matches: (p) => `${p}の項目`,
    listed: (n) => `${n}個の文書をダイジェストで列挙`,
    none: 'まだイメージを取得していません',
    indexDetail: 'プラットフォームごとに一項目',
    configDetail: '実行するもの、環境変数、履歴',
    command: (t) => `実行: ${t}`,
  },
}
