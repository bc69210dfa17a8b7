/** tar: create, list and extract archives. */
import { type Errno, isErr } from '../../../base/errno.ts'
import type { ExitCode, Run, Sys } from '../../../kernel/linux/abi.ts'
import {
  isBlk,
  isChr,
  isDir,
  isFifo,
  isLink,
  isReg,
  isSock,
  major,
  makedev,
  minor,
  O_CREAT,
  O_EXCL,
  O_RDONLY,
  O_TRUNC,
  O_WRONLY,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFREG,
} from '../../../kernel/linux/fs/flags.ts'
import { groups, users } from '../../lib/accounts.ts'
import { fromWord, toWord } from '../../lib/argument.ts'
import { entriesOf, modeText } from '../../lib/files.ts'
import { binary, print, readAll, readFile, warn, writeAll } from '../../lib/io.ts'
import { getopt, type Options, showUsage } from '../../lib/options.ts'
import { matchPattern } from '../../lib/pattern.ts'
import { strerror } from '../../lib/strerror.ts'
import { strftime, zoneOf } from '../../lib/time.ts'
import type { Applet } from '../../program.ts'
import { bzip2 } from './bzip2.ts'
import { unpack } from './compress.ts'
import { gzip, isGzip } from './gzip.ts'
import { BLOCK, type Kind, type Member, readMembers, writeMember } from './ustar.ts'

const TYPE_BITS: Readonly<Record<Kind, number>> = {
  file: S_IFREG,
  hardlink: S_IFREG,
  symlink: S_IFLNK,
  chr: S_IFCHR,
  blk: S_IFBLK,
  dir: S_IFDIR,
  fifo: S_IFIFO,
}
/** A name without what would lead out of the folder, and what was taken off. */
function safeName(name: string): readonly [name: string, removed: string] {
  const up = /^(?:[\s\S]*\/)?\.\.(?:\/|$)/.exec(name)
  const head = (up?.[0] ?? '') + (/^\/+/.exec(name.slice(up?.[0].length ?? 0))?.[0] ?? '')
  return [name.slice(head.length), head]
}

