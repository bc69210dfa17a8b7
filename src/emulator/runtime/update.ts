/** New limits for a container, from a file or from options: `update` of runc and of those that take its options. */
import { isErr } from '../base/errno.ts'
import type { Run } from '../kernel/linux/abi.ts'
import { readJson } from '../oci/gotypes.ts'
import { streamComplaint } from '../oci/json.ts'
import type { SpecResources } from '../oci/runtimespec.ts'
import { resourcesShape } from '../oci/spectypes.ts'
import { ramInBytes } from '../oci/units.ts'
import { decode, readAll, readText } from '../userland/lib/io.ts'
import { limit } from './cgroup.ts'
import { type Call, Failure, need } from './command.ts'
import { lower } from './files.ts'

export const updateOptions: readonly string[] = [
  'resources,r',
  'blkio-weight',
  'cpu-period',
  'cpu-quota',
  'cpu-burst',
  'cpu-share',
  'cpu-rt-period',
  'cpu-rt-runtime',
  'cpu-idle',
  'cpuset-cpus',
  'cpuset-mems',
  'memory',
  'memory-reservation',
  'memory-swap',
  'pids-limit',
  'l3-cache-schema',
  'mem-bw-schema',
]
/** Options that change nothing here: they say so rather than be ignored. */
const rest = [
  'blkio-weight',
  'cpu-burst',
  'cpu-rt-period',
  'cpu-rt-runtime',
  'cpu-idle',
  'l3-cache-schema',
  'mem-bw-schema',
]

function given(c: Call): SpecResources {
  for (const name of rest)
    if (c.values.has(name)) throw new Failure(`zukan: not emulated: ${c.o.flavour.name} update --${name}`)
  const whole = (name: string): number | undefined => {
    const v = c.values.get(name)
    if (v === undefined) return undefined
    if (!/^-?\d+$/.test(v))
      throw new Failure(`invalid value for ${name}: strconv.ParseInt: parsing ${JSON.stringify(v)}: invalid syntax`)
    return Number(v)
  }
  const bytes = (name: string): number | undefined => {
    const v = c.values.get(name)
    if (v === undefined) return undefined
    if (v === '-1') return -1
    const n = ramInBytes(v)
    if (n === undefined) throw new Failure(`invalid value for ${name}: invalid size: '${v}'`)
    return n
  }
  const some = <T extends object>(o: T): T =>
    Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined)) as T
  const pids = whole('pids-limit')
  return {
    memory: some({ limit: bytes('memory'), reservation: bytes('memory-reservation'), swap: bytes('memory-swap') }) as {
      limit?: number
    },
    cpu: some({
      shares: whole('cpu-share'),
      quota: whole('cpu-quota'),
      period: whole('cpu-period'),
      cpus: c.values.get('cpuset-cpus'),
      mems: c.values.get('cpuset-mems'),
    }) as { shares?: number },
    ...(pids === undefined ? {} : { pids: { limit: pids } }),
  }
}
/** Sets the limits that a command line asks for; fails with the reason where one is refused. */
export function* updateLimits(c: Call): Run<void> {
  const s = yield* need(c)
  const file = c.values.get('resources')
  let resources: SpecResources
  if (file === undefined) resources = given(c)
  else {
    const content = file === '-' ? yield* readAll(c.sys, 0) : yield* readText(c.sys, file)
    if (isErr(content)) throw new Failure(`open ${file}: ${lower(content)}`)
    const text = typeof content === 'string' ? content : decode(content)
    const read = readJson<SpecResources>(text, resourcesShape)
    if ('refused' in read) throw new Failure(streamComplaint(read.refused, text))
    resources = read.value
  }
  const failed = yield* limit(c.sys, s.cgroup, resources)
  if (failed !== undefined) throw new Failure(failed)
}
