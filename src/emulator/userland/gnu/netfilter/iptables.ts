/** iptables(8), iptables-save(8) and iptables-restore(8), version 1.8.11 over nf_tables. */
import { EBUSY, EEXIST, EPERM, type Errno, isErr } from '../../../base/errno.ts'
import type { ExitCode, Program, Run, Sys } from '../../../kernel/linux/abi.ts'
import type { Chain, Rule, TableName } from '../../../kernel/linux/net/netfilter.ts'
import { decode, print, readAll, readText, warn } from '../../lib/io.ts'
import { strftime } from '../../lib/time.ts'
import { chainText, parseRule, ruleText, splitWords, tableNames, targets } from './rules.ts'

const VERSION = 'v1.8.11 (nf_tables)'
const hint = "Try `iptables -h' or 'iptables --help' for more information.\n"

function* complain(sys: Sys, text: string, code = 2, withHint = true): Run<ExitCode> {
  if (text.startsWith('zukan:')) yield* warn(sys, `${text}\n`)
  else yield* warn(sys, `iptables ${VERSION}: ${text}\n${withHint ? hint : ''}`)
  return code
}
function* plain(sys: Sys, text: string): Run<ExitCode> {
  yield* warn(sys, `iptables: ${text}\n`)
  return 1
}
const noSuchChain = 'No chain/target/match by that name.'

function* chainsOf(sys: Sys, table: TableName): Run<readonly Chain[] | Errno> {
  return yield* sys.netlink<readonly Chain[]>({ op: 'nft.dump', table })
}
const sameRule = (a: Rule, b: Rule): boolean => ruleText(a) === ruleText(b)

