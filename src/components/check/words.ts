/** What the check of an installed copy says. {} stand for figures. */
export interface Words {
  readonly list: string
  readonly going: string
  readonly good: string
  readonly goodFile: string
  readonly bad: string
  readonly missing: string
  readonly differs: string
  readonly type: string
  readonly answer: string
  readonly more: string
  readonly mend: string
  readonly mendType: string
  readonly notes: {
    readonly plain: string
    readonly found: string
    readonly slow: string
    readonly stale: string
    readonly frame: string
    readonly http: string
  }
}
export const words: Readonly<Record<'ja' | 'en', Words>> = {
  ja: {
    list: 'ファイルの一覧files.jsonが読めません。コピーの途中で抜けたか、サーバーが渡していません。まずこのファイルを確かめてください。',
    going: '調べています: {}／{}ファイル',
    good: '{}ファイルすべてがそろっていて、中身も配布物と同じです(ビルド{})。',
    goodFile:
      '{}ファイルすべてがそろっています(ビルド{})。フォルダーから開いたときは、ブラウザーの制約で中身までは比べられません。配布物のSHA256SUMSで確かめられます。',
    bad: '{}ファイルのうち{}に問題があります(ビルド{})。',
    missing: 'ありません',
    differs: '中身が配布物と違います',
    type: '種類(Content-Type)が違います: {}',
    answer: 'サーバーの答えが{}です',
    more: 'ほかに{}ファイル',
    mend: '配布物を展開し直し、フォルダーごと上書きでコピーしてから、もう一度開いてください。古いファイルが残っていても害はありません。',
    mendType: '種類が違うファイルは、サーバーの設定で直します。配布物のdeployフォルダーにある設定例を見てください。',
    notes: {
      plain: '圧縮せずに送っています。圧縮すると、読み込みは3分の1ほどになります。',
      found: '存在しないアドレスに404以外で答えています。打ち間違いや古いリンクに気づけません。',
      slow: '_astroフォルダーのファイルを、ブラウザーに長く保存させる設定がありません。名前が中身で変わるので、1年保存させても安全です。',
      stale: 'ページを確かめずに使い回せる設定です。更新が読者に届くのが遅れます。Cache-Control: no-cacheを勧めます。',
      frame:
        '埋め込み用のページ(embed)を、ほかのサイトの枠に入れられない設定です。図をほかの教材に貼るなら、そこだけ許可してください。',
      http: 'httpsではないので、ブラウザーはオフライン用の保存をしません。ほかはすべて動きます。',
    },
  },
  en: {
    list: 'The list of files, files.json, can’t be read: it was left out when copying, or the server doesn’t hand it out. See to this file first.',
    going: 'Looking: {} of {} files',
    good: 'All {} files are there and are what was built (build {}).',
    goodFile:
      'All {} files are there (build {}). Opened from a folder, a browser lets no page compare contents; SHA256SUMS in the package does.',
    bad: 'Of {} files, {} have a problem (build {}).',
    missing: 'isn’t there',
    differs: 'isn’t what was built',
    type: 'comes with the wrong Content-Type: {}',
    answer: 'the server answers {}',
    more: 'and {} more files',
    mend: 'Unpack the package again, copy the whole folder over the installed one, and open this page once more. Old files that stay do no harm.',
    mendType: 'Types are a matter of the server’s settings: see the recipes in the package’s folder deploy.',
    notes: {
      plain: 'Files are sent uncompressed. Compressed, pages load about three times as fast.',
      found: 'Addresses that don’t exist aren’t answered with 404: nobody notices mistyped or outdated links.',
      slow: 'Browsers aren’t told to keep the files of the folder _astro. Their names change with their contents, so a year is safe.',
      stale: 'Pages may be used again without asking: readers get updates late. Cache-Control: no-cache is advised.',
      frame:
        'The pages made for embedding can’t be framed by other sites. If pictures are to stand in other course material, allow it for these alone.',
      http: 'This isn’t https, so browsers keep nothing for reading offline. All else works.',
    },
  },
}
