/** adduser, addgroup, deluser, delgroup, and passwd's locks: what they change in /etc/passwd, /etc/group and /etc/shadow. */
import { type Errno, isErr } from '../../../base/errno.ts'
import type { ExitCode, Run, Sys } from '../../../kernel/linux/abi.ts'
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../../kernel/linux/fs/flags.ts'
import { groups, users } from '../../lib/accounts.ts'
import { encode, readText, warn, writeAll } from '../../lib/io.ts'
import { parseNumber } from '../../lib/number.ts'
import { getopt, showUsage } from '../../lib/options.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'
import { removeTree } from '../core/remove.ts'

function* bad(sys: Sys, text: string): Run<ExitCode> {
  yield* warn(sys, `${text}\n`)
  return 1
}
/** Changes a file's lines, in a new file that takes its place, as update_passwd of libbb does. */
function* edit(
  sys: Sys,
  path: string,
  change: (lines: string[]) => readonly string[],
  mode: number,
): Run<Errno | undefined> {
  const text = yield* readText(sys, path)
  // A system without shadow passwords has no such file.
  if (isErr(text)) return text.name === 'ENOENT' && path.endsWith('shadow') ? undefined : text
  const s = yield* sys.stat(path)
  const lines = change(text.replace(/\n$/, '').split('\n'))
  const fd = yield* sys.open(`${path}+`, O_WRONLY | O_CREAT | O_TRUNC, isErr(s) ? mode : s.mode & 0o7777)
  if (isErr(fd)) return fd
  const failed = yield* writeAll(sys, fd, encode(lines.map((l) => `${l}\n`).join('')))
  if (!isErr(s)) yield* sys.fchown(fd, s.uid, s.gid)
  yield* sys.close(fd)
  return failed ?? (yield* sys.rename(`${path}+`, path))
}
function* mustBeRoot(sys: Sys, name: string): Run<ExitCode | undefined> {
  return (yield* sys.getcred()).euid === 0 ? undefined : yield* bad(sys, `${name}: must be run as root`)
}
const validName = (name: string): boolean => /^[A-Za-z0-9_.][A-Za-z0-9_.-]*\$?$/.test(name)
/** The lowest number from `from` to `to` that none has. */
const freeNumber = (taken: ReadonlySet<number>, from: number, to: number): number | undefined => {
  for (let n = from; n <= to; n++) if (!taken.has(n)) return n
  return undefined
}
function* makeGroup(sys: Sys, who: string, name: string, gid: number | undefined, system: boolean): Run<ExitCode> {
  const all = yield* groups(sys)
  if (all.some((g) => g.name === name)) return yield* bad(sys, `${who}: group '${name}' in use`)
  const taken = new Set(all.map((g) => g.gid))
  if (gid !== undefined && taken.has(gid)) return yield* bad(sys, `${who}: gid '${gid}' in use`)
  const id = gid ?? (system ? freeNumber(taken, 100, 999) : freeNumber(taken, 1000, 60000))
  if (id === undefined) return yield* bad(sys, `${who}: no gids left`)
  const failed = yield* edit(sys, '/etc/group', (l) => [...l, `${name}:x:${id}:`], 0o644)
  if (failed) return yield* bad(sys, `${who}: /etc/group: ${strerror(failed)}`)
  return 0
}

export const addgroup: Applet = {
  name: 'addgroup',
  usage: '[-g GID] [-S] [USER] GROUP',
  help: 'Add a group or add a user to a group\n\n\t-g GID\tGroup id\n\t-S\tCreate a system group',
  *run(sys, argv) {
    const o = yield* getopt(sys, addgroup, argv, 'g:S', { gid: 'g', system: 'S' })
    if (typeof o === 'number') return o
    if (o.rest.length === 0 || o.rest.length > 2) return yield* showUsage(sys, addgroup)
    const refused = yield* mustBeRoot(sys, 'addgroup')
    if (refused !== undefined) return refused
    const gid = o.has('g') ? parseNumber(o.value('g') as string, 0, 60000) : undefined
    if (typeof gid === 'object') return yield* bad(sys, `addgroup: ${gid.error}`)
    const [first = '', second] = o.rest
    if (second === undefined) {
      if (!validName(first)) return yield* bad(sys, 'addgroup: illegal name')
      return yield* makeGroup(sys, 'addgroup', first, gid, o.has('S'))
    }
    if (!(yield* users(sys)).some((u) => u.name === first)) return yield* bad(sys, `addgroup: unknown user ${first}`)
    return yield* joinGroup(sys, 'addgroup', first, second)
  },
}
function* joinGroup(sys: Sys, who: string, user: string, group: string): Run<ExitCode> {
  const there = (yield* groups(sys)).find((g) => g.name === group)
  if (!there) return yield* bad(sys, `${who}: unknown group ${group}`)
  if (there.members.includes(user)) return 0
  const failed = yield* edit(
    sys,
    '/etc/group',
    (l) => l.map((line) => (line.startsWith(`${group}:`) ? `${line}${line.endsWith(':') ? '' : ','}${user}` : line)),
    0o644,
  )
  return failed ? yield* bad(sys, `${who}: /etc/group: ${strerror(failed)}`) : 0
}

