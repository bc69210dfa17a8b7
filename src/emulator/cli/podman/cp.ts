/** podman cp: files between a container and the host, or between containers. */
import { isErr } from '../../base/errno.ts'
import { Problem } from '../../engine/containers/problem.ts'
import { entryOf, treeEntries } from '../../engine/layers.ts'
import type { Container } from '../../engine/libpod/types.ts'
import { rootPath } from '../../engine/rootpath.ts'
import { unpack } from '../../engine/unpack.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { isDir } from '../../kernel/linux/fs/flags.ts'
import type { TarEntry } from '../../oci/tar.ts'
import { mounted } from './containers.ts'
import type { Commands, Context } from './context.ts'
import { absolute } from './values.ts'

interface Place {
  readonly container: Container | undefined
  readonly path: string
}
/** `CONTAINER:PATH`, or a path of the host's. */
function* placeOf(c: Context, word: string): Run<Place> {
  const m = /^([^/.:][^/:]*):(.*)$/s.exec(word)
  if (!m) return { container: undefined, path: word }
  return { container: yield* c.lp.find(m[1] as string), path: m[2] as string }
}
/** Runs with the real path of a place. */
function* at<T>(c: Context, p: Place, body: (path: string) => Run<T>): Run<T> {
  if (!p.container) return yield* body(yield* absolute(c.sys, p.path))
  const base = p.path.startsWith('/') ? p.path : `${p.container.config.workDir}/${p.path}`
  return yield* mounted(c, p.container, function* (root) {
    const real = yield* rootPath(c.sys, root, base)
    if (isErr(real)) throw new Problem(real.text.toLowerCase())
    return yield* body(real)
  })
}
export const copyCommands: Commands = {
  cp: {
    args: [2, 2],
    flags: 'archive overwrite',
    *run(c, g) {
      const [from = '', into = ''] = g.args
      if (from === '-' || into === '-') throw new Problem('zukan: not emulated: podman cp -')
      const source = yield* placeOf(c, from)
      const target = yield* placeOf(c, into)
      if (!source.container && !target.container)
        throw new Problem(
          'invalid arguments "%", "%": you must specify one container'.replace('%', from).replace('%', into),
        )
      const name = source.path.replace(/\/+$/, '').split('/').at(-1) ?? ''
      const whole = /\/\.$/.test(source.path)
      const { dir, entries } = yield* at(c, source, function* (path) {
        const s = yield* c.sys.stat(path)
        if (isErr(s))
          throw new Problem(
            source.container
              ? `${JSON.stringify(source.path)} could not be found on container ${source.container.config.name}: no such file or directory`
              : `${JSON.stringify(source.path)} could not be found on the host: no such file or directory`,
          )
        if (isDir(s.mode)) {
          const list = yield* treeEntries(c.sys, path)
          if (isErr(list)) throw new Problem(list.text.toLowerCase())
          return { dir: true, entries: list }
        }
        const one = yield* entryOf(c.sys, path, name, s)
        if (isErr(one) || !one) throw new Problem(`copying ${path}`)
        return { dir: false, entries: [one] }
      })
      yield* at(c, target, function* (path) {
        const s = yield* c.sys.stat(path)
        const folder = !isErr(s) && isDir(s.mode)
        if (
          isErr(s) &&
          (target.path.endsWith('/') || isErr(yield* c.sys.stat(path.slice(0, path.lastIndexOf('/')) || '/')))
        )
          throw new Problem(
            target.container
              ? `${JSON.stringify(target.path)} could not be found on container ${target.container.config.name}: no such file or directory`
              : `${JSON.stringify(target.path)} could not be found on the host: no such file or directory`,
          )
        if (dir && !isErr(s) && !folder) throw new Problem('destination must be a directory when copying a directory')
        // A directory goes below one that is there, and becomes one that isn't; its content alone goes with `/.`.
        const root = dir
          ? folder && !whole
            ? `${path}/${name}`
            : path
          : folder
            ? path
            : path.slice(0, path.lastIndexOf('/')) || '/'
        if (dir) yield* c.sys.mkdir(root, 0o755)
        const rename = !dir && !folder ? path.slice(path.lastIndexOf('/') + 1) : undefined
        const list: readonly TarEntry[] = rename === undefined ? entries : entries.map((e) => ({ ...e, path: rename }))
        // What comes from the host belongs to root inside, and the reverse.
        const owned = source.container ? list : list.map((e) => ({ ...e, uid: 0, gid: 0 }))
        const failed = yield* unpack(c.sys, root, owned)
        if (failed) throw new Problem(failed)
      })
      return 0
    },
  },
}
