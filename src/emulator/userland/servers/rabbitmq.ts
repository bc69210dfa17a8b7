/**
 * rabbitmq-server as far as its start goes: Erlang makes the cookie by which nodes know each other, and takes it only where nobody but its
 * owner may read it (OTP, lib/kernel/src/auth.erl). Clients aren't answered.
 */
import { isErr } from '../../base/errno.ts'
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { encode, print, readText, writeAll } from '../lib/io.ts'
import { strftime } from '../lib/time.ts'

const VERSION = '4.2.1'
const variable = (sys: Sys, name: string): string | undefined =>
  sys
    .environ()
    .find((e) => e.startsWith(`${name}=`))
    ?.slice(name.length + 1)

/** auth:read_cookie/0: undefined where all is well, else what is wrong. */
function* checkCookie(sys: Sys, file: string): Run<string | undefined> {
  const s = yield* sys.stat(file)
  if (isErr(s)) return yield* createCookie(sys, file)
  if ((s.mode & 0o077) !== 0) return `Cookie file ${file} must be accessible by owner only`
  const text = yield* readText(sys, file)
  if (isErr(text)) return `Error when reading ${file}: ${text.name.toLowerCase()}`
  return /^[A-Za-z0-9]+\s*$/.test(text) ? undefined : `Too short cookie string`
}
/** auth:create_cookie/1. */
function* createCookie(sys: Sys, file: string): Run<string | undefined> {
  const fd = yield* sys.open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  if (isErr(fd)) return `Failed to create cookie file '${file}': ${fd.name.toLowerCase()}`
  const letters = [...(yield* sys.getrandom(20))].map((b) => String.fromCharCode(65 + (b % 26))).join('')
  const written = yield* writeAll(sys, fd, encode(letters))
  yield* sys.close(fd)
  if (written) return `Failed to write to cookie file '${file}': ${written.name.toLowerCase()}`
  const failed = yield* sys.chmod(file, 0o400)
  return failed ? `Failed to change mode: ${failed.name.toLowerCase()}` : yield* checkCookie(sys, file)
}

export const rabbitmqServer: Program = function* (sys) {
  const log = function* (level: string, text: string, process = '<0.172.0>'): Run<void> {
    const time = strftime('%F %T.%N', yield* sys.clock('realtime')).slice(0, 26)
    yield* print(sys, `${time}+00:00 [${level}] ${process} ${text}\n`)
  }
  const wrong = yield* checkCookie(sys, `${variable(sys, 'HOME') ?? '/var/lib/rabbitmq'}/.erlang.cookie`)
  if (wrong !== undefined) {
    for (const line of [
      wrong,
      '  crasher:',
      '    initial call: auth:init/1',
      '    pid: <0.172.0>',
      '    registered_name: []',
      `    exception error: "${wrong}"`,
      '      in function  auth:init_no_setcookie/0',
    ])
      yield* log('error', line)
    return 1
  }
  const { nodename } = yield* sys.uname()
  yield* log('info', ` Starting RabbitMQ ${VERSION} on Erlang 27.3.4.6 [jit]`, '<0.211.0>')
  yield* print(
    sys,
    `\n  ##  ##      RabbitMQ ${VERSION}\n  ##  ##\n  ##########  Copyright (c) 2007-2025 Broadcom Inc and/or its subsidiaries\n  ######  ##\n  ##########  Licensed under the MPL 2.0. Website: https://rabbitmq.com\n\n  Erlang:      27.3.4.6 [jit]\n\n  Logs: <stdout>\n\n  Config file(s): /etc/rabbitmq/conf.d/10-defaults.conf\n\n  Starting broker...`,
  )
  yield* sys.mkdir('/var/lib/rabbitmq/mnesia', 0o755)
  yield* sys.brk(120 * 1024 ** 2)
  const socket = yield* sys.socket('inet', 'stream')
  if (isErr(socket)) return 1
  const failed =
    (yield* sys.bind(socket, { family: 'inet', address: '0.0.0.0', port: 5672 })) ?? (yield* sys.listen(socket))
  if (failed) {
    yield* log('error', `Failed to start Ranch listener: ${failed.name.toLowerCase()}`)
    return 1
  }
  yield* log('info', ' started TCP listener on [::]:5672', '<0.610.0>')
  yield* print(sys, ' completed with 0 plugins.\n')
  yield* log('info', ` Server startup complete; 0 plugins started. (rabbit@${nodename})`, '<0.479.0>')
  for (;;) {
    const client = yield* sys.accept(socket)
    if (!isErr(client)) yield* sys.close(client)
  }
}
