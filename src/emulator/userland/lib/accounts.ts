/** Users and groups by /etc/passwd and /etc/group, passwd(5), group(5). */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { readText } from './io.ts'

export interface User {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
  readonly shell: string
}
export interface Group {
  readonly name: string
  readonly gid: number
  readonly members: readonly string[]
}

/** All users; none where the file can't be read. */
export function* users(sys: Sys): Run<User[]> {
  const text = yield* readText(sys, '/etc/passwd')
  if (isErr(text)) return []
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid, , home, shell] = line.split(':')
    return name && uid !== undefined
      ? [{ name, uid: Number(uid), gid: Number(gid), home: home ?? '/', shell: shell ?? '/bin/sh' }]
      : []
  })
}
export function* groups(sys: Sys): Run<Group[]> {
  const text = yield* readText(sys, '/etc/group')
  if (isErr(text)) return []
  return text.split('\n').flatMap((line) => {
    const [name, , gid, members] = line.split(':')
    return name && gid !== undefined
      ? [{ name, gid: Number(gid), members: (members ?? '').split(',').filter(Boolean) }]
      : []
  })
}
/** Names by number for a listing. */
export function* names(
  sys: Sys,
): Run<{ readonly user: (uid: number) => string; readonly group: (gid: number) => string }> {
  const u = new Map((yield* users(sys)).map((x) => [x.uid, x.name]))
  const g = new Map((yield* groups(sys)).map((x) => [x.gid, x.name]))
  return { user: (uid) => u.get(uid) ?? String(uid), group: (gid) => g.get(gid) ?? String(gid) }
}
