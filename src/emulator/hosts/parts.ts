/**
 * Code that comes when it is first needed, by the name that executables (exec) and programs (sys.part) ask for it. The first prompt and
 * `docker run` need none of these; each entry becomes a file of its own in the built site.
 */
import type { Program } from '../kernel/linux/abi.ts'

type Loader = () => PromiseLike<Program>
const program =
  <M extends Readonly<Record<string, unknown>>, K extends keyof M>(from: () => PromiseLike<M>, name: K): Loader =>
  () =>
    from().then((module) => module[name] as Program)

const gnu =
  (name: string): Loader =>
  () =>
    import('../userland/gnu/index.ts').then((m) => m.gnuPrograms[name] as Program)
const server =
  (name: string): Loader =>
  () =>
    import('../userland/servers/index.ts').then((m) => m.serverPrograms[name] as Program)
/** Applets of busybox by families; see busybox/catalogue.ts. */
const text = () => import('../userland/busybox/text/index.ts')
const virtualisation = () => import('../cli/virsh.ts')

export const parts: Readonly<Record<string, Loader>> = {
  'busybox/text': program(text, 'textPart'),
  'gnu/ps': gnu('ps'),
  'gnu/free': gnu('free'),
  'gnu/curl': gnu('curl'),
  'gnu/ip': gnu('ip'),
  nginx: server('nginx'),
  'redis-server': server('redis-server'),
  'redis-cli': server('redis-cli'),
  hello: server('hello'),
  virsh: program(virtualisation, 'virsh'),
  'qemu-system-x86_64': program(virtualisation, 'qemu'),
}
