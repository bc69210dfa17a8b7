/** Internet Information Services as its container image starts it: ServiceMonitor watches the service, a worker process answers. */
import { isErr } from '../../base/errno.ts'
import type { Program } from '../../kernel/linux/abi.ts'
import { SIGKILL, SIGTERM } from '../../kernel/linux/signals.ts'
import { HttpReader, sendResponse } from '../lib/http.ts'
import { encode, print, readFile, warn } from '../lib/io.ts'

const ROOT = '/C:/inetpub/wwwroot'
const WORKER = '/C:/Windows/System32/inetsrv/w3wp.exe'
const types: Readonly<Record<string, string>> = {
  htm: 'text/html',
  html: 'text/html',
  css: 'text/css',
  txt: 'text/plain',
}

/** ServiceMonitor.exe w3svc */
export const serviceMonitor: Program = function* (sys, argv) {
  if (argv[1]?.toLowerCase() !== 'w3svc') {
    yield* warn(sys, `zukan: not emulated: ServiceMonitor.exe ${argv.slice(1).join(' ')}\n`)
    return 1
  }
  const worker = yield* sys.fork(function* (child) {
    yield* child.prctl('set_pdeathsig', SIGKILL)
    return (yield* child.execve(WORKER, ['w3wp.exe', '-ap', 'DefaultAppPool'], child.environ())).number
  })
  if (isErr(worker)) return 1
  yield* print(sys, "\nService 'w3svc' started\n")
  yield* sys.sigaction(SIGTERM, function* () {
    yield* sys.kill(worker, SIGKILL)
  })
  for (;;) {
    const r = yield* sys.wait(worker)
    if (!isErr(r) || r.name !== 'EINTR') return 0
  }
}
/** w3wp.exe: static files of the default site. */
export const w3wp: Program = function* (sys) {
  yield* sys.brk(18 * 1024 ** 2)
  const socket = yield* sys.socket('inet', 'stream')
  if (isErr(socket)) return 1
  if ((yield* sys.bind(socket, { family: 'inet', address: '0.0.0.0', port: 80 })) ?? (yield* sys.listen(socket)))
    return 1
  for (;;) {
    const client = yield* sys.accept(socket)
    if (isErr(client)) continue
    sys.thread(function* (t) {
      const reader = new HttpReader(t, client)
      for (let request = yield* reader.request(); request; request = yield* reader.request()) {
        const path = (request.target.split('?')[0] ?? '/').replace(/\.\.+/g, '')
        const name = path === '/' ? '/iisstart.htm' : path
        const body = yield* readFile(t, ROOT + name)
        const found = !isErr(body)
        yield* sendResponse(
          t,
          client,
          found ? 200 : 404,
          {
            'Content-Type': found ? (types[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream') : 'text/html',
            Server: 'Microsoft-IIS/10.0',
          },
          found ? body : encode('<h2>404 - File or directory not found.</h2>\r\n'),
          request.method === 'HEAD',
        )
      }
      yield* t.close(client)
    })
  }
}
