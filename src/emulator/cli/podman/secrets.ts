/** podman secret. */
import { isErr } from '../../base/errno.ts'
import { variable } from '../../engine/containers/place.ts'
import { notEmulated, Problem } from '../../engine/containers/problem.ts'
import { isoTime } from '../../engine/containers/storage.ts'
import {
  createSecret,
  findSecret,
  removeSecret,
  type Secret,
  secretData,
  secrets,
  secretsDir,
} from '../../engine/libpod/secrets.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { print, readAll, readText, warn } from '../../userland/lib/io.ts'
import { ago, filtersOf, printList, printTemplate } from '../containers/output.ts'
import { exists } from './containers.ts'
import type { Commands, Context } from './context.ts'
import { pairs } from './values.ts'

const describe = (c: Context, s: Secret, shown?: string): Record<string, unknown> => ({
  ID: s.id,
  CreatedAt: isoTime(s.created),
  UpdatedAt: isoTime(s.created),
  Spec: {
    Name: s.name,
    Driver: { Name: 'file', Options: { path: `${secretsDir(c.lp)}/filedriver` } },
    Labels: s.labels,
  },
  ...(shown === undefined ? {} : { SecretData: shown }),
})
function* contentOf(c: Context, from: string, env: boolean): Run<string> {
  if (env) {
    const own = variable(c.sys, from)
    if (own === undefined) throw new Problem(`cannot create store secret data: environment variable ${from} is not set`)
    return own
  }
  const text = from === '-' ? yield* readAll(c.sys, 0) : yield* readText(c.sys, from)
  if (isErr(text)) throw new Problem(`open ${from}: ${text.text.toLowerCase()}`)
  return typeof text === 'string' ? text : new TextDecoder().decode(text)
}
export const secretCommands: Commands = {
  'secret create': {
    args: [2, 2],
    flags: 'driver env label',
    *run(c, g) {
      const driver = g.value('driver') ?? 'file'
      if (driver !== 'file') throw notEmulated(`--driver ${driver}`)
      const [name = '', from = ''] = g.args
      const content = yield* contentOf(c, from, g.has('env'))
      yield* print(c.sys, `${yield* createSecret(c.lp, name, content, pairs(g.all('label')))}\n`)
      return 0
    },
  },
  'secret exists': {
    args: [1, 1],
    flags: '',
    *run(c, g) {
      return yield* exists(() => findSecret(c.lp, g.args[0] as string))
    },
  },
  'secret inspect': {
    args: [1, Infinity],
    flags: 'format showsecret',
    *run(c, g) {
      const found: unknown[] = []
      const wrong: string[] = []
      for (const name of g.args) {
        try {
          const s = yield* findSecret(c.lp, name)
          found.push(describe(c, s, g.has('showsecret') ? yield* secretData(c.lp, s) : undefined))
        } catch (e) {
          if (!(e instanceof Problem)) throw e
          wrong.push(e.message)
        }
      }
      const format = g.value('format')
      if (format === undefined) yield* print(c.sys, `${JSON.stringify(found, null, 4)}\n`)
      else yield* printTemplate(c.sys, format, found, new Set(['Labels', 'Options']))
      for (const why of wrong) yield* warn(c.sys, `Error: inspecting secret: ${why}\n`)
      return wrong.length > 0 ? 125 : 0
    },
  },
  'secret ls': {
    args: [0, 0],
    flags: 'filter format noheading quiet',
    *run(c, g) {
      const filters = filtersOf(g.all('filter'), ['name', 'id'], 'podman secret ls')
      const now = yield* c.lp.now()
      const list = (yield* secrets(c.lp)).filter((s) =>
        [...filters].every(([key, values]) =>
          values.some((v) => (key === 'name' ? new RegExp(v).test(s.name) : s.id.startsWith(v))),
        ),
      )
      if (g.has('quiet')) {
        yield* print(c.sys, list.map((s) => `${s.id}\n`).join(''))
        return 0
      }
      const rows = list.map((s) => ({
        ID: s.id,
        Name: s.name,
        Driver: 'file',
        CreatedAt: ago(s.created, now),
        UpdatedAt: ago(s.created, now),
      }))
      yield* printList(
        c.sys,
        [
          ['ID', 'ID'],
          ['NAME', 'Name'],
          ['DRIVER', 'Driver'],
          ['CREATED', 'CreatedAt'],
          ['UPDATED', 'UpdatedAt'],
        ],
        rows,
        { format: g.value('format'), noHeading: g.has('noheading'), json: list.map((s) => describe(c, s)) },
      )
      return 0
    },
  },
  'secret rm': {
    args: [0, Infinity],
    flags: 'all ignore',
    *run(c, g) {
      if (g.args.length > 0 && g.has('all'))
        throw new Problem('`podman secret rm` requires one argument, or the --all flag')
      if (g.args.length === 0 && !g.has('all'))
        throw new Problem('`podman secret rm` requires one argument, or the --all flag')
      const names = g.has('all') ? (yield* secrets(c.lp)).map((s) => s.id) : g.args
      let code = 0
      for (const name of names) {
        try {
          const s = yield* findSecret(c.lp, name)
          yield* removeSecret(c.lp, s)
          yield* print(c.sys, `${s.id}\n`)
        } catch (e) {
          if (!(e instanceof Problem)) throw e
          if (g.has('ignore')) continue
          yield* warn(c.sys, `Error: ${e.message}\n`)
          code = 125
        }
      }
      return code
    },
  },
}
