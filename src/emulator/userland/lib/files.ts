/** What applets on files share: modes as text, names in directories, real paths. */
import { ELOOP, type Errno, isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { isBlk, isChr, isDir, isFifo, isLink, isSock, O_RDONLY } from '../../kernel/linux/fs/flags.ts'
import type { Applet } from '../program.ts'
import { warn } from './io.ts'
import { getopt, showUsage } from './options.ts'

/** `-rwxr-xr-x` of a mode. */
export function modeText(mode: number): string {
  const type = isDir(mode)
    ? 'd'
    : isLink(mode)
      ? 'l'
      : isChr(mode)
        ? 'c'
        : isBlk(mode)
          ? 'b'
          : isFifo(mode)
            ? 'p'
            : isSock(mode)
              ? 's'
              : '-'
  const bits = (n: number, special: boolean, s: string): string =>
    `${n & 4 ? 'r' : '-'}${n & 2 ? 'w' : '-'}${special ? (n & 1 ? s : s.toUpperCase()) : n & 1 ? 'x' : '-'}`
  return (
    type +
    bits(mode >> 6, (mode & 0o4000) !== 0, 's') +
    bits((mode >> 3) & 7, (mode & 0o2000) !== 0, 's') +
    bits(mode & 7, (mode & 0o1000) !== 0, 't')
  )
}
export const human = (n: number): string => {
  let value = n
  let unit = ''
  for (const u of 'KMGT') {
    if (value < 1024) break
    value /= 1024
    unit = u
  }
  return unit === '' ? String(n) : `${value.toFixed(1)}${unit}`
}
/** Names in a directory, without `.` and `..`, sorted. */
export function* entriesOf(sys: Sys, path: string): Run<string[] | Errno> {
  const fd = yield* sys.open(path, O_RDONLY)
  if (isErr(fd)) return fd
  const all = yield* sys.getdents(fd)
  yield* sys.close(fd)
  return isErr(all)
    ? all
    : all
        .map((e) => e.name)
        .filter((n) => n !== '.' && n !== '..')
        .sort()
}

/** `755`, `u+x,g-w`, `a=rX` on a mode. */
export function changeMode(spec: string, mode: number, mask = 0): number | undefined {
  if (/^0*[0-7]{1,4}$/.test(spec)) return Number.parseInt(spec, 8)
  let now = mode & 0o7777
  for (const clause of spec.split(',')) {
    if (clause === '') continue
    const m = /^([ugoa]*)((?:[-+=][rwxXstugo]*)+)$/.exec(clause)
    if (!m) return undefined
    const all = m[1] === ''
    const who = all || m[1]?.includes('a') ? 'ugo' : (m[1] as string)
    for (const [, op, perms = ''] of (m[2] as string).matchAll(/([-+=])([rwxXstugo]*)/g)) {
      let bits = 0
      const cover = [...who].reduce((b, w) => b | (7 << { u: 6, g: 3, o: 0 }[w as 'u' | 'g' | 'o']), 0)
      // busybox clears first: what X and copies look at is what is left.
      if (op === '=')
        now &= ~(
          cover | (all || who === 'ugo' ? 0o7000 : (who.includes('u') ? 0o4000 : 0) | (who.includes('g') ? 0o2000 : 0))
        )
      for (const w of who) {
        const shift = { u: 6, g: 3, o: 0 }[w as 'u' | 'g' | 'o']
        for (const c of perms) {
          if (c === 'r') bits |= 4 << shift
          else if (c === 'w') bits |= 2 << shift
          else if (c === 'x' || (c === 'X' && (isDir(mode) || now & 0o111))) bits |= 1 << shift
          else if (c === 's') bits |= w === 'u' ? 0o4000 : w === 'g' ? 0o2000 : 0
          else if (c === 't') bits |= 0o1000
          else if ('ugo'.includes(c)) bits |= ((now >> { u: 6, g: 3, o: 0 }[c as 'u' | 'g' | 'o']) & 7) << shift
        }
      }
      if (all) bits &= ~mask
      now = op === '-' ? now & ~bits : now | bits
    }
  }
  return now
}
/** The path without links, `.` and `..`; the last name may not exist. */
export function* realPath(sys: Sys, path: string): Run<string | Errno> {
  const cwd = yield* sys.getcwd()
  let at = ''
  const parts = (path.startsWith('/') ? path : `${isErr(cwd) ? '' : cwd}/${path}`).split('/')
  for (let i = 0, links = 0; i < parts.length; i++) {
    const part = parts[i] as string
    if (part === '' || part === '.') continue
    if (part === '..') {
      at = at.slice(0, Math.max(0, at.lastIndexOf('/')))
      continue
    }
    const next = `${at}/${part}`
    const s = yield* sys.lstat(next)
    if (isErr(s)) {
      // A last name alone must exist: xmalloc_realpath_coreutils of libbb.
      const bare = links === 0 && !path.includes('/')
      if (parts.slice(i + 1).some(Boolean) || s.name !== 'ENOENT' || bare) return s
    } else if (isLink(s.mode)) {
      if (links++ >= 40) return ELOOP
      const target = yield* sys.readlink(next)
      if (isErr(target)) return target
      if (target.startsWith('/')) at = ''
      parts.splice(i + 1, 0, ...target.split('/'))
      continue
    }
    at = next
  }
  return at || '/'
}
/** Programs that do one thing to each operand. */
export function each(
  name: string,
  usage: string,
  help: string,
  letters: string,
  act: (sys: Sys, path: string, has: (letter: string) => boolean) => Run<string | undefined>,
): Applet {
  const applet: Applet = {
    name,
    usage,
    help,
    *run(sys, argv) {
      const o = yield* getopt(sys, applet, argv, letters)
      if (typeof o === 'number') return o
      let status = 0
      if (o.rest.length === 0) return yield* showUsage(sys, applet)
      for (const path of o.rest) {
        const failed = yield* act(sys, path, o.has)
        if (failed !== undefined) {
          yield* warn(sys, `${name}: ${failed}\n`)
          status = 1
        }
      }
      return status
    },
  }
  return applet
}
