/** Completion of command lines, for terminals of pages. */
import { isErr } from './base/errno.ts'
import { shapes } from './cli/docker/shapes.ts'
import { dockerWords, groups, membersOf, resolve } from './cli/docker/words.ts'
import { flagsOf } from './cli/flags.ts'
import type { Session } from './index.ts'
// It looks into file systems from outside, where nothing can wait for code.
import './hosts/later.ts'
import { viewOf } from './view.ts'

/** Ends of the word before the cursor: programs for a first word, names of files for others. */
export function completions(session: Session, line: string): readonly string[] {
  const word = /\S*$/.exec(line)?.[0] ?? ''
  const first = !/\S\s/.test(line.slice(0, line.length - word.length)) && line.trim() === word
  const list = (path: string): readonly string[] => {
    let at = session.kernel.initialMounts.root.root.inode
    for (const part of path.split('/').filter(Boolean)) {
      let next = at.lookup(part)
      if (!isErr(next) && (next.mode & 0o170000) === 0o120000) {
        const target = next.readlink()
        next = isErr(target)
          ? next
          : session.kernel.initialMounts.root.root.inode.lookup(target.split('/').filter(Boolean)[0] ?? '')
      }
      if (isErr(next)) return []
      at = next
    }
    const entries = at.list()
    return isErr(entries) ? [] : entries.map((e) => e.name + ((e.type & 0o170000) === 0o040000 ? '/' : ''))
  }
  const { shell } = session.host
  if (first && shell.words) return shell.words.filter((n) => n.toLowerCase().startsWith(word.toLowerCase()))
  if (first && !word.includes('/'))
    return [...new Set([...list('/usr/local/bin'), ...list('/usr/bin')])].filter((n) => n.startsWith(word)).sort()
  const words = line.trimStart().split(/\s+/)
  if (words[0] === 'docker' && words.length === 2) return dockerWords.filter((n) => n.startsWith(word))
  if (words[0] === 'docker' && words.length === 3 && groups[words[1] ?? ''])
    return membersOf(words[1] as string)
      .map((m) => m.names[0] as string)
      .filter((n) => n.startsWith(word))
  if (words[0] === 'docker' && word.startsWith('-')) {
    const found = resolve(words.slice(1, -1))
    const shape = found.kind === 'command' ? shapes[found.name] : undefined
    if (shape)
      return flagsOf(shape[3])
        .filter((f) => !f.hidden && !f.windows)
        .map((f) => `--${f.name}`)
        .filter((n) => n.startsWith(word))
        .sort()
  }
  if (words[0] === 'docker') {
    const names = viewOf(session.world, session.machine.name)?.containers.map((c) => c.name) ?? []
    const hits = names.filter((n) => n.startsWith(word))
    if (hits.length > 0) return hits
  }
  const slash = word.lastIndexOf('/')
  const dir = slash < 0 ? shell.home : word.slice(0, slash + 1)
  return list(dir.startsWith('/') ? dir : `${shell.home}/${dir}`)
    .filter((n) => n.startsWith(word.slice(slash + 1)))
    .map((n) => word.slice(0, slash + 1) + n)
    .sort()
}
