/** Words that all pictures share: controls, table heads, sentences of the trace. */
import type { TraceEvent } from '../../emulator/base/trace.ts'
import type { Language } from '../scene/types.ts'

export interface CommonWords {
  readonly heads: Readonly<Record<'title' | 'facts' | 'within' | 'kernel' | 'links', string>>
  readonly table: string
  readonly documents: string
  readonly sources: string
  readonly menu: string
  readonly copyLink: string
  readonly copied: string
  readonly embed: string
  readonly download: string
  readonly choose: string
  readonly player: string
  readonly first: string
  readonly back: string
  readonly play: string
  readonly pause: string
  readonly forward: string
  readonly speed: string
  readonly speeds: readonly [string, string, string]
  readonly example: string
  readonly nothing: string
  readonly live: string
  readonly facts: string
  readonly booting: string
  readonly keys: string
  readonly goes: (from: string, to: string, labels: readonly string[]) => string
  readonly step: (at: number, of: number) => string
  readonly came: (titles: string) => string
  readonly went: (titles: string) => string
  readonly changed: (titles: string) => string
  readonly openPage: string
  readonly unknown: (what: string) => string
}
export const commonWords: Readonly<Record<Language, CommonWords>> = {
  en: {
    heads: { title: 'Name', facts: 'What it is', within: 'Inside', kernel: 'Kernel that answers', links: 'Goes to' },
    table: 'As a table',
    documents: 'Documents that passed',
    sources: 'Sources',
    menu: 'Share',
    copyLink: 'Copy link',
    copied: 'Copied',
    embed: 'Copy embed code',
    download: 'Download SVG',
    choose: 'Show',
    player: 'What the last command set in motion, step by step',
    first: 'Back to the start',
    back: 'One step back',
    play: 'Play',
    pause: 'Pause',
    forward: 'One step on',
    speed: 'Speed',
    speeds: ['Slow', 'Normal', 'Fast'],
    example: 'Example, after',
    nothing: 'A freshly booted server',
    booting: 'Booting the machine of this picture…',
    live: 'Live: this page’s server',
    facts: 'Nothing of the kind runs in this world: the picture shows cited facts.',
    keys: 'Arrow keys move from box to box.',
    goes: (from, to, labels) => `${from} → ${to}${labels.length > 0 ? `: ${labels.join(', ')}` : ''}`,
    step: (at, of) => `Step ${at} of ${of}`,
    came: (t) => `New: ${t}.`,
    went: (t) => `Gone: ${t}.`,
    changed: (t) => `Changed: ${t}.`,
    openPage: 'Open the picture on a page of its own',
    unknown: (what) => `The address asks for “${what}”, which isn’t here; the picture is shown without.`,
  },
  ja: {
    heads: { title: '名前', facts: '内容', within: '外側', kernel: '応答するカーネル', links: '行き先' },
    table: '表で見る',
    documents: '受け渡された文書',
    sources: '出典',
    menu: '共有',
    copyLink: 'リンクをコピー',
    copied: 'コピーしました',
    embed: '埋め込みコードをコピー',
    download: 'SVGを保存',
    choose: '表示',
    player: '直前のコマンドが引き起こしたことを順に見る',
    first: '最初に戻る',
    back: '一つ戻る',
    play: '再生',
    pause: '一時停止',
    forward: '一つ進む',
    speed: '速さ',
    speeds: ['ゆっくり', '標準', '速い'],
    example: '例: 次のコマンドを実行したあと',
    nothing: '起動したばかりのサーバー',
    booting: 'この図のマシンを起動しています…',
    live: '動作中: このページのサーバー',
    facts: 'この世界では該当するものが動いていないため、出典のある事実で描いています。',
    keys: '矢印キーで箱から箱へ移動できます。',
    goes: (from, to, labels) => `${from} → ${to}${labels.length > 0 ? `: ${labels.join('、')}` : ''}`,
    step: (at, of) => `${of}段階中${at}段階目`,
    came: (t) => `追加: ${t}。`,
    went: (t) => `消滅: ${t}。`,
    changed: (t) => `変化: ${t}。`,
    openPage: 'この図だけのページを開く',
    unknown: (what) => `アドレスが指定する「${what}」は、ここにはありません。指定なしの図を表示しています。`,
  },
}

