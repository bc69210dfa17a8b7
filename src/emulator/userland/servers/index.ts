/** Small servers that really answer on their sockets: nginx, and the greeting of hello-world. */
import { EINTR, isErr } from '../../base/errno.ts'
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { isDir, O_APPEND, O_CREAT, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { SIGINT, SIGQUIT, SIGTERM, SIGWINCH } from '../../kernel/linux/signals.ts'
import { users } from '../lib/accounts.ts'
import { HttpReader, sendResponse } from '../lib/http.ts'
import { encode, print, readFile, readText, warn, write } from '../lib/io.ts'
import { strftime } from '../lib/time.ts'

const types: Readonly<Record<string, string>> = {
  html: 'text/html',
  css: 'text/css',
  js: 'application/javascript',
  json: 'application/json',
  txt: 'text/plain',
  svg: 'image/svg+xml',
  png: 'image/png',
}

/** What nginx is told by its files: the first server block's port and root. */
function* nginxConfig(sys: Sys): Run<{ readonly port: number; readonly root: string; readonly index: string }> {
  let text = ''
  for (const file of ['/etc/nginx/nginx.conf', '/etc/nginx/conf.d/default.conf']) {
    const t = yield* readText(sys, file)
    if (!isErr(t)) text += t.replace(/#.*/g, '')
  }
  const value = (name: string): string | undefined => new RegExp(`\\b${name}\\s+([^;]+);`).exec(text)?.[1]?.trim()
  return {
    port: Number(value('listen')?.split(' ')[0] ?? 80),
    root: value('root') ?? '/usr/share/nginx/html',
    index: value('index')?.split(/\s+/)[0] ?? 'index.html',
  }
}

/** nginx: a master that holds the socket, and a worker a CPU that answers. */
export const nginx: Program = function* (sys, argv) {
  const version =
    sys
      .environ()
      .find((e) => e.startsWith('NGINX_VERSION='))
      ?.slice(14) ?? '1.25.3'
  if (argv.includes('-v')) {
    yield* warn(sys, `nginx version: nginx/${version}\n`)
    return 0
  }
  if (argv.includes('-t')) {
    yield* warn(
      sys,
      'nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\nnginx: configuration file /etc/nginx/nginx.conf test is successful\n',
    )
    return 0
  }
  const { port, root, index } = yield* nginxConfig(sys)
  const socket = yield* sys.socket('inet', 'stream')
  if (isErr(socket)) return 1
  const stamp = function* (): Run<string> {
    return strftime('%Y/%m/%d %T', yield* sys.clock('realtime'))
  }
  const failed =
    (yield* sys.bind(socket, { family: 'inet', address: '0.0.0.0', port })) ?? (yield* sys.listen(socket, 511))
  if (failed) {
    yield* warn(
      sys,
      `${yield* stamp()} [emerg] 1#1: bind() to 0.0.0.0:${port} failed (${failed.number}: ${failed.text})\nnginx: [emerg] bind() to 0.0.0.0:${port} failed (${failed.number}: ${failed.text})\n`,
    )
    return 1
  }
  const access = yield* sys.open('/var/log/nginx/access.log', O_WRONLY | O_APPEND | O_CREAT)
  const errors = yield* sys.open('/var/log/nginx/error.log', O_WRONLY | O_APPEND | O_CREAT)
  const pid = yield* sys.getpid()
  const note = function* (text: string): Run<void> {
    if (!isErr(errors)) yield* write(sys, errors, `${yield* stamp()} [notice] ${pid}#${pid}: ${text}\n`)
  }
  yield* note('using the "epoll" event method')
  yield* note(`nginx/${version}`)
  yield* note(`OS: Linux ${(yield* sys.uname()).release}`)
  yield* note('start worker processes')
  yield* sys.setproctitle(`nginx: master process ${argv.join(' ')}`)
  const account = (yield* users(sys)).find((u) => u.name === 'nginx')
  const workers: number[] = []
  const spawn = function* (): Run<void> {
    const child = yield* sys.fork(function* (worker) {
      for (const signal of [SIGTERM, SIGQUIT, SIGINT]) yield* worker.sigaction(signal, 'default')
      if (account) {
        yield* worker.setgroups([account.gid])
        yield* worker.setgid(account.gid)
        yield* worker.setuid(account.uid)
      }
      yield* worker.setproctitle('nginx: worker process')
      for (;;) {
        const connection = yield* worker.accept(socket)
        if (isErr(connection)) continue
        yield* serve(worker, connection, root, index, version, isErr(access) ? 1 : access)
        yield* worker.close(connection)
      }
    })
    if (isErr(child)) return
    workers.push(child)
    yield* note(`start worker process ${child}`)
  }
  const cpus = yield* sys.schedGetaffinity()
  for (let i = 0; i < cpus; i++) yield* spawn()
  let stopping: number | undefined
  for (const signal of [SIGTERM, SIGQUIT, SIGINT]) {
    yield* sys.sigaction(signal, function* () {
      stopping = signal
    })
  }
  yield* sys.sigaction(SIGWINCH, 'ignore')
  while (stopping === undefined) {
    const ended = yield* sys.wait(-1)
    if (ended === EINTR || isErr(ended) || !ended) {
      if (isErr(ended) && ended !== EINTR) yield* sys.pause()
      continue
    }
    const how = ended.signal === undefined ? `with code ${ended.code ?? 0}` : `on signal ${ended.signal}`
    const at = workers.indexOf(ended.pid)
    // As process 1 of a container it collects others' orphans, too.
    yield* note(`${at < 0 ? 'unknown process' : 'worker process'} ${ended.pid} exited ${how}`)
    if (at < 0) continue
    // A worker that died is replaced.
    workers.splice(at, 1)
    yield* spawn()
  }
  yield* note(
    `signal ${stopping} (${stopping === SIGQUIT ? 'SIGQUIT' : stopping === SIGINT ? 'SIGINT' : 'SIGTERM'}) received, ${stopping === SIGQUIT ? 'shutting down' : 'exiting'}`,
  )
  for (const w of workers) yield* sys.kill(w, SIGTERM)
  for (const w of workers) yield* sys.wait(w)
  yield* note('exit')
  return 0
}

function* serve(sys: Sys, fd: number, root: string, index: string, version: string, log: number): Run<void> {
  const reader = new HttpReader(sys, fd)
  const peer = yield* sys.getpeername(fd)
  for (;;) {
    const request = yield* reader.request()
    if (!request) return
    const now = yield* sys.clock('realtime')
    const path = request.target.split('?')[0] ?? '/'
    const safe = `/${path
      .split('/')
      .filter((p) => p !== '' && p !== '.' && p !== '..')
      .map((p) => p.replace(/%20/g, ' '))
      .join('/')}`
    let file = root + safe
    const s = yield* sys.stat(file)
    if (!isErr(s) && isDir(s.mode)) file = `${file.replace(/\/$/, '')}/${index}`
    const body = request.method === 'GET' || request.method === 'HEAD' ? yield* readFile(sys, file) : undefined
    const status = body === undefined ? 405 : isErr(body) ? (body.name === 'EACCES' ? 403 : 404) : 200
    const words: Record<number, string> = { 403: '403 Forbidden', 404: '404 Not Found', 405: '405 Not Allowed' }
    const page =
      status === 200
        ? (body as Uint8Array)
        : encode(
            `<html>\r\n<head><title>${words[status]}</title></head>\r\n<body>\r\n<center><h1>${words[status]}</h1></center>\r\n<hr><center>nginx/${version}</center>\r\n</body>\r\n</html>\r\n`,
          )
    const close = request.headers.connection?.toLowerCase() === 'close'
    yield* sendResponse(
      sys,
      fd,
      status,
      {
        Server: `nginx/${version}`,
        Date: strftime('%a, %d %b %Y %T GMT', now),
        'Content-Type':
          status === 200 ? (types[file.split('.').at(-1) ?? ''] ?? 'application/octet-stream') : 'text/html',
        'Content-Length': String(page.length),
        Connection: close ? 'close' : 'keep-alive',
      },
      page,
      request.method === 'HEAD',
    )
    const from = isErr(peer) || peer.family !== 'inet' ? '-' : peer.address
    yield* write(
      sys,
      log,
      `${from} - - [${strftime('%d/%b/%Y:%T +0000', now)}] "${request.method} ${request.target} HTTP/1.1" ${status} ${page.length} "-" "${request.headers['user-agent'] ?? '-'}" "-"\n`,
    )
    if (close) return
  }
}

/** /hello of the hello-world image. */
export const hello: Program = function* (sys) {
  yield* print(
    sys,
    '\nHello from Docker!\nThis message shows that your installation appears to be working correctly.\n\n',
  )
  return 0
}
export const serverPrograms: Readonly<Record<string, Program>> = {
  nginx,
  hello,
}
