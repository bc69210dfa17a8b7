/** podman run, create, start, attach, exec: what brings a container's processes into being, and what holds their streams. */
import { isErr } from '../../base/errno.ts'
import { variable } from '../../engine/containers/place.ts'
import { notEmulated, Problem } from '../../engine/containers/problem.ts'
import { connectTo, detachKeys, pump } from '../../engine/libpod/attach.ts'
import { createContainer, type Wanted } from '../../engine/libpod/create.ts'
import { exec as runExec } from '../../engine/libpod/exec.ts'
import { pull } from '../../engine/libpod/images.ts'
import { cleanup, kill, removeContainer, startContainer } from '../../engine/libpod/lifecycle.ts'
import { shared } from '../../engine/libpod/pods.ts'
import { copySecrets, parseSecret, type SecretUse, secretData } from '../../engine/libpod/secrets.ts'
import type { Container, NamespaceMode } from '../../engine/libpod/types.ts'
import type { Run } from '../../kernel/linux/abi.ts'
import { signalNumber } from '../../kernel/linux/signals.ts'
import type { SpecResources } from '../../oci/runtimespec.ts'
import { print, readText, warn } from '../../userland/lib/io.ts'
import { strftime } from '../../userland/lib/time.ts'
import { each } from '../containers/frame.ts'
import { isAddress } from '../docker/values.ts'
import type { Given } from '../flags.ts'
import { type Commands, type Context, chosen, latest } from './context.ts'
import { pullOptions } from './images.ts'
import { bytes, pairs, parseMounts, parseNetwork, parsePorts } from './values.ts'

const common =
  'add-host annotation arch attach authfile cap-add cap-drop cgroupns cgroups cidfile cpu-period cpu-quota cpu-shares cpus cpuset-cpus detach-keys device dns disable-content-trust entrypoint env env-file env-host expose group-add hostname init interactive ip ipc label label-file log-driver mac-address memory memory-reservation memory-swap mount name network network-alias no-healthcheck os pid pids-limit platform pod privileged publish publish-all pull quiet read-only replace restart rm secret security-opt shm-size stop-signal stop-timeout sysctl tls-verify tmpfs tty ulimit user userns uts variant volume volumes-from workdir'

/** Variables of --env-host, --env-file and -e, later ones over earlier ones. */
export function* environment(c: Context, g: Given): Run<string[]> {
  const out: string[] = []
  if (g.has('env-host')) out.push(...c.sys.environ())
  const add = (word: string): void => {
    if (word.includes('=')) out.push(word)
    else if (word.endsWith('*')) out.push(...c.sys.environ().filter((e) => e.startsWith(word.slice(0, -1))))
    else {
      const own = variable(c.sys, word)
      if (own !== undefined) out.push(`${word}=${own}`)
    }
  }
  for (const file of g.all('env-file').flatMap((f) => f.split(','))) {
    const text = yield* readText(c.sys, file)
    if (isErr(text)) throw new Problem(`open ${file}: ${text.text.toLowerCase()}`)
    for (const line of text.split('\n')) if (line.trim() !== '' && !line.trim().startsWith('#')) add(line.trim())
  }
  for (const e of g.all('env')) {
    if (e.startsWith('=')) throw new Problem(`invalid variable: ${JSON.stringify(e)}`)
    add(e)
  }
  return out
}
function* labels(c: Context, g: Given): Run<Record<string, string>> {
  const out: string[] = []
  for (const file of g.all('label-file')) {
    const text = yield* readText(c.sys, file)
    if (isErr(text)) throw new Problem(`open ${file}: ${text.text.toLowerCase()}`)
    out.push(...text.split('\n').filter((l) => l.trim() !== '' && !l.startsWith('#')))
  }
  return pairs([...out, ...g.all('label')])
}
/** A list flag of pflag's kind `strings`: values may have commas between. */
const list = (g: Given, name: string): string[] => g.all(name).flatMap((v) => v.split(','))

