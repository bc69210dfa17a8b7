/** Who holds which file open: lsof, fuser, pwdx, pmap. All is read from /proc. */
import { isErr } from '../../../base/errno.ts'
import type { Run, Sys } from '../../../kernel/linux/abi.ts'
import { SIGKILL } from '../../../kernel/linux/signals.ts'
import { entriesOf } from '../../lib/files.ts'
import { print, readText, warn } from '../../lib/io.ts'
import { getopt, showUsage } from '../../lib/options.ts'
import { processes } from '../../lib/proc.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'
import { takeSignal } from '../system/select.ts'

export const lsof: Applet = {
  name: 'lsof',
  usage: '',
  help: 'Show all open files',
  *run(sys) {
    let text = ''
    for (const r of yield* processes(sys)) {
      const exe = yield* sys.readlink(`/proc/${r.pid}/exe`)
      const fds = yield* entriesOf(sys, `/proc/${r.pid}/fd`)
      if (isErr(fds)) continue
      for (const n of fds.sort((a, b) => Number(a) - Number(b))) {
        const path = yield* sys.readlink(`/proc/${r.pid}/fd/${n}`)
        if (!isErr(path)) text += `${r.pid}\t${isErr(exe) ? '' : exe}\t${n}\t${path}\n`
      }
    }
    yield* print(sys, text)
    return 0
  },
}
/** Whether a process uses a file: as its program, its root, its directory or by a descriptor. */
function* uses(sys: Sys, pid: number, key: string, whole: boolean): Run<boolean> {
  const fds = yield* entriesOf(sys, `/proc/${pid}/fd`)
  for (const name of ['exe', 'cwd', 'root', ...(isErr(fds) ? [] : fds.map((n) => `fd/${n}`))]) {
    const s = yield* sys.stat(`/proc/${pid}/${name}`)
    if (!isErr(s) && (whole ? String(s.dev) : `${s.dev}:${s.ino}`) === key) return true
  }
  return false
}
export const fuser: Applet = {
  name: 'fuser',
  usage: '[-msk46] [-SIGNAL] FILE or PORT/PROTO',
  help: "Find processes which use FILEs or PORTs\n\n\t-m\tFind processes which use same fs as FILEs\n\t-4,-6\tSearch only IPv4/IPv6 space\n\t-s\tDon't display PIDs\n\t-k\tKill found processes\n\t-SIGNAL\tSignal to send (default: KILL)",
  *run(sys, argv) {
    const at = argv.findIndex((a, i) => i > 0 && /^-[A-Z]{2,}|^-\d{1,2}$/.test(a) && a !== '-4' && a !== '-6')
    const taken = at > 0 ? takeSignal([argv[0] as string, argv[at] as string]) : { signal: SIGKILL }
    const o = yield* getopt(sys, fuser, at > 0 ? [...argv.slice(0, at), ...argv.slice(at + 1)] : argv, 'msk46')
    if (typeof o === 'number') return o
    if ('error' in taken) {
      yield* warn(sys, `fuser: ${taken.error}\n`)
      return 1
    }
    if (o.rest.length === 0) return yield* showUsage(sys, fuser)
    const found: number[] = []
    const list = yield* processes(sys)
    for (const file of o.rest) {
      if (/^\d+\/(tcp|udp)$/.test(file)) {
        yield* warn(sys, 'zukan: not emulated: fuser PORT/PROTO\n')
        return 1
      }
      const s = yield* sys.stat(file)
      if (isErr(s)) {
        yield* warn(sys, `fuser: ${file}: ${strerror(s)}\n`)
        return 1
      }
      const key = o.has('m') ? String(s.dev) : `${s.dev}:${s.ino}`
      for (const r of list) if (!found.includes(r.pid) && (yield* uses(sys, r.pid, key, o.has('m')))) found.push(r.pid)
    }
    const me = yield* sys.getpid()
    if (o.has('k')) for (const pid of found) if (pid !== me) yield* sys.kill(pid, taken.signal)
    if (!o.has('s') && found.length > 0) yield* print(sys, `${found.join(' ')}\n`)
    return found.length > 0 ? 0 : 1
  },
}
export const pwdx: Applet = {
  name: 'pwdx',
  usage: 'PID...',
  help: 'Show current directory for PIDs',
  *run(sys, argv) {
    if (argv.length < 2) return yield* showUsage(sys, pwdx)
    let status = 0
    for (const word of argv.slice(1)) {
      const pid = word.replace(/^\/proc\//, '')
      if (!/^\d+$/.test(pid)) {
        yield* warn(sys, `pwdx: invalid process id: '${word}'\n`)
        return 1
      }
      const cwd = yield* sys.readlink(`/proc/${pid}/cwd`)
      if (isErr(cwd)) {
        yield* warn(sys, `pwdx: ${word}: ${strerror(cwd)}\n`)
        status = 1
      } else yield* print(sys, `${word}: ${cwd}\n`)
    }
    return status
  },
}
export const pstree: Applet = {
  name: 'pstree',
  usage: '[-p] [PID|USER]',
  help: 'Display process tree, optionally start from USER or PID\n\n\t-p\tShow pids',
  *run(sys, argv) {
    const o = yield* getopt(sys, pstree, argv, 'p')
    if (typeof o === 'number') return o
    const start = o.rest[0] ?? '1'
    if (!/^\d+$/.test(start)) {
      yield* warn(sys, 'zukan: not emulated: pstree USER\n')
      return 1
    }
    const list = yield* processes(sys)
    const label = (r: (typeof list)[number]): string => (o.has('p') ? `${r.comm}(${r.pid})` : r.comm)
    /** Lines of a process and all below it; leaves of one name are counted together. */
    const draw = (pid: number, depth: number): string[] => {
      const r = list.find((x) => x.pid === pid)
      if (!r || depth > 200) return []
      const blocks: string[][] = []
      const children = list
        .filter((x) => x.ppid === pid)
        .sort((a, b) => (a.comm < b.comm ? -1 : a.comm > b.comm ? 1 : a.pid - b.pid))
      const seen = new Map<string, number>()
      for (const c of children) {
        const lines = draw(c.pid, depth + 1)
        const one = lines.join('\n')
        const at = o.has('p') ? undefined : seen.get(one)
        if (at === undefined) {
          seen.set(one, blocks.length)
          blocks.push(lines)
        } else {
          const block = blocks[at] as string[]
          const m = /^(\d+)\*\[(.*)\]$/.exec(block[0] as string)
          if (lines.length === 1) blocks[at] = [m ? `${Number(m[1]) + 1}*[${m[2]}]` : `2*[${block[0]}]`]
          else blocks.push(lines)
        }
      }
      const name = label(r)
      if (blocks.length === 0) return [name]
      const pad = ' '.repeat(name.length)
      return blocks.flatMap((block, i) => {
        const last = i === blocks.length - 1
        const first = blocks.length === 1 ? '---' : i === 0 ? '-+-' : last ? ' `-' : ' |-'
        const rest = last ? '   ' : ' | '
        return block.map((l, k) => (i === 0 && k === 0 ? name : pad) + (k === 0 ? first : rest) + l)
      })
    }
    const lines = draw(Number(start), 0)
    yield* print(sys, lines.map((l) => `${l}\n`).join(''))
    return lines.length > 0 ? 0 : 1
  },
}
export const pmap: Applet = {
  name: 'pmap',
  usage: '[-xq] PID...',
  help: 'Display process memory usage\n\n\t-x\tShow details\n\t-q\tQuiet',
  *run(sys, argv) {
    const o = yield* getopt(sys, pmap, argv, 'xq')
    if (typeof o === 'number') return o
    if (o.has('x')) {
      yield* warn(sys, 'zukan: not emulated: pmap -x\n')
      return 1
    }
    if (o.rest.length === 0) return yield* showUsage(sys, pmap)
    let status = 0
    const list = yield* processes(sys)
    for (const word of o.rest) {
      const r = list.find((x) => String(x.pid) === word)
      const maps = yield* readText(sys, `/proc/${word}/maps`)
      if (!r || isErr(maps)) {
        yield* warn(
          sys,
          `pmap: can't open '/proc/${word}/maps': ${isErr(maps) ? strerror(maps) : 'No such file or directory'}\n`,
        )
        status = 1
        continue
      }
      let total = 0
      let text = `${r.pid}: ${r.args}\n`
      for (const line of maps.split('\n').filter(Boolean)) {
        const m = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+\s*(.*)$/.exec(line)
        if (!m) continue
        const kb = (Number.parseInt(m[2] as string, 16) - Number.parseInt(m[1] as string, 16)) / 1024
        total += kb
        text += `${(m[1] as string).padStart(16, '0')} ${`${kb}K`.padStart(7)} ${m[3]}  ${m[4] || '  [ anon ]'}\n`
      }
      yield* print(sys, `${text}${o.has('q') ? '' : `mapped: ${total}K\n`}`)
    }
    return status
  },
}
