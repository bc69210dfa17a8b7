/**
 * mysqld and mariadbd as far as their start goes: InnoDB opens its system tablespace and locks it, fcntl(2); without the lock there is no
 * database. Clients aren't answered.
 */
import { isErr } from '../../base/errno.ts'
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { O_CREAT, O_RDWR } from '../../kernel/linux/fs/flags.ts'
import { warn } from '../lib/io.ts'
import { strftime } from '../lib/time.ts'

interface Brand {
  readonly variable: string
  readonly version: string
  readonly line: (time: string, level: 'System' | 'ERROR', code: string, part: string, text: string) => string
  readonly ready: string
}
const mysql: Brand = {
  variable: 'MYSQL',
  version: '8.4.7',
  line: (time, level, code, part, text) => `${time}Z 0 [${level}] [${code}] [${part}] ${text}\n`,
  ready:
    "/usr/sbin/mysqld: ready for connections. Version: '8.4.7'  socket: '/var/run/mysqld/mysqld.sock'  port: 3306  MySQL Community Server - GPL.",
}
const mariadb: Brand = {
  variable: 'MARIADB',
  version: '11.8.5-MariaDB-ubu2404',
  line: (time, level, _code, part, text) =>
    `${time.slice(0, 19).replace('T', ' ')} 0 [${level === 'System' ? 'Note' : level}] ${part === 'InnoDB' ? 'InnoDB: ' : ''}${text}\n`,
  ready:
    "mariadbd: ready for connections.\nVersion: '11.8.5-MariaDB-ubu2404'  socket: '/run/mysqld/mysqld.sock'  port: 3306  mariadb.org binary distribution",
}
const DATA = '/var/lib/mysql'

const server = (b: Brand): Program =>
  function* (sys) {
    const log = function* (level: 'System' | 'ERROR', code: string, part: string, text: string): Run<void> {
      const time = strftime('%FT%T.%N', yield* sys.clock('realtime')).slice(0, 26)
      yield* warn(sys, b.line(time, level, code, part, text))
    }
    if (!given(sys, b.variable) && isErr(yield* sys.stat(`${DATA}/ibdata1`))) {
      yield* warn(
        sys,
        `${strftime('%F %T', yield* sys.clock('realtime'))}+00:00 [ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n    You need to specify one of the following as an environment variable:\n    - ${b.variable}_ROOT_PASSWORD\n    - ${b.variable}_ALLOW_EMPTY_PASSWORD\n    - ${b.variable}_RANDOM_ROOT_PASSWORD\n`,
      )
      return 1
    }
    yield* log(
      'System',
      'MY-010116',
      'Server',
      `/usr/sbin/mysqld (mysqld ${b.version}) starting as process ${yield* sys.getpid()}`,
    )
    const file = yield* sys.open(`${DATA}/ibdata1`, O_RDWR | O_CREAT, 0o640)
    const failed = isErr(file) ? file : yield* sys.flock(file, 'exclusive')
    if (failed) {
      const text = isErr(file)
        ? `Operating system error number ${failed.number} in a file operation.`
        : `Unable to lock ./ibdata1 error: ${failed.number}`
      yield* log('ERROR', 'MY-012574', 'InnoDB', text)
      yield* log('ERROR', 'MY-010334', 'Server', 'Failed to initialize DD Storage Engine')
      yield* log('ERROR', 'MY-010020', 'Server', 'Data Dictionary initialization failed.')
      yield* log('ERROR', 'MY-010119', 'Server', 'Aborting')
      return 1
    }
    if (!isErr(file)) yield* sys.ftruncate(file, 12 * 1024 ** 2)
    yield* sys.brk(380 * 1024 ** 2)
    const socket = yield* sys.socket('inet', 'stream')
    if (isErr(socket)) return 1
    yield* sys.bind(socket, { family: 'inet', address: '0.0.0.0', port: 3306 })
    yield* sys.listen(socket)
    yield* log('System', 'MY-010931', 'Server', b.ready)
    for (;;) {
      const client = yield* sys.accept(socket)
      if (!isErr(client)) yield* sys.close(client)
    }
  }
const given = (sys: Sys, name: string): boolean =>
  sys
    .environ()
    .some((e) => new RegExp(`^(${name}|MYSQL)_(ROOT_PASSWORD|ALLOW_EMPTY_PASSWORD|RANDOM_ROOT_PASSWORD)=.`).test(e))

export const mysqld: Program = server(mysql)
export const mariadbd: Program = server(mariadb)
