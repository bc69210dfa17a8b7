/** The project in the form that `docker compose config` prints: short forms written out, keys in order. */
import { ramInBytes } from '../../oci/units.ts'
import type { FileKind } from './files.ts'
import type { Project, Service } from './model.ts'
import { isTree, type Tree } from './tree.ts'

const sorted = (t: Tree): Tree => Object.fromEntries(Object.entries(t).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))

/** The secrets or configs of a service in their long form. */
function listed(s: Service, kind: FileKind): Tree {
  const uses = s.files.filter((f) => f.kind === kind)
  if (uses.length === 0) return {}
  return {
    [`${kind}s`]: uses.map((f) => ({
      source: f.source,
      ...(kind === 'config' && f.target === `/${f.source}` ? {} : { target: f.target }),
      ...(f.uid === '0' ? {} : { uid: f.uid }),
      ...(f.gid === '0' ? {} : { gid: f.gid }),
      ...(f.mode === undefined ? {} : { mode: `0${f.mode.toString(8)}` }),
    })),
  }
}
/** The secrets or configs that services use. */
function specs(p: Project, services: readonly Service[], kind: FileKind): Tree {
  const used = new Set(services.flatMap((s) => s.files.filter((f) => f.kind === kind).map((f) => f.source)))
  const own = Object.entries(p.outside[kind]).filter(([k]) => used.has(k))
  if (own.length === 0) return {}
  return {
    [`${kind}s`]: sorted(
      Object.fromEntries(
        own.map(([k, f]) => [
          k,
          {
            name: f.name,
            ...(f.external ? { external: true } : {}),
            ...(f.content === undefined ? {} : { content: f.content }),
            ...(f.environment === undefined ? {} : { environment: f.environment }),
            ...(f.file === undefined ? {} : { file: f.file }),
          },
        ]),
      ),
    ),
  }
}
/** deploy with its limits as numbers and bytes, as Compose's types hold them. */
function deployTree(v: unknown): Tree {
  if (!isTree(v)) return {}
  const limits = (x: unknown): Tree =>
    isTree(x)
      ? {
          ...x,
          ...(x.cpus === undefined ? {} : { cpus: Number(x.cpus) }),
          ...(x.memory === undefined ? {} : { memory: String(bytes(x.memory)) }),
        }
      : {}
  const resources = isTree(v.resources) ? v.resources : undefined
  return {
    deploy: {
      ...v,
      ...(resources
        ? { resources: Object.fromEntries(Object.entries(resources).map(([k, x]) => [k, limits(x)])) }
        : { resources: {} }),
      placement: {},
    },
  }
}
const bytes = (v: unknown): number => (typeof v === 'number' ? v : (ramInBytes(String(v)) ?? 0))
/** Settings of a service that are amounts of memory. */
const amounts = ['mem_limit', 'mem_reservation', 'memswap_limit', 'shm_size']
function serviceTree(s: Service): Tree {
  const skip = ['extends', 'env_file', 'deploy', 'tmpfs', 'links', 'secrets', 'configs']
  // What deploy says is carried out by the older settings, but told as deploy.
  const told = isTree(s.settings.deploy) ? ['cpus', 'mem_limit', 'pids_limit', 'mem_reservation'] : []
  const rest = Object.fromEntries(
    Object.entries(s.settings)
      .filter(([k]) => !skip.includes(k) && !told.includes(k) && !k.startsWith('x-'))
      .map(([k, v]) => [k, amounts.includes(k) && v !== undefined ? String(bytes(v)) : v]),
  )
  const out: Tree = {
    ...rest,
    command: s.command ?? null,
    entrypoint: s.entrypoint ?? null,
    ...(Object.keys(s.environment).length > 0 ? { environment: sorted(s.environment) } : {}),
    ...(s.ports.length > 0
      ? {
          ports: s.ports.map((x) => ({
            mode: 'ingress',
            ...(x.hostIp ? { host_ip: x.hostIp } : {}),
            target: x.target,
            ...(x.published ? { published: x.published } : {}),
            protocol: x.protocol,
          })),
        }
      : {}),
    ...(s.volumes.length > 0
      ? {
          volumes: s.volumes.map((v) => ({
            type: v.type,
            ...(v.source ? { source: v.source } : {}),
            target: v.target,
            ...(v.readOnly ? { read_only: true } : {}),
            ...(v.type === 'bind' ? { bind: v.create ? { create_host_path: true } : {} } : {}),
            ...(v.type === 'volume' ? { volume: {} } : {}),
          })),
        }
      : {}),
    ...(s.build
      ? {
          build: {
            context: s.build.context,
            dockerfile: s.build.dockerfile ?? 'Dockerfile',
            ...(Object.keys(s.build.args).length > 0 ? { args: s.build.args } : {}),
            ...(s.build.target ? { target: s.build.target } : {}),
          },
        }
      : {}),
    ...(s.networkMode === undefined
      ? {
          networks: Object.fromEntries(
            Object.entries(s.networks).map(([n, x]) => [
              n,
              x.aliases.length > 0 || x.ipv4
                ? {
                    ...(x.aliases.length > 0 ? { aliases: x.aliases } : {}),
                    ...(x.ipv4 ? { ipv4_address: x.ipv4 } : {}),
                  }
                : null,
            ]),
          ),
        }
      : {}),
    ...(Object.keys(s.dependsOn).length > 0
      ? {
          depends_on: Object.fromEntries(
            Object.entries(s.dependsOn).map(([n, d]) => [
              n,
              { condition: d.condition, ...(d.restart ? { restart: true } : {}), required: d.required },
            ]),
          ),
        }
      : {}),
    ...deployTree(s.settings.deploy),
    ...listed(s, 'secret'),
    ...listed(s, 'config'),
    ...(Object.keys(s.labels).length > 0 ? { labels: sorted(s.labels) } : {}),
  }
  return sorted(out)
}
/** The tree of a project with these services and what they use. */
export function canonical(p: Project, services: readonly Service[]): Tree {
  const usedNetworks = new Set(services.flatMap((s) => Object.keys(s.networks)))
  const usedVolumes = new Set(
    services.flatMap((s) => s.volumes.filter((v) => v.type === 'volume').map((v) => v.source)),
  )
  const networks = Object.entries(p.networks)
    .filter(([k]) => usedNetworks.has(k))
    .map(([k, n]) => [
      k,
      {
        name: n.name,
        ...(n.external ? { external: true } : {}),
        ...(n.driver !== 'bridge' ? { driver: n.driver } : {}),
        ...(n.internal ? { internal: true } : {}),
        ...(n.subnet ? { ipam: { config: [{ subnet: n.subnet, ...(n.gateway ? { gateway: n.gateway } : {}) }] } } : {}),
      },
    ])
  const volumes = Object.entries(p.volumes)
    .filter(([k]) => usedVolumes.has(k))
    .map(([k, v]) => [k, { name: v.name, ...(v.external ? { external: true } : {}) }])
  return {
    name: p.name,
    services: sorted(Object.fromEntries(services.map((s) => [s.name, serviceTree(s)]))),
    ...(networks.length > 0 ? { networks: sorted(Object.fromEntries(networks)) } : {}),
    ...(volumes.length > 0 ? { volumes: sorted(Object.fromEntries(volumes)) } : {}),
    ...specs(p, services, 'secret'),
    ...specs(p, services, 'config'),
  }
}