/** One command, its words without the program's name. */
function* command(sys: Sys, given: readonly string[]): Run<ExitCode> {
  const words = [...given]
  let table: TableName = 'filter'
  const rest: string[] = []
  let action = ''
  let chain: string | undefined
  let number: number | undefined
  let second: string | undefined
  const o = { numeric: false, verbose: false, exact: false, numbers: false }
  const long: Readonly<Record<string, string>> = {
    '--append': '-A',
    '--insert': '-I',
    '--delete': '-D',
    '--replace': '-R',
    '--check': '-C',
    '--list': '-L',
    '--list-rules': '-S',
    '--flush': '-F',
    '--new-chain': '-N',
    '--delete-chain': '-X',
    '--policy': '-P',
    '--rename-chain': '-E',
    '--zero': '-Z',
    '--table': '-t',
    '--numeric': '-n',
    '--verbose': '-v',
    '--exact': '-x',
    '--wait': '-w',
  }
  const takesChain = (): void => {
    if (words[0] !== undefined && !words[0].startsWith('-') && words[0] !== '!') chain = words.shift()
  }
  for (let w = words.shift(); w !== undefined; w = words.shift()) {
    w = long[w] ?? w
    // -nvL and the like: the last letter may be the command.
    if (/^-[nvxLSFZ]{2,}$/.test(w)) {
      words.unshift(...[...w.slice(1)].map((c) => `-${c}`))
      continue
    }
    switch (w) {
      case '-t': {
        const name = words.shift() ?? ''
        if (!(tableNames as readonly string[]).includes(name))
          return yield* complain(
            sys,
            `table '${name}' does not exist\nPerhaps iptables or your kernel needs to be upgraded.`,
            3,
            false,
          )
        table = name as TableName
        break
      }
      case '-n':
        o.numeric = true
        break
      case '-v':
        o.verbose = true
        break
      case '-x':
        o.exact = true
        break
      case '--line-numbers':
        o.numbers = true
        break
      case '-w':
        if (/^\d+$/.test(words[0] ?? '')) words.shift()
        break
      case '-A':
      case '-I':
      case '-D':
      case '-R':
      case '-C':
      case '-N':
      case '-P':
      case '-E':
        action = w
        if (words[0] === undefined || words[0].startsWith('-'))
          return yield* complain(sys, `option "${w}" requires an argument`)
        chain = words.shift()
        if ((w === '-I' || w === '-D' || w === '-R') && /^\d+$/.test(words[0] ?? '')) number = Number(words.shift())
        if (w === '-P' || w === '-E') second = words.shift()
        break
      case '-L':
      case '-S':
      case '-F':
      case '-X':
      case '-Z':
        action = w
        takesChain()
        break
      case '-V':
      case '--version':
        yield* print(sys, `iptables ${VERSION}\n`)
        return 0
      case '-h':
      case '--help':
        return yield* complain(sys, 'zukan: not emulated: iptables --help', 1)
      default:
        rest.push(w)
    }
  }
  if (action === '') return yield* complain(sys, 'no command specified')
  const { euid } = yield* sys.getcred()
  const all = yield* chainsOf(sys, table)
  if (isErr(all) || euid !== 0)
    return yield* complain(
      sys,
      'Could not fetch rule set generation id: Permission denied (you must be root)\n',
      4,
      false,
    )
  const found = all.find((c) => c.name === chain)
  const refused = function* (r: unknown, busy = noSuchChain): Run<ExitCode> {
    if (!isErr(r)) return 0
    if (r === EPERM)
      return yield* complain(
        sys,
        'Could not fetch rule set generation id: Permission denied (you must be root)\n',
        4,
        false,
      )
    return yield* plain(sys, busy)
  }
  switch (action) {
    case '-L': {
      if (chain !== undefined && !found) return yield* plain(sys, noSuchChain)
      const references = (name: string): number =>
        all.reduce((n, c) => n + c.rules.filter((r) => r.target === name).length, 0)
      const list = found ? [found] : all
      yield* print(sys, list.map((c) => chainText(c, references(c.name), o)).join('\n'))
      return 0
    }
    case '-S': {
      if (chain !== undefined && !found) return yield* plain(sys, noSuchChain)
      const list = found ? [found] : all
      yield* print(
        sys,
        list.map((c) => (c.policy ? `-P ${c.name} ${c.policy}\n` : `-N ${c.name}\n`)).join('') +
          list
            .map((c) =>
              c.rules
                .map((r) => `-A ${c.name} ${ruleText(r)}${o.verbose ? ` -c ${r.packets ?? 0} ${r.bytes ?? 0}` : ''}\n`)
                .join(''),
            )
            .join(''),
      )
      return 0
    }
    case '-N': {
      const r = yield* sys.netlink({ op: 'nft.newchain', table, chain })
      return yield* refused(r, r === EEXIST ? 'Chain already exists.' : noSuchChain)
    }
    case '-F':
    case '-Z':
      return yield* refused(yield* sys.netlink({ op: action === '-F' ? 'nft.flush' : 'nft.zero', table, chain }))
    case '-X': {
      const r = yield* sys.netlink({ op: 'nft.delchain', table, chain })
      if (r === EBUSY)
        return yield* complain(
          sys,
          ` CHAIN_DEL failed (Device or resource busy): chain ${chain ?? all.find((c) => !c.policy)?.name}`,
          4,
          false,
        )
      return yield* refused(r)
    }
    case '-E':
      return yield* refused(yield* sys.netlink({ op: 'nft.rename', table, chain, to: second }))
    case '-P': {
      if (!found?.policy) return yield* plain(sys, 'Bad built-in chain name.')
      if (second !== 'ACCEPT' && second !== 'DROP')
        return yield* plain(sys, "Bad policy name. Run `dmesg' for more information.")
      return yield* refused(yield* sys.netlink({ op: 'nft.chain', table, chain, policy: second }))
    }
  }
  // -A, -I, -D, -R, -C: a rule, or its number.
  if (action === '-D' && number !== undefined) {
    if (!found) return yield* plain(sys, noSuchChain)
    if (number < 1 || number > found.rules.length) return yield* plain(sys, 'Index of deletion too big.')
    return yield* refused(yield* sys.netlink({ op: 'nft.deleteAt', table, chain, at: number - 1 }))
  }
  const parsed = parseRule(rest, table, chain ?? '')
  if ('error' in parsed) {
    if (parsed.error === '')
      return yield* complain(sys, ' RULE_APPEND failed (Operation not supported): rule in chain ' + chain, 4, false)
    return yield* complain(sys, parsed.error, parsed.code, parsed.hint)
  }
  const { rule } = parsed
  if (!found)
    return yield* action === '-A' || action === '-I'
      ? complain(sys, `Chain '${chain}' does not exist`)
      : plain(
          sys,
          action === '-C' || action === '-D' ? 'Bad rule (does a matching rule exist in that chain?).' : noSuchChain,
        )
  if (rule.target !== '' && !targets.includes(rule.target) && !all.some((c) => c.name === rule.target && !c.policy))
    return yield* complain(sys, `Chain '${rule.target}' does not exist`)
  const at = found.rules.findIndex((r) => sameRule(r, rule))
  switch (action) {
    case '-A':
      return yield* refused(yield* sys.netlink({ op: 'nft.append', table, chain, rule }))
    case '-I': {
      const place = (number ?? 1) - 1
      if (place < 0 || place > found.rules.length) return yield* plain(sys, 'Index of insertion too big.')
      return yield* refused(yield* sys.netlink({ op: 'nft.insertAt', table, chain, at: place, rule }))
    }
    case '-R':
      if (number === undefined || number < 1 || number > found.rules.length)
        return yield* plain(sys, 'Index of replacement too big.')
      return yield* refused(yield* sys.netlink({ op: 'nft.replaceAt', table, chain, at: number - 1, rule }))
    case '-C':
      return at >= 0 ? 0 : yield* plain(sys, 'Bad rule (does a matching rule exist in that chain?).')
    default:
      if (at < 0) return yield* plain(sys, 'Bad rule (does a matching rule exist in that chain?).')
      return yield* refused(yield* sys.netlink({ op: 'nft.deleteAt', table, chain, at }))
  }
}

