/**
 * qemu-system-x86_64: a virtual machine as a process of its host. It asks KVM for the machine, serves QMP, and the machine lives as long as
 * the process does. Options as qemu(1) has them; those that say nothing of what is emulated (devices of the machine, mostly) are taken as given.
 */
import { isErr } from '../base/errno.ts'
import { serveQmp } from '../engine/kata/qmp.ts'
import type { Program } from '../kernel/linux/abi.ts'
import { O_CLOEXEC, O_RDWR } from '../kernel/linux/fs/flags.ts'
import type { CardRequest, Partition, PartitionRequest, Share } from '../machine/hypervisor.ts'
import { decode, LineReader, print, unbinary, warn } from '../userland/lib/io.ts'

export const QEMU_VERSION = [11, 0, 1] as const
const MiB = 1024 ** 2
/** QEMU's own memory beside the guest's, once it runs: 146 MiB were measured with Kata 4.0's (resident less shared). */
const OWN_MEMORY = 146 * MiB
/** A domain of libvirt's with few devices. */
const PLAIN_MEMORY = 40 * MiB

/** `a=1,b=2` of one option, its first word under `''`. */
function settings(value: string): ReadonlyMap<string, string> {
  const [first = '', ...rest] = value.split(',')
  const pairs = (first.includes('=') ? [first, ...rest] : rest).map((s) => {
    const at = s.indexOf('=')
    return at < 0 ? ([s, 'on'] as const) : ([s.slice(0, at), s.slice(at + 1)] as const)
  })
  return new Map([['', first.includes('=') ? '' : first], ...pairs])
}
/** `2080M`, `1G`, or MiB where no unit is given. */
function megabytes(text: string): number {
  const [, n = '0', unit = 'M'] = /^(\d+)([MGmg]?)/.exec(text) ?? []
  return Number(n) * (/g/i.test(unit) ? 1024 * MiB : MiB)
}

export const qemu: Program = function* (sys, argv) {
  const all = (name: string): string[] => argv.flatMap((a, n) => (a === name ? [argv[n + 1] ?? ''] : []))
  const one = (name: string): string | undefined => all(name)[0]
  if (argv.includes('-version') || argv.includes('--version')) {
    yield* print(
      sys,
      `QEMU emulator version ${QEMU_VERSION.join('.')} (kata-static)\nCopyright (c) 2003-2026 Fabrice Bellard and the QEMU Project developers\n`,
    )
    return 0
  }
  const named = settings(one('-name') ?? 'guest')
  const name = named.get('guest') ?? named.get('') ?? 'guest'
  const memory = megabytes(one('-m') ?? '128M')
  const devices = all('-device').map(settings)
  const chardevs = new Map(all('-chardev').map((c) => [settings(c).get('id') ?? '', settings(c)]))
  const cid = devices.find((d) => d.get('')?.startsWith('vhost-vsock'))?.get('guest-cid')
  const kernel = one('-kernel')
  const kvm = yield* sys.open('/dev/kvm', O_RDWR | O_CLOEXEC)
  if (isErr(kvm)) {
    yield* warn(
      sys,
      `Could not access KVM kernel module: ${kvm.text}\n${argv[0]}: failed to initialize kvm: ${kvm.text}\n`,
    )
    return 1
  }
  // What virtiofsd offers at the other end of a chardev.
  const shares: Share[] = []
  for (const d of devices.filter((x) => x.get('')?.startsWith('vhost-user-fs'))) {
    const path = chardevs.get(d.get('chardev') ?? '')?.get('path') ?? ''
    const fd = yield* sys.socket('unix', 'stream')
    const failed = isErr(fd) ? fd : yield* sys.connect(fd, { family: 'unix', path })
    if (failed || isErr(fd)) {
      yield* warn(sys, `${argv[0]}: -chardev socket,path=${path}: Failed to connect to '${path}': ${failed?.text}\n`)
      return 1
    }
    const line = yield* new LineReader(sys, fd).next()
    const said = typeof line === 'string' ? (JSON.parse(decode(unbinary(line))) as { sharedDir: string }) : undefined
    if (said) shares.push({ tag: d.get('tag') ?? '', path: said.sharedDir, protocol: 'virtiofs' })
  }
  const own = kernel ? OWN_MEMORY : PLAIN_MEMORY
  if (yield* sys.brk(own)) return 1
  const cmdline = one('-append')
  const request: PartitionRequest = {
    // What a runtime calls the sandbox is the machine's name in diagrams.
    name: name.startsWith('sandbox-') ? `${name.slice(8)}@vm` : name,
    memory,
    cpus: Number.parseInt(one('-smp') ?? '1', 10) || 1,
    system: kernel?.startsWith('/opt/kata/') ? 'kata' : 'debian-cloud',
    shares,
    ...(cid === undefined ? {} : { cid: Number(cid) }),
    ...(cmdline === undefined ? {} : { cmdline }),
  }
  const made = yield* sys.ioctl(kvm, 'HvCreatePartition', request)
  if (isErr(made)) {
    yield* warn(sys, `${argv[0]}: failed to initialize kvm: ${made.text}\n`)
    return 1
  }
  const netdevs = new Map<string, string>()
  let cards = 0
  const attach = function* (t: typeof sys, netdev: string, mac: string) {
    const tap = netdevs.get(netdev)
    const card: CardRequest = { tap: tap ?? '', name: `eth${cards++}`, mac }
    return yield* t.ioctl(kvm, 'HvAttachCard', card)
  }
  for (const n of all('-netdev').map(settings))
    if (n.get('') === 'tap')
      netdevs.set(n.get('id') ?? '', n.get('ifname') ?? (n.get('id') ?? '').replace(/^network-/, ''))
  const control = all('-qmp')
    .map((q) => /^unix:([^,]+)/.exec(q)?.[1])
    .find((p) => p !== undefined)
  if (control !== undefined)
    sys.thread(function* (t) {
      yield* serveQmp(t, control, QEMU_VERSION, function* (own, c) {
        const arg = (key: string): string => String(c.arguments?.[key] ?? '')
        switch (c.execute) {
          case 'query-status':
            return { return: { status: 'running', running: true } }
          case 'netdev_add':
            netdevs.set(arg('id'), arg('ifname'))
            return { return: {} }
          case 'device_add': {
            if (arg('driver') !== 'virtio-net-pci') break
            const failed = yield* attach(own, arg('netdev'), arg('mac'))
            return isErr(failed)
              ? {
                  error: {
                    class: 'GenericError',
                    desc: `Property 'virtio-net-pci.netdev' can't find value '${arg('netdev')}'`,
                  },
                }
              : { return: {} }
          }
          case 'quit':
            own.thread(function* (last) {
              yield* last.nanosleep(1_000_000)
              yield* last.kill(yield* last.getpid(), 9)
            })
            return { return: {} }
        }
        return { error: { class: 'CommandNotFound', desc: `The command ${c.execute} has not been found` } }
      })
    })
  const ran = yield* sys.ioctl<Partition>(kvm, 'HvRun')
  if (isErr(ran)) return 1
  for (const d of devices)
    if (d.get('')?.startsWith('virtio-net')) yield* attach(sys, d.get('netdev') ?? '', d.get('mac') ?? '')
  // What the guest has touched of its memory is resident here from now on.
  if (yield* sys.brk(own + Math.min(memory, ran.touched))) {
    yield* warn(sys, `${argv[0]}: cannot set up guest memory 'pc.ram': Cannot allocate memory\n`)
    return 1
  }
  for (;;) yield* sys.pause()
}
