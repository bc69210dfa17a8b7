/** The API's routes on volumes. */
import { filtersOf, filterValues, labelsPass, nameMatches } from '../filters.ts'
import { created, none, ok, type Route, truth } from '../routes.ts'
import { treeSize } from '../sizes.ts'
import { ApiError } from '../state.ts'
import { ensureVolume, removeVolume, usersOf } from '../volumes.ts'
import { describeVolume } from './documents.ts'

export const volumeRoutes: readonly Route[] = [
  [
    'GET',
    /^\/volumes$/,
    function* (c) {
      const filters = filtersOf(c, ['dangling', 'driver', 'label', 'name'])
      const any = (key: string, test: (v: string) => boolean): boolean => {
        const values = filterValues(filters, key)
        return values.length === 0 || values.some(test)
      }
      for (const v of filterValues(filters, 'dangling'))
        if (!/^(true|false|0|1)$/.test(v)) throw new ApiError(400, `invalid filter 'dangling=[${v}]'`)
      const list = [...c.d.volumes.values()].filter(
        (v) =>
          any('name', (x) => nameMatches(v.name, x)) &&
          any('driver', (x) => x === 'local') &&
          any('dangling', (x) => (usersOf(c.d, v.name).length === 0) === /^(true|1)$/.test(x)) &&
          labelsPass(v.labels, filters),
      )
      return ok({ Volumes: list.map(describeVolume), Warnings: null })
    },
  ],
  [
    'POST',
    /^\/volumes\/create$/,
    function* (c) {
      const b = yield* c.json<{
        Name?: string
        Driver?: string
        Labels?: Record<string, string>
        DriverOpts?: Record<string, string>
      }>('volumeCreate')
      if (b.Driver && b.Driver !== 'local')
        throw new ApiError(
          404,
          `create ${b.Name}: error looking up volume plugin ${b.Driver}: plugin "${b.Driver}" not found`,
        )
      const v = yield* ensureVolume(c.sys, c.d, b.Name ?? '', b.Labels ?? {}, b.DriverOpts ?? {})
      return created(describeVolume(v))
    },
  ],
  [
    'POST',
    /^\/volumes\/prune$/,
    function* (c) {
      const filters = filtersOf(c, ['all', 'label', 'label!'])
      const all = /^(true|1)$/.test(filterValues(filters, 'all')[0] ?? '')
      const gone: string[] = []
      let freed = 0
      for (const v of [...c.d.volumes.values()]) {
        if (!(all || v.anonymous) || usersOf(c.d, v.name).length > 0 || !labelsPass(v.labels, filters)) continue
        freed += yield* treeSize(c.sys, v.mountpoint)
        yield* removeVolume(c.sys, c.d, v)
        gone.push(v.name)
      }
      return ok({ VolumesDeleted: gone.length > 0 ? gone : null, SpaceReclaimed: freed })
    },
  ],
  [
    'GET',
    /^\/volumes\/([^/]+)$/,
    function* (c, name) {
      const v = c.d.volumes.get(name as string)
      if (!v) throw new ApiError(404, `get ${name}: no such volume`)
      return ok(describeVolume(v))
    },
  ],
  [
    'DELETE',
    /^\/volumes\/([^/]+)$/,
    function* (c, name) {
      const v = c.d.volumes.get(name as string)
      if (!v) {
        if (truth(c.query('force'))) return none
        throw new ApiError(404, `get ${name}: no such volume`)
      }
      const users = usersOf(c.d, v.name)
      if (users.length > 0) throw new ApiError(409, `remove ${name}: volume is in use - [${users.join(', ')}]`)
      yield* removeVolume(c.sys, c.d, v)
      return none
    },
  ],
]