class Tar {
  readonly #sys: Sys
  readonly #o: Options
  readonly #exclude: readonly string[]
  #warned = new Set<string>()
  status: ExitCode = 0
  constructor(sys: Sys, o: Options, exclude: readonly string[]) {
    this.#sys = sys
    this.#o = o
    this.#exclude = exclude
  }
  *#complain(message: string): Run<void> {
    yield* warn(this.#sys, `tar: ${message}\n`)
    this.status = 1
  }
  *#removed(head: string): Run<void> {
    if (head === '' || this.#warned.has(head)) return
    this.#warned.add(head)
    yield* warn(this.#sys, `tar: removing leading '${toWord(head)}' from member names\n`)
  }
  #excluded(name: string): boolean {
    const bare = name.replace(/\/$/, '')
    return this.#exclude.some(
      (p) =>
        matchPattern(p, bare) ||
        bare
          .split('/')
          .some(
            (_, i, all) => matchPattern(p, all.slice(i).join('/')) || matchPattern(p, all.slice(0, i + 1).join('/')),
          ),
    )
  }

  // --- creating ---
  *create(
    files: readonly string[],
    archive: { readonly dev: number; readonly ino: number } | undefined,
  ): Run<Uint8Array> {
    const sys = this.#sys
    const names = new Map((yield* users(sys)).map((u) => [u.uid, u.name]))
    const groupNames = new Map((yield* groups(sys)).map((g) => [g.gid, g.name]))
    const blocks: Uint8Array[] = []
    /** Files that were met before by one of their names. */
    const first = new Map<string, string>()
    const toStdout = (this.#o.value('f') ?? '-') === '-'
    const add = function* (this: Tar, path: string): Run<void> {
      const s = this.#o.has('h') ? yield* sys.stat(path) : yield* sys.lstat(path)
      if (isErr(s)) return yield* this.#complain(`${path}: ${strerror(s)}`)
      if (archive && s.dev === archive.dev && s.ino === archive.ino)
        return yield* this.#complain(`${path}: file is the archive; skipping`)
      const [bare, head] = safeName(path)
      yield* this.#removed(fromWord(head))
      if (this.#excluded(path)) return
      let name = bare === '' ? (head === '' ? '' : '.') : bare
      if (isDir(s.mode)) name = name.replace(/\/*$/, '/')
      const key = `${s.dev}:${s.ino}`
      const known = !isDir(s.mode) && s.nlink > 1 ? first.get(key) : undefined
      if (!isDir(s.mode) && s.nlink > 1 && known === undefined) first.set(key, name)
      let kind: Kind
      let link = ''
      let data: Uint8Array = new Uint8Array(0)
      if (known !== undefined) {
        kind = 'hardlink'
        link = known
      } else if (isDir(s.mode)) kind = 'dir'
      else if (isLink(s.mode)) {
        kind = 'symlink'
        const target = yield* sys.readlink(path)
        link = isErr(target) ? '' : target
      } else if (isReg(s.mode)) {
        kind = 'file'
        const bytes = yield* readFile(sys, path)
        if (isErr(bytes)) return yield* this.#complain(`can't open '${path}': ${strerror(bytes)}`)
        data = bytes
      } else if (isChr(s.mode)) kind = 'chr'
      else if (isBlk(s.mode)) kind = 'blk'
      else if (isFifo(s.mode)) kind = 'fifo'
      else return isSock(s.mode) ? yield* this.#complain(`${path}: socket ignored`) : undefined
      if (this.#o.has('v')) yield* (toStdout ? warn : print)(sys, `${name}\n`)
      const owner = this.#o.has('9')
      const member: Member = {
        name: fromWord(name),
        kind,
        mode: s.mode & 0o7777,
        uid: s.uid,
        gid: s.gid,
        user: owner ? '' : (names.get(s.uid) ?? ''),
        group: owner ? '' : (groupNames.get(s.gid) ?? ''),
        mtime: Math.floor(s.mtime / 1e9),
        link: fromWord(link),
        major: major(s.rdev),
        minor: minor(s.rdev),
        data,
      }
      if (name !== '') blocks.push(...writeMember(member))
      if (kind !== 'dir' || this.#o.has('0')) return
      const list = yield* entriesOf(sys, path)
      if (isErr(list)) return yield* this.#complain(`${path}: ${strerror(list)}`)
      for (const n of list) yield* add.call(this, `${path.replace(/\/$/, '')}/${n}`)
    }
    for (const file of files) yield* add.call(this, file)
    if (this.status !== 0) yield* warn(sys, 'tar: error exit delayed from previous errors\n')
    const size = blocks.reduce((n, b) => n + b.length, 0) + 2 * BLOCK
    const all = new Uint8Array(Math.ceil(size / (20 * BLOCK)) * 20 * BLOCK)
    let at = 0
    for (const b of blocks) {
      all.set(b, at)
      at += b.length
    }
    return all
  }

  // --- listing and extracting ---
  *read(bytes: Uint8Array, wanted: readonly string[], extract: boolean): Run<void> {
    const { members, error } = readMembers(bytes)
    const patterns = wanted.map((w) => w.replace(/\/+$/, ''))
    const found = new Set<string>()
    const strip = Number(this.#o.value('2') ?? 0)
    const later: Member[] = []
    for (const m of members) {
      const word = toWord(m.name)
      const bare = word.replace(/\/+$/, '')
      const hit = patterns.filter((p) => bare === p || bare.startsWith(`${p}/`) || matchPattern(p, bare))
      for (const p of hit) found.add(p)
      if ((patterns.length > 0 && hit.length === 0) || this.#excluded(word)) continue
      let name = m.name
      if (strip > 0) {
        const parts = name.split('/').filter((p, i, all) => p !== '' || i < all.length - 1)
        name = parts.slice(strip).join('/')
        if (name === '') continue
        if (m.kind === 'dir') name += '/'
      }
      const [safe, head] = safeName(name)
      if (extract) yield* this.#removed(head)
      const shown = extract ? safe : name
      if (!extract || this.#o.has('v')) yield* this.#list(m, shown, extract)
      if (!extract || safe === '') continue
      const [link] = m.kind === 'hardlink' ? safeName(m.link) : [m.link]
      const member = { ...m, name: safe, link }
      yield* this.#extract(member)
      if (m.kind === 'dir') later.push(member)
    }
    // Directories get their modes and times when nothing more goes into them.
    for (const m of later.reverse()) yield* this.#attributes(m)
    if (error !== undefined) {
      yield* this.#complain(error)
      return
    }
    for (const [i, p] of patterns.entries())
      if (!found.has(p)) yield* this.#complain(`${wanted[i]}: not found in archive`)
  }
  *#list(m: Member, name: string, extract: boolean): Run<void> {
    const long = this.#o.all('v').length > (extract ? 1 : 0)
    const shown = toWord(name)
    const out = extract && this.#o.has('O') ? warn : print
    if (!long) {
      yield* out(this.#sys, `${shown}\n`)
      return
    }
    const numeric = this.#o.has('9')
    const owner = `${numeric || m.user === '' ? m.uid : m.user}/${numeric || m.group === '' ? m.gid : m.group}`
    const size =
      m.kind === 'chr' || m.kind === 'blk'
        ? `${m.major},${m.minor}`.padStart(9)
        : String(m.sparse?.size ?? m.data.length).padStart(9)
    const link = m.link !== '' && (m.kind === 'symlink' || m.kind === 'hardlink') ? ` -> ${toWord(m.link)}` : ''
    const mode = modeText(TYPE_BITS[m.kind] | m.mode)
    yield* out(
      this.#sys,
      `${mode} ${owner} ${size} ${strftime('%Y-%m-%d %H:%M:%S', m.mtime * 1e9, zoneOf(this.#sys))} ${shown}${link}\n`,
    )
  }
  *#parents(path: string): Run<void> {
    let at = path.startsWith('/') ? '/' : ''
    for (const part of path.split('/').slice(0, -1).filter(Boolean)) {
      at += part
      yield* this.#sys.mkdir(at, 0o777)
      at += '/'
    }
  }
  *#extract(m: Member): Run<void> {
    const sys = this.#sys
    const path = toWord(m.name).replace(/\/+$/, '') || '.'
    if (this.#o.has('O')) {
      if (m.kind === 'file') yield* writeAll(sys, 1, m.data)
      return
    }
    yield* this.#parents(path)
    let failed: Errno | undefined
    const there = yield* sys.lstat(path)
    if (!isErr(there) && m.kind !== 'dir') {
      if (this.#o.has('k')) return
      if (this.#o.has('u') && there.mtime >= m.mtime * 1e9) return
      // Unlinked first, so that other names of a file and what runs from it stay as they are.
      if (!(this.#o.has('1') && m.kind === 'file')) yield* sys.unlink(path)
    }
    switch (m.kind) {
      case 'dir': {
        failed = yield* sys.mkdir(path, 0o777)
        if (failed?.name === 'EEXIST' && !isErr(there) && isDir(there.mode)) failed = undefined
        if (failed) yield* this.#complain(`can't make dir ${path}: ${strerror(failed)}`)
        return
      }
      case 'hardlink': {
        failed = yield* sys.link(toWord(m.link), path)
        if (failed) yield* this.#complain(`can't create hardlink '${path}' to '${toWord(m.link)}': ${strerror(failed)}`)
        return
      }
      case 'symlink':
        failed = yield* sys.symlink(toWord(m.link), path)
        if (failed) yield* this.#complain(`can't create symlink '${path}' to '${toWord(m.link)}': ${strerror(failed)}`)
        else if (!this.#o.has('o')) yield* sys.lchown(path, m.uid, m.gid)
        return
      case 'file': {
        const fd = yield* sys.open(path, O_WRONLY | O_CREAT | (this.#o.has('1') ? O_TRUNC : O_EXCL), 0o600)
        if (isErr(fd)) {
          yield* this.#complain(`can't open '${path}': ${strerror(fd)}`)
          return
        }
        for (const { offset, bytes } of m.sparse?.pieces ?? [{ offset: 0, bytes: m.data }]) {
          yield* sys.lseek(fd, offset, 'set')
          failed ??= yield* writeAll(sys, fd, bytes)
        }
        if (m.sparse) yield* sys.ftruncate(fd, m.sparse.size)
        yield* sys.close(fd)
        if (failed) yield* this.#complain(`write error: ${strerror(failed)}`)
        break
      }
      default: {
        failed = yield* sys.mknod(path, TYPE_BITS[m.kind] | m.mode, makedev(m.major, m.minor))
        if (failed) {
          yield* this.#complain(`can't create node ${path}: ${strerror(failed)}`)
          return
        }
      }
    }
    yield* this.#attributes(m)
  }
  *#attributes(m: Member): Run<void> {
    const sys = this.#sys
    if (this.#o.has('O')) return
    const path = toWord(m.name).replace(/\/+$/, '') || '.'
    const { euid } = yield* sys.getcred()
    if (euid === 0 && !this.#o.has('o')) {
      const user = this.#o.has('9') ? undefined : (yield* users(sys)).find((u) => u.name === m.user)?.uid
      const group = this.#o.has('9') ? undefined : (yield* groups(sys)).find((g) => g.name === m.group)?.gid
      yield* sys.chown(path, user ?? m.uid, group ?? m.gid)
    }
    let mode = m.mode
    if (euid !== 0 && !this.#o.has('p')) {
      const mask = yield* sys.umask(0)
      yield* sys.umask(mask)
      mode &= ~mask
    }
    yield* sys.chmod(path, mode)
    if (!this.#o.has('m')) yield* sys.utimens(path, m.mtime * 1e9, m.mtime * 1e9)
  }
}

export const tar: Applet = {
  name: 'tar',
  usage: 'c|x|t [-ZzJjahmvokO] [-f TARFILE] [-C DIR] [FILE]...',
  help: "Create, extract, or list files from a tar file\n\n\tc\tCreate\n\tx\tExtract\n\tt\tList\n\t-f FILE\tName of TARFILE ('-' for stdin/out)\n\t-C DIR\tChange to DIR before operation\n\t-v\tVerbose\n\t-O\tExtract to stdout\n\t-m\tDon't restore mtime\n\t-o\tDon't restore user:group\n\t-k\tDon't replace existing files\n\t-Z\t(De)compress using compress\n\t-z\t(De)compress using gzip\n\t-J\t(De)compress using xz\n\t-j\t(De)compress using bzip2\n\t--lzma\t(De)compress using lzma\n\t-a\t(De)compress based on extension\n\t-h\tFollow symlinks\n\t--overwrite\t\tReplace existing files\n\t--strip-components NUM\tNUM of leading components to strip\n\t--no-recursion\t\tDon't descend in directories\n\t--numeric-owner\t\tUse numeric user:group\n\t--no-same-permissions\tDon't restore access permissions\n\t--to-command COMMAND\tPipe files to COMMAND",
  *run(sys, given) {
    // The first word may lack its dash.
    const argv =
      given[1] !== undefined && /^[a-zA-Z]/.test(given[1]) ? [given[0] as string, ...oldStyle(given.slice(1))] : given
    const o = yield* getopt(sys, tar, argv, 'tcxuojzJZaOC:f:T:X:vhpmksS:012:9', {
      list: 't',
      create: 'c',
      extract: 'x',
      get: 'x',
      directory: 'C',
      file: 'f',
      'to-stdout': 'O',
      'no-same-owner': 'o',
      'same-permissions': 'p',
      'preserve-permissions': 'p',
      'no-same-permissions': 's',
      'keep-old-files': 'k',
      touch: 'm',
      verbose: 'v',
      dereference: 'h',
      gzip: 'z',
      gunzip: 'z',
      bzip2: 'j',
      xz: 'J',
      'auto-compress': 'a',
      'files-from': 'T',
      'exclude-from': 'X',
      exclude: 'S',
      'numeric-owner': '9',
      'no-recursion': '0',
      overwrite: '1',
      'strip-components': '2',
    })
    if (typeof o === 'number') return o
    const actions = ['c', 'x', 't'].filter((a) => o.has(a))
    const [action] = actions
    if (actions.length !== 1) return yield* showUsage(sys, tar)
    if (o.has('J') || o.has('Z')) {
      yield* warn(sys, `zukan: not emulated: tar -${o.has('J') ? 'J' : 'Z'}\n`)
      return 1
    }
    const file = o.value('f') ?? '-'
    const fail = function* (message: string) {
      yield* warn(sys, `tar: ${message}\n`)
      return 1
    }
    const lists: Record<'T' | 'X', string[]> = { T: [], X: [] }
    for (const letter of ['T', 'X'] as const)
      for (const name of o.all(letter)) {
        const bytes = name === '-' ? yield* readAll(sys, 0) : yield* readFile(sys, name)
        if (isErr(bytes)) return yield* fail(`can't open '${name}': ${strerror(bytes)}`)
        lists[letter].push(...binary(bytes).split('\n').filter(Boolean).map(toWord))
      }
    const names = [...o.rest, ...lists.T]
    const work = new Tar(sys, o, [...o.all('S'), ...lists.X])
    const directory = o.value('C')
    if (action === 'c') {
      const out = file === '-' ? 1 : yield* sys.open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
      if (isErr(out)) return yield* fail(`can't open '${file}': ${strerror(out)}`)
      const s = file === '-' ? undefined : yield* sys.fstat(out)
      if (directory !== undefined) {
        const failed = yield* sys.chdir(directory)
        if (failed) return yield* fail(`can't change directory to '${directory}': ${strerror(failed)}`)
      }
      if (names.length === 0) return yield* fail('empty archive')
      let bytes = yield* work.create(names, s === undefined || isErr(s) ? undefined : s)
      const packed =
        o.has('z') || (o.has('a') && /\.t?gz$/.test(file))
          ? 'gz'
          : o.has('j') || (o.has('a') && /\.t?bz2?$/.test(file))
            ? 'bz2'
            : undefined
      if (packed) {
        yield* sys.compute(bytes.length * 60)
        bytes = packed === 'gz' ? gzip(bytes) : bzip2(bytes)
      }
      const failed = yield* writeAll(sys, out, bytes)
      if (failed) return yield* fail(`write error: ${strerror(failed)}`)
      return work.status
    }
    const input = file === '-' ? 0 : yield* sys.open(file, O_RDONLY)
    if (isErr(input)) return yield* fail(`can't open '${file}': ${strerror(input)}`)
    let bytes = yield* readAll(sys, input)
    if (isErr(bytes)) return yield* fail(`read error: ${strerror(bytes)}`)
    if (directory !== undefined) {
      const failed = yield* sys.chdir(directory)
      if (failed) return yield* fail(`can't change directory to '${directory}': ${strerror(failed)}`)
    }
    // Packed archives are known by their first bytes too.
    const packed =
      o.has('z') || isGzip(bytes)
        ? 'gz'
        : o.has('j') || /^BZh[1-9]1AY/.test(binary(bytes.subarray(0, 8)))
          ? 'bz2'
          : undefined
    if (packed) {
      const plain = yield* unpack(sys, packed, bytes)
      if ('error' in plain) return yield* fail(plain.error)
      bytes = plain
    }
    yield* work.read(bytes, names, action === 'x')
    return work.status
  },
}
/** `tar cf FILE ...`: letters first, their values after them in order. */
function oldStyle(words: readonly string[]): string[] {
  const [letters = '', ...rest] = words
  const out: string[] = []
  for (const c of letters) {
    out.push(`-${c}`)
    if ('fCTX'.includes(c)) {
      const value = rest.shift()
      if (value !== undefined) out.push(value)
    }
  }
  return [...out, ...rest]
}
