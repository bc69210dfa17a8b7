/**
 * Directories that were found lately, by their absolute names: a container's files lie eight folders deep, and each call names them from
 * the root again. As in Linux's dcache nothing is believed that may have changed since: what is kept holds for one root directory, as
 * long as nothing is mounted in its namespace and no directory in memory is removed or renamed (`removals`).
 */
import type { Dentry, Mount, Path } from './path.ts'

/** Shorter names are walked as fast as they are found. */
export const LONG = 16
const MOST = 128

interface Walk extends Path {
  readonly root: Path
  readonly changes: number
  readonly removed: number
}

/** How many directories were removed or renamed. */
export const removals = { count: 0 }

export class Walks {
  readonly #known = new Map<string, Walk>()

  /** The directory of an absolute name without symbolic links, as seen from a root; undefined where it must be walked. */
  find(name: string, root: Path): Path | undefined {
    const walk = this.#known.get(name)
    return walk &&
      walk.root.dentry === root.dentry &&
      walk.root.mount === root.mount &&
      walk.changes === root.mount.namespace.changes &&
      walk.removed === removals.count
      ? walk
      : undefined
  }
  keep(name: string, root: Path, mount: Mount, dentry: Dentry): void {
    if (this.#known.size >= MOST) this.#known.clear()
    this.#known.set(name, {
      root,
      mount,
      dentry,
      changes: root.mount.namespace.changes,
      removed: removals.count,
    })
  }
}
