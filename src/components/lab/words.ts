/** What lab pages, the sharing of sessions and refused links say. */
import type { Language } from '../markdown/library.ts'
import { LIMIT, type Refusal, VERSION } from './link.ts'

export interface LabWords {
  readonly machine: string
  readonly change: string
  readonly fresh: string
  readonly chapter: string
  readonly run: string
  readonly runAll: string
  readonly printed: string
  readonly holds: (commands: number) => string
  readonly file: (path: string) => string
  readonly typing: (at: number, of: number) => string
  readonly typed: string
  readonly instead: string
  readonly again: string
  readonly script: string
  readonly share: string
  readonly shareTitle: string
  readonly shareHelp: string
  readonly shareLines: string
  readonly shareLink: string
  readonly copy: string
  readonly copied: string
  readonly uncopied: string
  readonly close: string
  readonly size: (bytes: number) => string
  readonly tooLong: (bytes: number) => string
  readonly refusal: (refusal: Refusal) => string
}

const limit = LIMIT.toLocaleString('en')
const ja: Readonly<Record<Refusal['reason'], (what: string) => string>> = {
  'too-long': (what) =>
    `このリンクは${Number(what).toLocaleString('en')}バイトあり、読み取れる上限の${limit}バイトを超えています。コマンドを減らして作り直してください。`,
  newer: (what) =>
    `このリンクは、ここにあるものより新しい図鑑で作られました(リンクの版は${what}、ここで読めるのは${VERSION}まで)。新しい図鑑で開いてください。`,
  version: (what) => `リンクの版「${what}」は、版の番号ではありません。`,
  encoding: (what) => `リンクが途中で壊れています。「${what}」の部分を読み取れません。`,
  control: (what) =>
    `リンクに、目に見えない文字(${what})が入っています。見たままのコマンドとは限らないため、開きません。`,
  host: (what) => `「${what}」というマシンは、ここにはありません。`,
  picture: (what) => `「${what}」という図は、ここにはありません。`,
  pictures: (what) => `一つのリンクで並べられる図は2枚までですが、${what}枚あります。`,
  file: (what) => `「${what}」は、リンクから作れるファイルの名前ではありません。`,
  'file-host': () => 'リンクからファイルを置けるのは、Windows以外のマシンだけです。',
}
const en: Readonly<Record<Refusal['reason'], (what: string) => string>> = {
  'too-long': (what) =>
    `This link has ${Number(what).toLocaleString('en')} bytes; ${limit} is the most that is read. Make one with fewer commands.`,
  newer: (what) =>
    `This link was made by a newer edition than this one: its version is ${what}, and links up to version ${VERSION} can be read here. Open it in the newer edition.`,
  version: (what) => `The link’s version, “${what}”, is no version number.`,
  encoding: (what) => `The link is broken: its part “${what}” can’t be read.`,
  control: (what) =>
    `The link holds an invisible character (${what}). Its commands may not be what they look like, so it isn’t opened.`,
  host: (what) => `There is no machine called “${what}” here.`,
  picture: (what) => `There is no picture called “${what}” here.`,
  pictures: (what) => `A link may show two pictures; this one asks for ${what}.`,
  file: (what) => `“${what}” isn’t the name of a file that a link can make.`,
  'file-host': () => 'A link can put files on any machine but a Windows one.',
}

export const labWords: Readonly<Record<Language, LabWords>> = {
  ja: {
    machine: 'マシン',
    change: 'マシンを替える',
    fresh: '最初からやり直す',
    chapter: '関連する章',
    run: '実行',
    runAll: 'すべてを順に実行',
    printed: '実行結果の例',
    holds: (n) =>
      `このリンクには、${n}件のコマンドが入っています。まだ何も実行していません。内容を読んでから、実行してください。`,
    file: (path) => `最初の実行の前に置かれるファイル: ${path}`,
    typing: (at, of) => `${of}件中${at}件目を実行しています。`,
    typed: '最後のコマンドまで打ち終えました。',
    instead: '代わりに、何も入っていないサーバーを開きました。',
    again: 'もう一度試す',
    script: 'ここにはターミナルがあります。使うにはJavaScriptを有効にしてください。',
    share: '共有',
    shareTitle: 'この操作をリンクにする',
    shareHelp: '開いた人には、まずコマンドが示され、「実行」を押すまで何も動きません。いらない行は消してください。',
    shareLines: 'コマンド(1行に1件)',
    shareLink: 'リンク',
    copy: 'コピー',
    copied: 'コピーしました',
    uncopied: 'コピーできませんでした。リンクを選択してコピーしてください。',
    close: '閉じる',
    size: (n) => `${n.toLocaleString('en')}バイト(${limit}バイトまで)`,
    tooLong: (n) => `${n.toLocaleString('en')}バイトあり、上限の${limit}バイトを超えています。行を減らしてください。`,
    refusal: ({ reason, what }) => ja[reason](what),
  },
  en: {
    machine: 'Machine',
    change: 'Take another machine',
    fresh: 'Start over',
    chapter: 'Chapter',
    run: 'Run',
    runAll: 'Run all in order',
    printed: 'What it printed for us',
    holds: (n) =>
      `This link holds ${n === 1 ? 'a command' : `${n} commands`}. Nothing has run yet: read first, then press Run.`,
    file: (path) => `A file that is put there before the first run: ${path}`,
    typing: (at, of) => `Running ${at} of ${of}.`,
    typed: 'All commands have been typed.',
    instead: 'An empty server is open instead.',
    again: 'Try again',
    script: 'A terminal would be here; it needs JavaScript.',
    share: 'Share',
    shareTitle: 'A link of this session',
    shareHelp:
      'Whoever opens it sees the commands first; nothing runs before they press Run. Delete lines that aren’t needed.',
    shareLines: 'Commands, one a line',
    shareLink: 'Link',
    copy: 'Copy',
    copied: 'Copied',
    uncopied: 'It could not be copied: select the link and copy it.',
    close: 'Close',
    size: (n) => `${n.toLocaleString('en')} bytes of ${limit}`,
    tooLong: (n) => `${n.toLocaleString('en')} bytes, more than the ${limit} that a link may have: delete some lines.`,
    refusal: ({ reason, what }) => en[reason](what),
  },
}
