/** wget: files over HTTP. */
import { isErr } from '../../../base/errno.ts'
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../../kernel/linux/fs/flags.ts'
import { dial, parseUrl } from '../../lib/dial.ts'
import { HttpReader, sendRequest } from '../../lib/http.ts'
import { warn, writeAll } from '../../lib/io.ts'
import { getopt } from '../../lib/options.ts'
import { strerror } from '../../lib/strerror.ts'
import type { Applet } from '../../program.ts'

export const wget: Applet = {
  name: 'wget',
  usage: '[-cqS] [--spider] [-O FILE] [-o LOGFILE] [-T SEC] URL...',
  help: 'Retrieve files via HTTP or FTP',
  *run(sys, argv) {
    const o = yield* getopt(sys, wget, argv, 'cqSO:o:T:Y:P:U:s', {
      spider: 's',
      'no-check-certificate': 'q',
      quiet: 'q',
      'output-document': 'O',
    })
    if (typeof o === 'number') return o
    for (const url of o.rest) {
      const u = parseUrl(url)
      if (!u) {
        yield* warn(sys, `wget: not an http or ftp url: ${url}\n`)
        return 1
      }
      if (u.secure) {
        yield* warn(sys, 'zukan: not emulated: wget https\n')
        return 1
      }
      const fd = yield* dial(sys, u.host, u.port)
      if (typeof fd !== 'number') {
        yield* warn(
          sys,
          fd.error === 'name'
            ? `wget: bad address '${u.host}'\n`
            : `${o.has('q') ? '' : `Connecting to ${u.host}${u.port === 80 ? '' : `:${u.port}`} (${fd.address}:${u.port})\n`}wget: can't connect to remote host (${fd.address}): ${fd.reason ? strerror(fd.reason) : fd.text}\n`,
        )
        return 1
      }
      if (!o.has('q')) {
        const peer = yield* sys.getpeername(fd)
        yield* warn(
          sys,
          `Connecting to ${u.host}${u.port === 80 ? '' : `:${u.port}`} (${isErr(peer) || peer.family !== 'inet' ? '' : peer.address}:${u.port})\n`,
        )
      }
      yield* sendRequest(sys, fd, 'GET', u.path, {
        Host: u.port === 80 ? u.host : `${u.host}:${u.port}`,
        'User-Agent': 'Wget',
        Connection: 'close',
      })
      const response = yield* new HttpReader(sys, fd).response()
      yield* sys.close(fd)
      if (!response || response.status >= 400) {
        yield* warn(
          sys,
          response
            ? `wget: server returned error: HTTP/1.1 ${response.status} ${response.reason}\n`
            : 'wget: error getting response: Connection reset by peer\n',
        )
        return 1
      }
      if (o.has('s')) continue
      const file = o.value('O') ?? (u.path.split('?')[0]?.split('/').at(-1) || 'index.html')
      const out = file === '-' ? 1 : yield* sys.open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
      if (isErr(out)) {
        yield* warn(sys, `wget: can't open '${file}': ${strerror(out)}\n`)
        return 1
      }
      if (!o.has('q') && file !== '-') yield* warn(sys, `saving to '${file}'\n`)
      yield* writeAll(sys, out, response.body)
      if (out !== 1) yield* sys.close(out)
      if (!o.has('q'))
        yield* warn(
          sys,
          `${file.padEnd(20).slice(0, 20)} 100% |********************************| ${String(response.body.length).padStart(5)}  0:00:00 ETA\n${file === '-' ? 'written to stdout' : `'${file}' saved`}\n`,
        )
    }
    return 0
  },
}
