/** Where COPY takes files from: the build context, as it was sent, or another stage's file system. */
import { isErr } from '../../base/errno.ts'
import { fromText } from '../../base/filedata.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { isDir, isLink } from '../../kernel/linux/fs/flags.ts'
import type { TarEntry } from '../../oci/tar.ts'
import { entryOf, namesIn } from '../layers.ts'
import { rootPath } from '../rootpath.ts'
import { cleanPath, hasWildcard, ignoreMatcher, patternSource } from './ignore.ts'

export interface Source {
  /** Names in a directory, sorted. */
  names(path: string): Run<readonly string[]>
  /** What is there, its content included; undefined where nothing is. Paths have no leading slash; '' is the top. */
  entry(path: string): Run<TarEntry | undefined>
  /** The path that a name stands for when symbolic links are followed. */
  follow(path: string): Run<string>
}

/** The files of an archive. */
export class ContextSource implements Source {
  readonly entries: ReadonlyMap<string, TarEntry>
  readonly #children = new Map<string, Set<string>>()
  constructor(entries: ReadonlyMap<string, TarEntry>) {
    this.entries = entries
    for (const path of entries.keys()) {
      const parts = path.split('/')
      parts.forEach((name, i) => {
        const above = parts.slice(0, i).join('/')
        const names = this.#children.get(above) ?? new Set()
        names.add(name)
        this.#children.set(above, names)
      })
    }
  }
  *names(path: string): Run<readonly string[]> {
    return [...(this.#children.get(path) ?? [])].sort()
  }
  *entry(path: string): Run<TarEntry | undefined> {
    const known = this.entries.get(path)
    if (known) return known
    // An archive needn't have an entry for every directory.
    if (path === '' || this.#children.has(path)) return { path, type: 'dir', mode: 0o755, uid: 0, gid: 0, mtime: 0 }
    return undefined
  }
  *follow(path: string): Run<string> {
    let rest = path.split('/').filter(Boolean)
    const done: string[] = []
    for (let links = 0; rest.length > 0 && links < 255; ) {
      const [name = '', ...later] = rest
      rest = later
      if (name === '.' || name === '') continue
      if (name === '..') {
        done.pop()
        continue
      }
      const e = this.entries.get([...done, name].join('/'))
      if (e?.type !== 'symlink') {
        done.push(name)
        continue
      }
      links++
      if (e.target?.startsWith('/')) done.length = 0
      rest = [...(e.target ?? '').split('/'), ...rest]
    }
    return done.join('/')
  }
}
/** A mounted file system. */
export class MountedSource implements Source {
  readonly sys: Sys
  readonly root: string
  constructor(sys: Sys, root: string) {
    this.sys = sys
    this.root = root
  }
  names(path: string): Run<readonly string[]> {
    return namesIn(this.sys, path === '' ? this.root : `${this.root}/${path}`)
  }
  *entry(path: string): Run<TarEntry | undefined> {
    const at = path === '' ? this.root : `${this.root}/${path}`
    const s = yield* this.sys.lstat(at)
    if (isErr(s) || (path !== '' && !isDir(s.mode) && !isLink(s.mode) && s.nlink === 0)) return undefined
    const e = yield* entryOf(this.sys, at, path, s)
    return e === undefined || isErr(e) ? undefined : e
  }
  *follow(path: string): Run<string> {
    const real = yield* rootPath(this.sys, this.root, path)
    return isErr(real) ? path : real.slice(this.root.length + 1)
  }
}

/** One file to be copied: where to below the destination, and what. */
export interface Item {
  /** Below the destination; '' is the destination itself. */
  readonly below: string
  readonly entry: TarEntry
  /** A file that was named itself: its name counts where the destination is a directory. */
  readonly name: string | undefined
}
/** A path that COPY names and that isn't there. */
export interface Missing {
  readonly missing: string
}

/** Directories whose names a pattern's parts match, one level after the other. */
function* glob(source: Source, pattern: string): Run<string[]> {
  let found = ['']
  for (const part of pattern.split('/').filter(Boolean)) {
    const next: string[] = []
    const src = hasWildcard(part) ? patternSource(part, false) : undefined
    for (const dir of found) {
      const at = (name: string): string => (dir === '' ? name : `${dir}/${name}`)
      if (src === undefined) {
        const name = part.replace(/\\(.)/g, '$1')
        if (yield* source.entry(yield* source.follow(at(name)))) next.push(at(name))
        continue
      }
      const re = new RegExp(`^${src}$`, 'su')
      for (const name of yield* source.names(yield* source.follow(dir))) if (re.test(name)) next.push(at(name))
    }
    found = next
  }
  return found
}

/** The files that the sources of one COPY stand for, in the order they are copied. */
export function* selectFiles(
  source: Source,
  sources: readonly string[],
  exclude: readonly string[],
): Run<Item[] | Missing> {
  const out: Item[] = []
  const excluded = exclude.length > 0 ? ignoreMatcher(exclude.map((p) => p.replace(/^\//, ''))) : () => false
  const skip = typeof excluded === 'function' ? excluded : () => false
  for (const given of sources) {
    const clean = cleanPath(`/${given}`).slice(1)
    const wild = hasWildcard(clean)
    for (const path of wild ? yield* glob(source, clean) : [clean]) {
      const real = yield* source.follow(path)
      const e = yield* source.entry(real)
      if (!e) return { missing: `/${clean}` }
      const name = path.slice(path.lastIndexOf('/') + 1)
      if (e.type !== 'dir') {
        if (!skip(name)) out.push({ below: '', entry: e, name })
        continue
      }
      out.push({ below: '', entry: e, name: undefined })
      const walk = function* (dir: string, below: string): Run<void> {
        for (const n of yield* source.names(dir)) {
          const own = below === '' ? n : `${below}/${n}`
          const inner = yield* source.entry(dir === '' ? n : `${dir}/${n}`)
          if (!inner || skip(own)) continue
          out.push({ below: own, entry: inner, name: undefined })
          if (inner.type === 'dir') yield* walk(dir === '' ? n : `${dir}/${n}`, own)
        }
      }
      yield* walk(real, '')
    }
  }
  return out
}
/** A here-document as a file to copy. */
export const documentItem = (name: string, content: string, mtime: number): Item => ({
  below: '',
  name,
  entry: { path: name, type: 'file', mode: 0o644, uid: 0, gid: 0, mtime, data: fromText(content) },
})