export const adduser: Applet = {
  name: 'adduser',
  usage: '[OPTIONS] USER [GROUP]',
  help: "Create new user, or add USER to GROUP\n\n\t-h DIR\t\tHome directory\n\t-g GECOS\tGECOS field\n\t-s SHELL\tLogin shell\n\t-G GRP\t\tGroup\n\t-S\t\tCreate a system user\n\t-D\t\tDon't assign a password\n\t-H\t\tDon't create home directory\n\t-u UID\t\tUser id\n\t-k SKEL\t\tSkeleton directory (/etc/skel)",
  *run(sys, argv) {
    const o = yield* getopt(sys, adduser, argv, 'h:g:s:G:DSHu:k:', {
      home: 'h',
      gecos: 'g',
      shell: 's',
      ingroup: 'G',
      'disabled-password': 'D',
      'empty-password': 'D',
      system: 'S',
      'no-create-home': 'H',
      uid: 'u',
      skel: 'k',
    })
    if (typeof o === 'number') return o
    const [name, into] = o.rest
    if (name === undefined || o.rest.length > 2) return yield* showUsage(sys, adduser)
    const refused = yield* mustBeRoot(sys, 'adduser')
    if (refused !== undefined) return refused
    if (into !== undefined) {
      if (!(yield* users(sys)).some((u) => u.name === name)) return yield* bad(sys, `adduser: unknown user ${name}`)
      return yield* joinGroup(sys, 'adduser', name, into)
    }
    if (!validName(name)) return yield* bad(sys, 'adduser: illegal name')
    const all = yield* users(sys)
    if (all.some((u) => u.name === name)) return yield* bad(sys, `adduser: user '${name}' in use`)
    const system = o.has('S')
    const taken = new Set(all.map((u) => u.uid))
    const given = o.has('u') ? parseNumber(o.value('u') as string, 0, 60000) : undefined
    if (typeof given === 'object') return yield* bad(sys, `adduser: ${given.error}`)
    if (given !== undefined && taken.has(given)) return yield* bad(sys, `adduser: uid '${given}' in use`)
    const gids = yield* groups(sys)
    const groupName = o.value('G') ?? (system ? 'nogroup' : undefined)
    const group = gids.find((g) => g.name === (groupName ?? name))
    if (groupName !== undefined && !group) return yield* bad(sys, `adduser: unknown group ${groupName}`)
    if (groupName === undefined && group) return yield* bad(sys, `adduser: group '${name}' in use`)
    // A user's own group has the same number, so both must be free.
    const both = groupName === undefined ? new Set([...taken, ...gids.map((g) => g.gid)]) : taken
    const uid = given ?? (system ? freeNumber(both, 100, 999) : freeNumber(both, 1000, 60000))
    if (uid === undefined) return yield* bad(sys, 'adduser: no uids left')
    const gid = group?.gid ?? uid
    const home = o.value('h') ?? `/home/${name}`
    const shell = o.value('s') ?? (system ? '/sbin/nologin' : '/bin/sh')
    const line = `${name}:x:${uid}:${gid}:${o.value('g') ?? 'Linux User'},,,:${home}:${shell}`
    const days = Math.floor((yield* sys.clock('realtime')) / 86400e9)
    const failed =
      (yield* edit(sys, '/etc/passwd', (l) => [...l, o.has('g') ? line.replace(',,,:', ':') : line], 0o644)) ??
      (yield* edit(sys, '/etc/shadow', (l) => [...l, `${name}:!:${days}:0:99999:7:::`], 0o640))
    if (failed) return yield* bad(sys, `adduser: /etc/passwd: ${strerror(failed)}`)
    if (groupName === undefined) {
      const status = yield* makeGroup(sys, 'addgroup', name, gid, system)
      if (status !== 0) return status
    } else {
      const status = yield* joinGroup(sys, 'adduser', name, groupName)
      if (status !== 0) return status
    }
    if (!o.has('H')) {
      yield* sys.mkdir(home.replace(/\/[^/]*$/, '') || '/', 0o755)
      const made = yield* sys.mkdir(home, 0o755)
      if (made && made.name !== 'EEXIST') yield* warn(sys, `adduser: ${home}: ${strerror(made)}\n`)
      else if (!made) {
        yield* sys.chown(home, uid, gid)
        // New files in it belong to its group.
        yield* sys.chmod(home, 0o2755)
      }
    }
    if (o.has('D') || system) return 0
    yield* warn(sys, 'zukan: not emulated: passwd, which adduser without -D calls; the account is locked\n')
    return 1
  },
}
export const deluser: Applet = {
  name: 'deluser',
  usage: '[--remove-home] USER',
  help: 'Delete USER from the system',
  *run(sys, argv) {
    const o = yield* getopt(sys, deluser, argv, 'R', { 'remove-home': 'R' })
    if (typeof o === 'number') return o
    const [name, group] = o.rest
    if (name === undefined || o.rest.length > 2) return yield* showUsage(sys, deluser)
    const refused = yield* mustBeRoot(sys, 'deluser')
    if (refused !== undefined) return refused
    if (group !== undefined) return yield* leaveGroup(sys, name, group)
    const user = (yield* users(sys)).find((u) => u.name === name)
    if (!user) return yield* bad(sys, `deluser: unknown user ${name}`)
    const others = (l: string[]): string[] => l.filter((line) => !line.startsWith(`${name}:`))
    const failed =
      (yield* edit(sys, '/etc/passwd', others, 0o644)) ??
      (yield* edit(sys, '/etc/shadow', others, 0o640)) ??
      (yield* edit(
        sys,
        '/etc/group',
        (l) => l.filter((line) => !line.startsWith(`${name}:`) || !/:$/.test(line)).map((line) => without(line, name)),
        0o644,
      ))
    if (failed) return yield* bad(sys, `deluser: /etc/passwd: ${strerror(failed)}`)
    return o.has('R') ? yield* removeTree(sys, user.home, { recursive: true, force: true, name: 'deluser' }) : 0
  },
}
/** A line of /etc/group without a member. */
function without(line: string, user: string): string {
  const at = line.lastIndexOf(':') + 1
  return (
    line.slice(0, at) +
    line
      .slice(at)
      .split(',')
      .filter((m) => m !== user)
      .join(',')
  )
}
function* leaveGroup(sys: Sys, user: string, group: string): Run<ExitCode> {
  const there = (yield* groups(sys)).find((g) => g.name === group)
  if (!there) return yield* bad(sys, `deluser: unknown group ${group}`)
  if (!there.members.includes(user))
    return yield* bad(sys, `deluser: user '${user}' is not a member of group '${group}'`)
  const failed = yield* edit(
    sys,
    '/etc/group',
    (l) => l.map((line) => (line.startsWith(`${group}:`) ? without(line, user) : line)),
    0o644,
  )
  return failed ? yield* bad(sys, `deluser: /etc/group: ${strerror(failed)}`) : 0
}
export const delgroup: Applet = {
  name: 'delgroup',
  usage: '[USER] GROUP',
  help: 'Delete group GROUP from the system or user USER from group GROUP',
  *run(sys, argv) {
    const o = yield* getopt(sys, delgroup, argv, '')
    if (typeof o === 'number') return o
    if (o.rest.length === 0 || o.rest.length > 2) return yield* showUsage(sys, delgroup)
    const refused = yield* mustBeRoot(sys, 'delgroup')
    if (refused !== undefined) return refused
    if (o.rest.length === 2) return yield* leaveGroup(sys, o.rest[0] as string, o.rest[1] as string)
    const name = o.rest[0] as string
    const group = (yield* groups(sys)).find((g) => g.name === name)
    if (!group) return yield* bad(sys, `delgroup: unknown group ${name}`)
    const owner = (yield* users(sys)).find((u) => u.gid === group.gid)
    if (owner) return yield* bad(sys, `delgroup: '${owner.name}' still has '${name}' as their primary group!`)
    const failed = yield* edit(sys, '/etc/group', (l) => l.filter((line) => !line.startsWith(`${name}:`)), 0o644)
    return failed ? yield* bad(sys, `delgroup: /etc/group: ${strerror(failed)}`) : 0
  },
}
