/** Which kinds of values a Compose file's keys take, as the specification's schema has them (compose-spec.json); what else stands there is told with its place. */
import { ramInBytes, sizeComplaint } from '../../oci/units.ts'
import { CliError } from '../docker/api.ts'
import { isTree, type Tree } from './tree.ts'

type Kind = 'string' | 'list' | 'mapping' | 'number' | 'boolean'
const kindsOf: Readonly<Record<string, readonly Kind[]>> = Object.fromEntries(
  (
    [
      [
        'string',
        'image container_name hostname domainname restart working_dir network_mode pid ipc platform stop_signal pull_policy user runtime cgroup mac_address userns_mode uts isolation stop_grace_period',
      ],
      [
        'list',
        'ports volumes profiles cap_add cap_drop devices expose security_opt volumes_from external_links group_add',
      ],
      ['mapping', 'healthcheck deploy logging ulimits'],
      ['list mapping', 'environment labels networks depends_on extra_hosts sysctls annotations'],
      ['string list', 'command entrypoint env_file dns dns_search tmpfs'],
      ['string mapping', 'build extends'],
    ] as const
  ).flatMap(([kinds, keys]) => keys.split(' ').map((key) => [key, kinds.split(' ') as Kind[]])),
)
const conditions = ['service_started', 'service_healthy', 'service_completed_successfully']
const kindOf = (v: unknown): Kind => (Array.isArray(v) ? 'list' : isTree(v) ? 'mapping' : (typeof v as Kind))
/** `string or list`, as the schema's errors name what is wanted. */
const wanted = (kinds: readonly Kind[]): string => kinds.join(' or ')

/** Throws a CliError where a service's value is of another kind than its key takes. */
export function checkKinds(file: string, where: string, service: Tree): void {
  const refuse = (place: string, why: string): never => {
    throw new CliError(`validating ${file}: ${place} ${why}`, 15)
  }
  for (const [key, value] of Object.entries(service)) {
    const kinds = Object.hasOwn(kindsOf, key) ? kindsOf[key] : undefined
    if (kinds === undefined || value === null || value === undefined) continue
    if (!kinds.includes(kindOf(value))) refuse(`${where}.${key}`, `must be a ${wanted(kinds)}`)
  }
  checkSizes(service)
  if (isTree(service.depends_on))
    for (const [name, how] of Object.entries(service.depends_on))
      if (isTree(how) && how.condition !== undefined && !conditions.includes(String(how.condition)))
        refuse(
          `${where}.depends_on.${name}.condition`,
          `value must be one of ${conditions.map((c) => `'${c}'`).join(', ')}`,
        )
  if (isTree(service.healthcheck))
    for (const key of ['interval', 'timeout', 'start_period', 'start_interval'])
      if (service.healthcheck[key] !== undefined && typeof service.healthcheck[key] !== 'string')
        refuse(`${where}.healthcheck.${key}`, 'must be a string')
}
/** Throws a CliError where what should be a size of memory isn't one. */
function checkSizes(service: Tree): void {
  const deploy = isTree(service.deploy) && isTree(service.deploy.resources) ? service.deploy.resources : {}
  const sections = [service, deploy.limits, deploy.reservations].map((x) => (isTree(x) ? x : {}))
  for (const s of sections)
    for (const key of ['mem_limit', 'mem_reservation', 'memory', 'shm_size']) {
      const v = s[key]
      if (typeof v === 'string' && ramInBytes(v) === undefined) throw new CliError(sizeComplaint(v), 15)
    }
}
/** Throws a CliError where a top-level key isn't a mapping. */
export function checkTop(file: string, tree: Tree): void {
  for (const key of ['services', 'networks', 'volumes', 'secrets', 'configs'])
    if (tree[key] !== undefined && tree[key] !== null && !isTree(tree[key]))
      throw new CliError(`validating ${file}: ${key} must be a mapping`, 15)
}