export function resourcesOf(g: Given): SpecResources {
  const memory = g.value('memory')
  const reservation = g.value('memory-reservation')
  const swap = g.value('memory-swap')
  const limit = memory === undefined ? undefined : bytes(memory, '--memory')
  if (swap !== undefined && limit === undefined)
    throw new Problem('you should always set the memory limit when using memory swap limit, see usage')
  const cpus = g.value('cpus')
  if (cpus !== undefined && (g.value('cpu-period') !== undefined || g.value('cpu-quota') !== undefined))
    throw new Problem(`--cpu-period and --cpus cannot be set together: cannot set both`)
  const quota = cpus === undefined ? Number(g.value('cpu-quota') ?? 0) : Math.round(Number(cpus) * 100_000)
  const shares = g.value('cpu-shares')
  const set = g.value('cpuset-cpus')
  const pids = g.value('pids-limit')
  return {
    ...(limit !== undefined || reservation !== undefined
      ? {
          memory: {
            ...(limit === undefined
              ? {}
              : { limit, swap: swap === undefined ? limit * 2 : swap === '-1' ? -1 : bytes(swap, '--memory-swap') }),
            ...(reservation === undefined ? {} : { reservation: bytes(reservation, '--memory-reservation') }),
          },
        }
      : {}),
    ...(quota > 0 || shares !== undefined || set !== undefined
      ? {
          cpu: {
            ...(quota > 0 ? { quota, period: Number(g.value('cpu-period') ?? 100_000) } : {}),
            ...(shares === undefined ? {} : { shares: Number(shares) }),
            ...(set === undefined ? {} : { cpus: set }),
          },
        }
      : {}),
    pids: { limit: pids === undefined ? 2048 : Number(pids) },
  }
}
/** Namespaces by a container's name become those of its id. */
function* namespace(c: Context, g: Given, flag: string): Run<NamespaceMode | undefined> {
  const v = g.value(flag)
  if (v === undefined || v === '') return undefined
  if (v === 'host' || v === 'private') return v
  if (v === 'shareable' && flag === 'ipc') return 'private'
  if (v.startsWith('container:')) return `container:${(yield* c.lp.find(v.slice(10))).config.id}`
  throw v === 'none' || v.startsWith('ns:')
    ? notEmulated(`--${flag} ${v}`)
    : new Problem(`unrecognized namespace mode ${v} passed`)
}
/** What the command line asks for, without the image. */
function* wanted(c: Context, g: Given): Run<Wanted> {
  const { lp } = c
  const userns = g.value('userns') ?? ''
  if (userns !== '' && userns !== 'host') throw notEmulated(`--userns ${userns}`)
  const cgroups = g.value('cgroups') ?? 'enabled'
  if (cgroups !== 'enabled') throw notEmulated(`--cgroups ${cgroups}`)
  const log = g.value('log-driver') ?? 'k8s-file'
  if (!['k8s-file', 'json-file'].includes(log))
    throw ['journald', 'none', 'passthrough', 'passthrough-tty'].includes(log)
      ? notEmulated(`--log-driver ${log}`)
      : new Problem(`running container create option: invalid log driver: invalid argument`)
  if (g.has('rm') && (g.value('restart') ?? 'no') !== 'no' && g.value('restart') !== '')
    throw new Problem('the --rm option conflicts with --restart, when the restartPolicy is not "" and "no"')
  const restart = g.value('restart') ?? ''
  const [policy = '', retries = '0'] = restart.split(':')
  if (!['', 'no', 'always', 'on-failure', 'unless-stopped'].includes(policy))
    throw new Problem(`${policy} is not a valid restart policy`)
  const stopSignal = g.value('stop-signal')
  if (stopSignal !== undefined && signalNumber(stopSignal) === undefined)
    throw new Problem(`invalid signal: ${stopSignal}`)
  const { binds, volumes, tmpfs } = yield* parseMounts(c.sys, g.all('volume'), g.all('mount'), g.all('tmpfs'))
  for (const spec of list(g, 'volumes-from')) {
    const [name = '', mode = ''] = spec.split(':')
    const other = yield* lp.find(name)
    volumes.push(...other.config.volumes.map((v) => ({ ...v, readOnly: v.readOnly || mode === 'ro' })))
    binds.push(...other.config.binds.map((b) => ({ ...b, readOnly: b.readOnly || mode === 'ro' })))
  }
  const podName = g.value('pod')
  const pod = podName === undefined || podName.startsWith('new:') ? undefined : yield* lp.findPod(podName)
  if (podName?.startsWith('new:')) throw notEmulated('--pod new:NAME')
  if (pod?.infra !== undefined && pod.share.includes('net') && g.all('publish').length > 0)
    throw new Problem(
      'invalid config provided: published or exposed ports must be defined when the pod is created: network cannot be configured when it is shared with a pod',
    )
  const network = parseNetwork(
    g.all('network').flatMap((n) => n.split(',')),
    {
      aliases: list(g, 'network-alias'),
      ip: g.value('ip'),
      mac: g.value('mac-address'),
      rootless: lp.place.rootless,
    },
  )
  const joined =
    network?.kind === 'container' ? { kind: 'container' as const, id: (yield* lp.find(network.id)).config.id } : network
  const used = new Set<number>()
  for (const x of yield* lp.all()) for (const p of x.config.ports) used.add(p.hostPort)
  const free = yield* portChooser(c, used)
  const expose = list(g, 'expose').flatMap((e) => {
    const [range = '', protocol = 'tcp'] = e.split('/')
    const [a = '', b = a] = range.split('-')
    if (!/^\d+$/.test(a) || !/^\d+$/.test(b)) throw new Problem(`cannot parse ${JSON.stringify(range)} as a port`)
    return Array.from({ length: Number(b) - Number(a) + 1 }, (_, i) => `${Number(a) + i}/${protocol}`)
  })
  const entrypoint = g.value('entrypoint')
  const stopTimeout = g.value('stop-timeout')
  const [pid, ipc, uts] = [yield* namespace(c, g, 'pid'), yield* namespace(c, g, 'ipc'), yield* namespace(c, g, 'uts')]
  const name = g.value('name')
  const shm = g.value('shm-size')
  return {
    ...(pod ? { pod: pod.id, ...shared(pod) } : {}),
    ...(joined ? { network: joined } : {}),
    ...(pid ? { pid } : {}),
    ...(ipc ? { ipc } : {}),
    ...(uts ? { uts } : {}),
    ...(name === undefined ? {} : { name }),
    ...(entrypoint === undefined ? {} : { entrypoint: words(entrypoint) }),
    cgroupns: cgroupNamespace(g.value('cgroupns') ?? ''),
    command: g.args.slice(1),
    env: yield* environment(c, g),
    workDir: g.value('workdir') ?? '',
    user: g.value('user') ?? '',
    groups: list(g, 'group-add'),
    tty: g.has('tty'),
    stdin: g.has('interactive'),
    labels: yield* labels(c, g),
    annotations: pairs(list(g, 'annotation')),
    hostname: g.value('hostname') ?? '',
    ...(stopSignal === undefined ? {} : { stopSignal: signalNumber(stopSignal) ?? 15 }),
    ...(stopTimeout === undefined ? {} : { stopTimeout: Number(stopTimeout) }),
    autoRemove: g.has('rm'),
    restart: { policy: policy === 'no' ? '' : policy, retries: Number(retries) || 0 },
    ports: parsePorts(list(g, 'publish'), free),
    publishAll: g.has('publish-all'),
    exposed: expose,
    hosts: list(g, 'add-host').map((h) => {
      const at = h.indexOf(':')
      if (at <= 0) throw new Problem(`bad format for add-host: ${JSON.stringify(h)}`)
      const address = h.slice(at + 1).replace(/^\[(.*)\]$/, '$1')
      if (address !== 'host-gateway' && !isAddress(address))
        throw new Problem(`invalid IP address in add-host: ${JSON.stringify(address)}`)
      return h
    }),
    dns: list(g, 'dns').map((d) => {
      if (d !== 'none' && !isAddress(d)) throw new Problem(`${d} is not an ip address`)
      return d
    }),
    binds,
    volumes,
    tmpfs,
    capAdd: list(g, 'cap-add'),
    capDrop: list(g, 'cap-drop'),
    privileged: g.has('privileged'),
    readOnly: g.has('read-only'),
    securityOpt: g.all('security-opt').map((o) => {
      if (
        !/^(seccomp[=:]unconfined|no-new-privileges([=:](true|false))?|label[=:]disable|apparmor[=:]unconfined)$/.test(
          o,
        )
      )
        throw notEmulated(`--security-opt ${o}`)
      return o.replace(/^seccomp:/, 'seccomp=')
    }),
    resources: resourcesOf(g),
    ...(shm === undefined ? {} : { shmSize: bytes(shm, '--shm-size') }),
    ulimits: list(g, 'ulimit').map((u) => {
      const m = /^(\w+)=(-?\d+)(?::(-?\d+))?$/.exec(u)
      if (!m)
        throw new Problem(
          `ulimit option ${JSON.stringify(u)} requires name=SOFT:HARD, failed to be parsed: invalid ulimit argument: ${u}`,
        )
      return { name: m[1] as string, soft: Number(m[2]), hard: Number(m[3] ?? m[2]) }
    }),
    devices: list(g, 'device'),
    sysctls: pairs(list(g, 'sysctl')),
    init: g.has('init'),
    replace: g.has('replace'),
    createCommand: c.argv,
  }
}
function cgroupNamespace(mode: string): 'host' | 'private' {
  if (!/^(|host|private)$/.test(mode))
    throw /^(container|ns):/.test(mode)
      ? notEmulated(`--cgroupns ${mode}`)
      : new Problem(`unrecognized namespace mode ${mode} passed`)
  return mode === 'host' ? 'host' : 'private'
}
function* portChooser(c: Context, used: Set<number>): Run<() => number> {
  const random = yield* c.sys.getrandom(64)
  let at = 0
  return () => {
    for (;;) {
      const n = 32768 + (((((random[at] ?? 0) << 8) | (random[at + 1] ?? 0)) + at) % 28232)
      at = (at + 2) % 62
      if (!used.has(n)) {
        used.add(n)
        return n
      }
    }
  }
}
/** --entrypoint: a JSON list, or one word. */
function words(text: string): string[] {
  if (text === '') return []
  if (text.startsWith('[')) {
    try {
      return (JSON.parse(text) as unknown[]).map(String)
    } catch {
      // Not a list after all: a command with an odd name.
    }
  }
  return [text]
}
/** Brings the image where it is missing, and makes the container. */
export function* createFrom(c: Context, g: Given): Run<Container> {
  const name = g.args[0] as string
  const w = yield* wanted(c, g)
  const known = w.name === undefined ? undefined : (yield* c.lp.db()).containers.find((x) => x.config.name === w.name)
  if (known && w.replace) yield* removeContainer(c.lp, yield* c.lp.find(known.config.id), { force: true })
  const policy = g.value('pull') ?? 'missing'
  if (!['always', 'missing', 'never', 'newer', 'true', 'false'].includes(policy))
    throw new Problem(`unsupported pull policy ${JSON.stringify(policy)}`)
  const { id, name: full } = yield* pull(c.sys, c.lp.storage, yield* c.lp.registries(), name, {
    ...(yield* pullOptions(c, g)),
    policy:
      policy === 'true' || policy === 'always' || policy === 'newer'
        ? 'always'
        : policy === 'never' || policy === 'false'
          ? 'never'
          : 'missing',
  })
  const record = (yield* c.lp.storage.images()).find((i) => i.id === id)
  if (!record) throw new Problem(`${name}: image not known`)
  const uses: SecretUse[] = []
  for (const text of g.all('secret')) uses.push(yield* parseSecret(c.lp, text))
  let whole: Wanted = w
  if (uses.length > 0) {
    const own = yield* c.lp.newId()
    const env: string[] = []
    for (const u of uses) if (u.type === 'env') env.push(`${u.target}=${yield* secretData(c.lp, u.secret)}`)
    const binds = [...(w.binds ?? []), ...(yield* copySecrets(c.lp, own, uses))]
    whole = { ...w, id: own, env: [...(w.env ?? []), ...env], binds }
  }
  const made = yield* createContainer(c.lp, { ...whole, image: { record, name: full } })
  const file = g.value('cidfile')
  if (file !== undefined) {
    if (!isErr(yield* c.sys.stat(file)))
      throw new Problem(`container id file exists. Ensure another container is not using it or delete ${file}`)
    const fd = yield* c.sys.open(file, 0o101, 0o644)
    if (!isErr(fd)) {
      yield* c.sys.write(fd, new TextEncoder().encode(made.config.id))
      yield* c.sys.close(fd)
    }
  }
  return made
}
const attachPath = (c: Context, x: Container): string => `${c.lp.storage.containerDir(x.config.id)}/attach`
const isTerminal = function* (c: Context): Run<boolean> {
  return !isErr(yield* c.sys.ioctl(0, 'TCGETS'))
}
/** Starts a container with this process's streams on it: its exit code. */
function* startAttached(c: Context, x: Container, g: Given, want: (s: string) => boolean, stdin: boolean): Run<number> {
  const keys = detachKeys(g.value('detach-keys') ?? 'ctrl-p,ctrl-q')
  let fd = -1
  yield* startContainer(c.lp, x, function* () {
    fd = yield* connectTo(c.sys, attachPath(c, x))
  })
  const r = yield* pump(c.sys, fd, {
    socket: attachPath(c, x),
    tty: x.config.tty,
    stdin,
    stdout: want('stdout'),
    stderr: want('stderr'),
    keys,
    forward: g.value('sig-proxy') === 'false' || x.config.tty ? undefined : (signal) => forwarded(c, x, signal),
  })
  if (r === 'detached') return 0
  yield* cleanup(c.lp, x.config.id)
  if (x.config.autoRemove) {
    const left = yield* c.lp.again(x.config.id)
    if (left) yield* quietly(() => removeContainer(c.lp, left, { volumes: true }))
  }
  return r ?? 255
}
function* forwarded(c: Context, x: Container, signal: number): Run<void> {
  const now = yield* c.lp.again(x.config.id)
  if (now) yield* quietly(() => kill(c.lp, now, signal))
}
/** What somebody else does at the same moment is no failure. */
function* quietly(body: () => Run<void>): Run<void> {
  try {
    yield* body()
  } catch (e) {
    if (!(e instanceof Problem)) throw e
  }
}
/** Removes what couldn't be started, where it was to be removed anyway. */
function* undo(c: Context, x: Container): Run<void> {
  const left = yield* c.lp.again(x.config.id)
  if (left) yield* quietly(() => removeContainer(c.lp, left, { force: true, volumes: true }))
}

