/** A container's log: what its streams said, in memory and as the json-file driver's file. */
import { concat } from '../../base/bytes.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { decode } from '../../userland/lib/io.ts'
import { strftime } from '../../userland/lib/time.ts'
import type { Container } from './state.ts'
import { containerDir, writeFile } from './support.ts'

/** Bytes of a log that are kept. */
const LOG_LIMIT = 4 * 1024 * 1024
/** Takes down what a stream said, and hands it to who is attached. */
export function* record(sys: Sys, c: Container, stream: 'stdout' | 'stderr', bytes: Uint8Array): Run<void> {
  c.log.push({ stream, time: yield* sys.clock('realtime'), bytes })
  let total = c.log.reduce((n, l) => n + l.bytes.length, 0)
  while (total > LOG_LIMIT && c.log.length > 1) total -= c.log.shift()?.bytes.length ?? 0
  for (const send of c.attached) send(stream, bytes)
  c.changed.wake()
}
/** The json-file driver's file, written when the container ends or its log is asked for. */
export function* flushLog(sys: Sys, c: Container): Run<void> {
  const lines = logLines(c).map((l) =>
    JSON.stringify({ log: decode(l.bytes), stream: l.stream, time: strftime('%FT%T.%NZ', l.time) }),
  )
  yield* writeFile(sys, `${containerDir(c)}/${c.id}-json.log`, lines.length > 0 ? `${lines.join('\n')}\n` : '')
}
/** What a container's log options add to each line: labels and variables that they name, `--log-opt labels=a,env=X`. */
export function logDetails(c: Container): Readonly<Record<string, string>> {
  const o = c.hostConfig.LogConfig?.Config ?? {}
  const env = (c.config.Env ?? []).map((e) => [e.slice(0, e.indexOf('=')), e.slice(e.indexOf('=') + 1)] as const)
  const chosen = (
    all: readonly (readonly [string, string])[],
    names = '',
    pattern = '',
  ): (readonly [string, string])[] =>
    all.filter(([name]) => names.split(',').includes(name) || (pattern !== '' && new RegExp(pattern).test(name)))
  return Object.fromEntries([
    ...chosen(Object.entries(c.config.Labels ?? {}), o.labels, o['labels-regex']),
    ...chosen(env, o.env, o['env-regex']),
  ])
}
/** The log line by line. */
export function logLines(
  c: Container,
): { readonly stream: 'stdout' | 'stderr'; readonly time: number; readonly bytes: Uint8Array }[] {
  const out: { stream: 'stdout' | 'stderr'; time: number; bytes: Uint8Array }[] = []
  const rest = new Map<string, Uint8Array>()
  for (const l of c.log) {
    let bytes = rest.has(l.stream) ? concat([rest.get(l.stream) as Uint8Array, l.bytes]) : l.bytes
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10)) {
      out.push({ stream: l.stream, time: l.time, bytes: bytes.subarray(0, at + 1) })
      bytes = bytes.subarray(at + 1)
    }
    if (bytes.length > 0) rest.set(l.stream, bytes)
    else rest.delete(l.stream)
  }
  for (const [stream, bytes] of rest) out.push({ stream: stream as 'stdout', time: c.log.at(-1)?.time ?? 0, bytes })
  return out
}
