/** pstree(1) of psmisc: processes as a tree, like ones together. */
import type { Program } from '../../../kernel/linux/abi.ts'
import { users } from '../../lib/accounts.ts'
import { fail, print } from '../../lib/io.ts'
import { type ProcessRow, processes } from '../../lib/proc.ts'
import { getopt } from '../getopt.ts'

interface Node {
  label: string
  readonly children: Node[]
}

export const pstree: Program = function* (sys, argv) {
  const o = yield* getopt(
    sys,
    {
      name: 'pstree',
      short: 'apncusTtAUlhHZVgGNS',
      long: {
        arguments: 'a',
        'show-pids': 'p',
        'numeric-sort': 'n',
        'compact-not': 'c',
        'hide-threads': 'T',
        'show-parents': 's',
        ascii: 'A',
        unicode: 'U',
        long: 'l',
        'uid-changes': 'u',
      },
    },
    argv,
  )
  if (typeof o === 'number') return o
  const odd = ['s', 't', 'h', 'H', 'Z', 'V', 'g', 'G', 'N', 'S'].find((l) => o.has(l))
  if (odd) return yield* fail(sys, `zukan: not emulated: pstree -${odd}`)
  const rows = yield* processes(sys)
  const names = new Map((yield* users(sys)).map((u) => [u.uid, u.name]))
  const word = o.rest[0]
  let start: readonly ProcessRow[]
  if (word === undefined || /^\d+$/.test(word)) {
    const first = rows.find((r) => r.pid === Number(word ?? 1))
    if (!first) return 1
    start = [first]
  } else {
    const uid = [...names].find(([, n]) => n === word)?.[0]
    if (uid === undefined) return yield* fail(sys, `No such user name: ${word}`)
    const own = rows.filter((r) => r.uid === uid)
    start = own.filter((r) => !own.some((p) => p.pid === r.ppid))
  }
  const build = (r: ProcessRow, parentUid: number): Node => {
    const user = o.has('u') && r.uid !== parentUid ? [names.get(r.uid) ?? String(r.uid)] : []
    const tags = [...(o.has('p') ? [String(r.pid)] : []), ...user]
    const words = o.has('a') ? r.args : r.comm
    const label = o.has('a')
      ? `${r.comm}${o.has('p') ? `,${r.pid}` : ''}${user.map((u) => `,${u}`).join('')}${words.includes(' ') ? words.slice(words.indexOf(' ')) : ''}`
      : `${r.comm}${tags.length > 0 ? `(${tags.join(',')})` : ''}`
    const children = rows
      .filter((c) => c.ppid === r.pid)
      .sort((a, b) => (o.has('n') ? a.pid - b.pid : a.comm < b.comm ? -1 : a.comm > b.comm ? 1 : a.pid - b.pid))
      .map((c) => build(c, r.uid))
    return { label, children: o.has('c') || o.has('p') || o.has('a') ? children : compact(children) }
  }
  // With a terminal or UTF-8 the branches are drawn; this world's language is C.UTF-8.
  const b = o.has('A')
    ? { down: '|', fork: '|-', last: '`-', single: '---', first: '-+-' }
    : { down: '│', fork: '├─', last: '└─', single: '───', first: '─┬─' }
  const lines: string[] = []
  const wide = (node: Node, prefix: string, line: string): void => {
    const head = line + node.label
    const [first, ...rest] = node.children
    if (!first) {
      lines.push(head)
      return
    }
    const indent = prefix + ' '.repeat(head.length - prefix.length)
    if (rest.length === 0) {
      wide(first, `${indent}   `, `${head}${b.single}`)
      return
    }
    wide(first, `${indent} ${b.down} `, `${head}${b.first}`)
    rest.forEach((c, i) => {
      const last = i === rest.length - 1
      wide(c, `${indent} ${last ? ' ' : b.down} `, `${indent} ${last ? b.last : b.fork}`)
    })
  }
  const tall = (node: Node, prefix: string, line: string): void => {
    lines.push(line + node.label)
    node.children.forEach((c, i) => {
      const last = i === node.children.length - 1
      tall(c, `${prefix}${last ? ' ' : b.down} ${' '}`, `${prefix}${last ? b.last : b.fork}`)
    })
  }
  start.forEach((r, i) => {
    if (i > 0) lines.push('')
    const node = build(r, r.uid)
    if (o.has('a')) tall(node, '  ', '')
    else wide(node, '', '')
  })
  yield* print(sys, lines.map((l) => `${l}\n`).join(''))
  return 0
}
/** Same subtrees are shown once, with their number. */
function compact(nodes: readonly Node[]): Node[] {
  const key = (n: Node): string => JSON.stringify(n)
  const out: { node: Node; count: number }[] = []
  for (const n of nodes) {
    const known = out.find((x) => key(x.node) === key(n))
    if (known) known.count++
    else out.push({ node: n, count: 1 })
  }
  return out.map(({ node, count }) =>
    count === 1 ? node : { label: `${count}*[${node.label}]`, children: node.children },
  )
}
