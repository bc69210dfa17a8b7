import type { Language, SceneWords } from '../scene/types.ts'

interface Words extends SceneWords {
  readonly engine: string
  readonly pulls: string
  readonly pushes: string
  readonly sent: string
  readonly sentAfter: string
  readonly sentLast: string
  readonly unnamed: string
  readonly blob: string
  readonly blobs: Readonly<Record<'fetched' | 'sent' | 'there', string>>
  readonly nonePushed: string
  readonly more: (n: number) => string
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
      'A pull follows digests: from the tag to an index, from there to the manifest for this machine’s platform, and to the configuration and layers that it lists. A push goes the other way: first the blobs that the registry lacks, then the documents that name them, the tag last.',
    choices: { pull: 'Pull', push: 'Push' },
    actions: {
      nginx: 'Pull nginx',
      alpine: 'Pull alpine',
      arm: 'Pull for another CPU',
      registry: 'Start a registry',
      push: 'Push alpine to it',
    },
    engine: 'Engine',
    pulls: 'asks for each document by tag or digest',
    pushes: 'asks what is there already, and sends the rest',
    sent: 'sent',
    sentAfter: 'sent when all of them were there',
    sentLast: 'given last',
    unnamed: 'under its tag',
    blob: 'Blob',
    blobs: { fetched: 'fetched', sent: 'sent', there: 'was there already' },
    nonePushed: 'No image has been pushed yet',
    more: (n) => `and ${n} more`,
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
      'pullはダイジェストをたどります。タグからインデックスへ、そこからこのマシンのプラットフォーム用のマニフェストへ、そして列挙された設定とレイヤーへ。pushは逆の順です。レジストリにないブロブを先に送り、次にそれらを列挙する文書、最後にタグを付けます。',
    choices: { pull: 'pull', push: 'push' },
    actions: {
      nginx: 'nginxをpull',
      alpine: 'alpineをpull',
      arm: '別のCPU用をpull',
      registry: 'レジストリを起動',
      push: 'そこへalpineをpush',
    },
    engine: 'エンジン',
    pulls: '文書をタグかダイジェストで一つずつ求める',
    pushes: 'すでにあるものを尋ね、残りを送る',
    sent: '送信',
    sentAfter: 'それらがそろってから送る',
    sentLast: '最後に付く',
    unnamed: 'タグの下に置かれる',
    blob: 'ブロブ',
    blobs: { fetched: '取得', sent: '送信', there: 'すでにあった' },
    nonePushed: 'まだイメージをpushしていません',
    more: (n) => `ほか${n}件`,
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
