/** crictl exec: a command in a running container, its streams over the runtime's streaming server. */
import { text, utf8 } from '../../base/bytes.ts'
import { isErr } from '../../base/errno.ts'
import { channel, FrameReader, frame } from '../../engine/cri/streaming.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { SIGWINCH } from '../../kernel/linux/signals.ts'
import { HttpReader } from '../../userland/lib/http.ts'
import { print, writeAll } from '../../userland/lib/io.ts'
import { log } from '../logrus.ts'
import { type Leaf, ToolError } from '../urfave.ts'
import { listContainers } from './containers.ts'
import { type Context, runtime, trying } from './context.ts'
import { usage } from './usage.ts'

const isTerminal = function* (sys: Sys): Run<boolean> {
  return !isErr(yield* sys.ioctl(0, 'TCGETS'))
}
/** Connects to the address that Exec answered, and copies until the process has ended. */
function* stream(sys: Sys, url: string, tty: boolean, input: boolean): Run<void> {
  const m = /^http:\/\/([\d.]+):(\d+)(\/.*)$/.exec(url)
  const fd = yield* sys.socket('inet', 'stream')
  if (!m || isErr(fd)) throw new ToolError(`error sending request: Post ${JSON.stringify(url)}: unsupported`)
  const failed = yield* sys.connect(fd, { family: 'inet', address: m[1] as string, port: Number(m[2]) })
  if (failed)
    throw new ToolError(
      `error sending request: Post ${JSON.stringify(url)}: dial tcp ${m[1]}:${m[2]}: connect: ${failed.text.toLowerCase()}`,
    )
  sys.traceMark('http', 'streaming', `POST ${m[3]}`)
  yield* writeAll(
    sys,
    fd,
    utf8(
      `POST ${m[3]} HTTP/1.1\r\nHost: ${m[1]}:${m[2]}\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nContent-Length: 0\r\n\r\n`,
    ),
  )
  const reader = new HttpReader(sys, fd)
  const head = yield* reader.responseHead()
  if (head?.status !== 101) throw new ToolError(`unable to upgrade connection: ${head?.status ?? 'EOF'}`)
  const state: unknown = tty ? yield* sys.ioctl(0, 'TCGETS') : undefined
  const raw = tty && !isErr(state)
  if (raw) {
    yield* sys.ioctl(0, 'TCSETS', { icanon: false, echo: false, isig: false, icrnl: false, opost: false, onlcr: false })
    const tell = function* (): Run<void> {
      const s = yield* sys.ioctl<{ rows: number; columns: number }>(0, 'TIOCGWINSZ')
      if (!isErr(s))
        yield* writeAll(sys, fd, frame(channel.resize, utf8(JSON.stringify({ Width: s.columns, Height: s.rows }))))
    }
    yield* tell()
    yield* sys.sigaction(SIGWINCH, () => tell())
  }
  if (input)
    sys.thread(function* (t) {
      for (;;) {
        const part = yield* t.read(0, 65536)
        const bytes = isErr(part) ? new Uint8Array(0) : part
        if ((yield* writeAll(t, fd, frame(channel.stdin, bytes))) || bytes.length === 0) return
      }
    })
  const frames = new FrameReader(sys, fd, reader.takeRest())
  let status: { readonly status?: string; readonly message?: string } = { status: 'Failure', message: 'EOF' }
  for (let f = yield* frames.next(); f; f = yield* frames.next()) {
    if (f.kind === channel.error) {
      status = JSON.parse(text(f.bytes)) as typeof status
      break
    }
    yield* writeAll(sys, f.kind === channel.stderr ? 2 : 1, f.bytes)
  }
  if (raw) yield* sys.ioctl(0, 'TCSETS', state)
  yield* sys.close(fd)
  if (status.status !== 'Success') throw new ToolError(status.message ?? '')
}

export const exec: Leaf<Context> = {
  names: ['exec'],
  usage: 'Run a command in a running container',
  args: '[CONTAINER-ID] COMMAND [ARG...]',
  description:
    'The CONTAINER-ID is only required if none of the following filter flags are set:\n--image, --label, --last, --latest, --name, --pod, --state',
  flags:
    's,sync timeout:int t,tty i,interactive r,transport:string name:string p,pod:string image:string state:string label:list l,latest n,last:int q,quiet e,ignore-errors x,parallel',
  texts: [
    'Run the command synchronously',
    'Timeout in seconds (default: 0)',
    'Allocate a pseudo-TTY',
    'Keep STDIN open',
    'Transport protocol to use, one of: spdy|websocket (default: "spdy")',
    'Exec command for all containers matching this name filter regular expression pattern',
    'Exec command for all containers matching this pod ID filter',
    'Exec command for all containers matching this container image filter',
    'Exec command for all containers matching this container state filter',
    'Exec command for all containers matching this key=value label filter',
    'Exec command for the most recently created container',
    'Exec command for all last n containers, set to 0 for unlimited',
    'Do not print the container ID if multiple containers are selected',
    'Ignore errors during command execution',
    'Run the command in parallel if multiple containers are selected',
  ],
  *run(sys, g, c) {
    for (const flag of ['timeout', 'image', 'ignore-errors', 'parallel'])
      if (g.value(flag) !== undefined) throw new ToolError(`zukan: not emulated: crictl exec --${flag}`)
    const filtered = ['name', 'pod', 'state', 'label', 'latest', 'last'].some((f) => g.value(f) !== undefined)
    if (g.args.length < (filtered ? 1 : 2)) return yield* usage(sys, 'exec')
    const ids = filtered ? (yield* listContainers(c, g, false)).map((x) => x.id) : [g.args[0] as string]
    const cmd = filtered ? g.args : g.args.slice(1)
    if (ids.length === 0) {
      yield* log(sys, 'error', 'No containers found per filter flags')
      return yield* usage(sys, 'exec')
    }
    const tty = g.has('tty')
    const input = g.has('interactive')
    for (const id of ids) {
      if (filtered && !g.has('quiet')) yield* print(sys, `${id}:\n`)
      if (g.has('sync')) {
        yield* trying(`execing command in container ${id} synchronously`, function* () {
          const r = yield* runtime<{ stdout: string; stderr: string; exitCode: number }>(c, 'ExecSync', { id, cmd })
          if (r.exitCode !== 0) throw new ToolError(`command '${cmd.join(' ')}' exited with ${r.exitCode}: ${r.stderr}`)
          yield* print(sys, `${r.stdout}\n${r.stderr}\n`)
        })
        continue
      }
      yield* trying(`execing command in container ${id}`, function* () {
        const { url } = yield* runtime<{ url: string }>(c, 'Exec', { id, cmd, tty, stdin: input })
        if (tty && !input) throw new ToolError('tty=true must be specified with interactive=true')
        if (tty && !(yield* isTerminal(sys))) throw new ToolError('input is not a terminal')
        yield* stream(sys, url, tty, input)
      })
    }
    return 0
  },
}