export const runCommands: Commands = {
  run: {
    args: [1, Infinity],
    first: true,
    flags: `${common} detach sig-proxy`,
    *run(c, g) {
      const attached = g.all('attach').map((a) => a.toLowerCase())
      for (const a of attached)
        if (!['stdin', 'stdout', 'stderr'].includes(a))
          throw new Problem(
            `invalid stream ${JSON.stringify(a)} for --attach - must be one of stdin, stdout, or stderr: invalid argument`,
          )
      if (g.has('tty') && g.has('interactive') && !g.has('detach') && !(yield* isTerminal(c)))
        yield* warn(
          c.sys,
          `time="${strftime('%FT%TZ', yield* c.lp.now())}" level=warning msg="The input device is not a TTY. The --tty and --interactive flags might not work properly"\n`,
        )
      const x = yield* createFrom(c, g)
      try {
        if (g.has('detach')) {
          yield* startContainer(c.lp, x)
          yield* print(c.sys, `${x.config.id}\n`)
          return 0
        }
        const want = (s: string): boolean => attached.length === 0 || attached.includes(s)
        return yield* startAttached(c, x, g, want, x.config.stdin && want('stdin'))
      } catch (e) {
        if (e instanceof Problem && x.config.autoRemove) yield* undo(c, x)
        throw e
      }
    },
  },
  create: {
    args: [1, Infinity],
    first: true,
    flags: common,
    *run(c, g) {
      yield* print(c.sys, `${(yield* createFrom(c, g)).config.id}\n`)
      return 0
    },
  },
  start: {
    args: [0, Infinity],
    flags: 'attach interactive detach-keys sig-proxy latest all',
    *run(c, g) {
      const attach = g.has('attach') || g.has('interactive')
      if (attach && g.args.length > 1) throw new Problem('you cannot start and attach multiple containers at once')
      if (attach) {
        const [x] = yield* chosen(c, g)
        if (!x) return 0
        return yield* startAttached(c, x, g, () => true, g.has('interactive') && x.config.stdin)
      }
      if (g.has('all') || g.has('latest')) {
        return yield* each(c.sys, yield* chosen(c, g), function* (x) {
          yield* start(c, x)
          return x.config.id
        })
      }
      if (g.args.length === 0) throw new Problem('start requires at least one argument')
      return yield* each(c.sys, g.args, function* (name) {
        yield* start(c, yield* c.lp.find(name))
        return name
      })
    },
  },
  attach: {
    args: [0, 1],
    few: '"podman attach" requires a name, id, or the "--latest" flag',
    flags: 'detach-keys no-stdin sig-proxy latest',
    *run(c, g) {
      const [x] = yield* chosen(c, g)
      if (!x) return 0
      if (x.state.status !== 'running') throw new Problem('you can only attach to running containers')
      const fd = yield* connectTo(c.sys, attachPath(c, x))
      const r = yield* pump(c.sys, fd, {
        socket: attachPath(c, x),
        tty: x.config.tty,
        stdin: x.config.stdin && !g.has('no-stdin'),
        keys: detachKeys(g.value('detach-keys') ?? 'ctrl-p,ctrl-q'),
        forward: g.value('sig-proxy') === 'false' || x.config.tty ? undefined : (signal) => forwarded(c, x, signal),
      })
      return r === 'detached' ? 0 : (r ?? 255)
    },
  },
  exec: {
    args: [0, Infinity],
    few: 'exec requires the name or ID of a container or the --latest flag',
    first: true,
    flags: 'detach detach-keys env env-file interactive latest privileged tty user workdir',
    *run(c, g) {
      const [name = '', ...rest] = g.has('latest') ? ['', ...g.args] : g.args
      const x = g.has('latest') ? yield* latest(c) : yield* c.lp.find(name)
      if (rest.length === 0)
        throw new Problem('must provide a non-empty command to start an exec session: invalid argument')
      const r = yield* runExec(c.lp, x, {
        command: rest,
        tty: g.has('tty'),
        stdin: g.has('interactive'),
        detach: g.has('detach'),
        env: yield* environment(c, g),
        user: g.value('user'),
        workDir: g.value('workdir'),
        privileged: g.has('privileged'),
        keys: detachKeys(g.value('detach-keys') ?? 'ctrl-p,ctrl-q'),
      })
      return r === 'detached' ? 0 : r
    },
  },
}
function* start(c: Context, x: Container): Run<void> {
  try {
    yield* startContainer(c.lp, x)
  } catch (e) {
    if (!(e instanceof Problem)) throw e
    throw new Problem(`unable to start container ${JSON.stringify(x.config.id)}: ${e.message}`, 125)
  }
}