/** A part of the world as a sentence names it: `process:329:runc` is "runc (329)". */
export function partName(part: string): string {
  const process = /^process:(\d+):(.*)$/.exec(part)
  if (process) return `${process[2]} (${process[1]})`
  const place = /^(if|nat|net):(\d+)(?::(.*))?$/.exec(part)
  if (place) return place[1] === 'if' ? (place[3] as string) : place[1] === 'nat' ? 'NAT' : `net:[${place[2]}]`
  return part.replace(/^(?:file|machine):/, '').replace(/[0-9a-f]{64}/g, (id) => id.slice(0, 12))
}
const shortened = (what: string): string => what.replace(/[0-9a-f]{64}/g, (id) => id.slice(0, 12))

/** What an overlay's upper layer takes over from those below, or hides. */
function overlay(what: string, language: Language): string {
  const [kind, path] = what.split(' ')
  if (kind === 'copy-up')
    return language === 'ja'
      ? `書く前に、書き込み可能なレイヤーへ写す: ${path}`
      : `Copied up into the writable layer before the first write: ${path}`
  return language === 'ja' ? `消えたことをwhiteoutで記す: ${path}` : `A whiteout notes that it is gone: ${path}`
}

/** One sentence for one event. */
export function sentenceOf(e: TraceEvent, language: Language): string {
  const from = partName(e.from)
  const to = partName(e.to)
  const what = shortened(e.what)
  if (language === 'ja') {
    switch (e.kind) {
      case 'command':
        return `入力: ${what}`
      case 'api':
        return `${from}が${to}のAPIを呼ぶ: ${what}`
      case 'grpc':
        return `${from}が${to}を呼ぶ: ${what}`
      case 'http':
        return what.startsWith('GET')
          ? `${from}が${to}から取り寄せる: ${what}`
          : what.startsWith('HEAD')
            ? `${from}が${to}に、あるかを尋ねる: ${what}`
            : `${from}が${to}へ送る: ${what}`
      case 'file':
        return from === 'overlay' ? overlay(what, language) : `${from}がファイルを書く: ${what}`
      case 'fork':
        return `${from}が子プロセス${to}を作る`
      case 'exec':
        return `${from}が別のプログラムになる: ${what}`
      case 'exit':
        return `${from}が終わる: ${what}`
      case 'namespace':
        return `${from}が名前空間${to}を作る(${what})`
      case 'mount':
        return `${from}が${to}にマウントする: ${what}`
      case 'cgroup':
        return `${from}がcgroup ${to}に書く: ${what}`
      case 'boot':
        return `${from}の上で${to}が起動する: ${what}`
      case 'halt':
        return `${to || from}が止まる`
      case 'oom':
        return `${from}の上限を超え、カーネルが${to}を終わらせる: ${what}`
      case 'network':
        return `${from}から${to}へ: ${what}`
    }
  }
  switch (e.kind) {
    case 'command':
      return `Typed: ${what}`
    case 'api':
      return `${from} calls ${to}’s API: ${what}`
    case 'grpc':
      return `${from} calls ${to}: ${what}`
    case 'http':
      return what.startsWith('GET')
        ? `${from} fetches from ${to}: ${what}`
        : what.startsWith('HEAD')
          ? `${from} asks ${to} whether it is there: ${what}`
          : `${from} sends to ${to}: ${what}`
    case 'file':
      return from === 'overlay' ? overlay(what, language) : `${from} writes a file: ${what}`
    case 'fork':
      return `${from} makes a child, ${to}`
    case 'exec':
      return `${from} becomes another program: ${what}`
    case 'exit':
      return `${from} ends: ${what}`
    case 'namespace':
      return `${from} makes the namespace ${to} (${what})`
    case 'mount':
      return `${from} mounts on ${to}: ${what}`
    case 'cgroup':
      return `${from} writes to cgroup ${to}: ${what}`
    case 'boot':
      return `On ${from}, ${to} boots: ${what}`
    case 'halt':
      return `${to || from} stops`
    case 'oom':
      return `Over the limit of ${from}: the kernel ends ${to}: ${what}`
    case 'network':
      return `From ${from} to ${to}: ${what}`
  }
}