export const iptables: Program = (sys, argv) => command(sys, argv.slice(1))

export const iptablesSave: Program = function* (sys, argv) {
  const at = argv.indexOf('-t')
  const only = at > 0 ? argv[at + 1] : undefined
  const date = strftime('%a %b %e %H:%M:%S %Y', yield* sys.clock('realtime'))
  for (const table of tableNames) {
    const chains = yield* chainsOf(sys, table)
    if (isErr(chains)) return 1
    // A table that nobody has used isn't there.
    if (only ? only !== table : !chains.some((c) => c.rules.length > 0 || !c.policy || c.policy === 'DROP')) continue
    yield* print(
      sys,
      `# Generated by iptables-save ${VERSION} on ${date}\n*${table}\n${chains.map((c) => `:${c.name} ${c.policy ?? '-'} [${c.packets ?? 0}:${c.bytes ?? 0}]\n`).join('')}${chains.map((c) => c.rules.map((r) => `-A ${c.name} ${ruleText(r)}\n`).join('')).join('')}COMMIT\n# Completed on ${date}\n`,
    )
  }
  return 0
}

export const iptablesRestore: Program = function* (sys, argv) {
  const keep = argv.includes('-n') || argv.includes('--noflush')
  const file = argv.slice(1).find((a) => !a.startsWith('-'))
  const bytes = file === undefined ? yield* readAll(sys, 0) : yield* readText(sys, file)
  if (isErr(bytes)) {
    yield* warn(sys, `Can't open ${file}: ${bytes.text}\n`)
    return 1
  }
  let table = ''
  let line = 0
  for (const text of (typeof bytes === 'string' ? bytes : decode(bytes)).split('\n')) {
    line++
    if (text.startsWith('#') || text.trim() === '' || text === 'COMMIT') continue
    let code = 0
    if (text.startsWith('*')) {
      table = text.slice(1).trim()
      if (!keep)
        for (const op of ['nft.flush', 'nft.delchain']) {
          const r = yield* sys.netlink({ op, table })
          if (isErr(r)) code = 1
        }
    } else if (text.startsWith(':')) {
      const [name = '', policy = '-'] = text.slice(1).split(' ')
      yield* sys.netlink({ op: 'nft.chain', table, chain: name, ...(policy === '-' ? {} : { policy }) })
    } else code = yield* command(sys, ['-t', table, ...splitWords(text)])
    if (code !== 0) {
      yield* warn(sys, `iptables-restore: line ${line} failed\n`)
      return 1
    }
  }
  return 0
}
