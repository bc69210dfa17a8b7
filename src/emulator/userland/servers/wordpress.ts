/**
 * What WordPress's image runs: GNU tar, by which its entry point copies WordPress to where the site is kept, with owner and mode of each file;
 * and Apache. PHP isn't emulated.
 */
import { type Errno, isErr } from '../../base/errno.ts'
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { isDir, O_CREAT, O_TRUNC, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { BLOCK, type Member, readMembers, writeMember } from '../busybox/archive/ustar.ts'
import { groups, users } from '../lib/accounts.ts'
import { entriesOf, modeText } from '../lib/files.ts'
import { HttpReader, sendResponse } from '../lib/http.ts'
import { encode, readAll, readFile, warn, writeAll } from '../lib/io.ts'
import { strftime } from '../lib/time.ts'

/** A folder's files, each below `path`. */
function* collect(
  sys: Sys,
  root: string,
  path: string,
  owner: Pick<Member, 'uid' | 'gid' | 'user' | 'group'>,
): Run<Member[]> {
  const s = yield* sys.stat(`${root}/${path}`)
  if (isErr(s)) return []
  const common = { mode: s.mode & 0o7777, ...owner, mtime: Math.floor(s.mtime / 1e9), link: '', major: 0, minor: 0 }
  if (!isDir(s.mode)) {
    const bytes = yield* readFile(sys, `${root}/${path}`)
    return [{ ...common, name: path, kind: 'file', data: isErr(bytes) ? new Uint8Array(0) : bytes }]
  }
  const entries = yield* entriesOf(sys, `${root}/${path}`)
  const out: Member[] = [{ ...common, name: `${path}/`, kind: 'dir', data: new Uint8Array(0) }]
  for (const name of isErr(entries) ? [] : entries) out.push(...(yield* collect(sys, root, `${path}/${name}`, owner)))
  return out
}
/** What tar --extract does as root: each file with its owner and mode; folders' modes last. Answers the exit code. */
function* extract(sys: Sys, members: readonly Member[]): Run<number> {
  let failures = 0
  const complain = function* (m: Member, what: string, e: Errno): Run<void> {
    failures++
    yield* warn(sys, `tar: ${m.name.replace(/\/$/, '')}: ${what}: ${e.text}\n`)
  }
  const attributes = function* (m: Member): Run<void> {
    const owned = yield* sys.chown(m.name, m.uid, m.gid)
    if (owned) yield* complain(m, `Cannot change ownership to uid ${m.uid}, gid ${m.gid}`, owned)
    const failed = yield* sys.chmod(m.name, m.mode)
    if (failed) yield* complain(m, `Cannot change mode to ${modeText(m.mode).slice(1)}`, failed)
  }
  for (const m of members) {
    if (m.kind === 'dir') {
      const failed = yield* sys.mkdir(m.name, 0o700)
      if (failed && failed.name !== 'EEXIST') yield* complain(m, 'Cannot mkdir', failed)
      continue
    }
    const fd = yield* sys.open(m.name, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    if (isErr(fd)) {
      yield* complain(m, 'Cannot open', fd)
      continue
    }
    yield* writeAll(sys, fd, m.data)
    yield* sys.close(fd)
    yield* attributes(m)
  }
  for (const m of members) if (m.kind === 'dir') yield* attributes(m)
  if (failures === 0) return 0
  yield* warn(sys, 'tar: Exiting with failure status due to previous errors\n')
  return 2
}
/** tar --create|--extract --file - [--directory DIR] [--owner USER --group GROUP] [.] */
export const gnuTar: Program = function* (sys, argv) {
  const option = (name: string): string | undefined => {
    const at = argv.indexOf(`--${name}`)
    return at < 0 ? undefined : argv[at + 1]
  }
  const unknown = argv
    .slice(1)
    .find((a) => a.startsWith('-') && !/^(-|--(create|extract|file|directory|owner|group|no-overwrite-dir))$/.test(a))
  if (unknown !== undefined || option('file') !== '-') {
    yield* warn(sys, `zukan: not emulated: tar ${unknown ?? 'without --file -'}\n`)
    return 2
  }
  const folder = option('directory')
  if (argv.includes('--create')) {
    const user = option('owner') ?? 'root'
    const group = option('group') ?? 'root'
    const uid = (yield* users(sys)).find((u) => u.name === user)?.uid ?? 0
    const gid = (yield* groups(sys)).find((g) => g.name === group)?.gid ?? 0
    const members = yield* collect(sys, folder ?? '.', '.', { uid, gid, user, group })
    for (const block of [...members.flatMap(writeMember), new Uint8Array(2 * BLOCK)])
      if (yield* writeAll(sys, 1, block)) return 2
    return 0
  }
  if (folder !== undefined) yield* sys.chdir(folder)
  const bytes = yield* readAll(sys, 0)
  const { members, error } = readMembers(isErr(bytes) ? new Uint8Array(0) : bytes)
  if (error !== undefined) {
    yield* warn(
      sys,
      'tar: This does not look like a tar archive\ntar: Exiting with failure status due to previous errors\n',
    )
    return 2
  }
  return yield* extract(sys, members)
}

const ROOT = '/var/www/html'
/** apache2-foreground: static files of the site. */
export const apache: Program = function* (sys) {
  const socket = yield* sys.socket('inet', 'stream')
  if (isErr(socket)) return 1
  const taken =
    (yield* sys.bind(socket, { family: 'inet', address: '0.0.0.0', port: 80 })) ?? (yield* sys.listen(socket))
  if (taken) {
    yield* warn(
      sys,
      `(${taken.number})${taken.text}: AH00072: make_sock: could not bind to address 0.0.0.0:80\nno listening sockets available, shutting down\nAH00015: Unable to open logs\n`,
    )
    return 1
  }
  const pid = yield* sys.getpid()
  const note = function* (module: string, text: string): Run<void> {
    const now = yield* sys.clock('realtime')
    yield* warn(
      sys,
      `[${strftime('%a %b %d %T.%N', now).slice(0, 26)} ${strftime('%Y', now)}] [${module}:notice] [pid ${pid}:tid ${pid}] ${text}\n`,
    )
  }
  yield* note('mpm_prefork', 'AH00163: Apache/2.4.65 (Debian) PHP/8.3.28 configured -- resuming normal operations')
  yield* note('core', "AH00094: Command line: 'apache2 -D FOREGROUND'")
  for (;;) {
    const client = yield* sys.accept(socket)
    if (isErr(client)) continue
    sys.thread(function* (t) {
      const reader = new HttpReader(t, client)
      for (let request = yield* reader.request(); request; request = yield* reader.request()) {
        const path = (request.target.split('?')[0] ?? '/').replace(/\.\.+/g, '').replace(/\/$/, '/index.php')
        const body = yield* readFile(t, ROOT + path)
        const [status, content] = isErr(body)
          ? [404, encode('<h1>Not Found</h1>\n')]
          : path.endsWith('.php')
            ? [501, encode('zukan: not emulated: PHP\n')]
            : [200, body]
        yield* sendResponse(
          t,
          client,
          status as number,
          { Server: 'Apache/2.4.65 (Debian)', 'Content-Type': 'text/html' },
          content as Uint8Array,
          request.method === 'HEAD',
        )
      }
      yield* t.close(client)
    })
  }
}
