/** Connecting to a host by its name, and addresses of the web in parts. */
import { type Errno, isErr } from '../../base/errno.ts'
import type { Fd, Run, Sys } from '../../kernel/linux/abi.ts'
import { resolveHost } from './resolve.ts'

/** Why no connection came about; `reason`: what the kernel said, where it was asked. */
export interface DialFailure {
  readonly error: 'name' | 'connect'
  readonly text: string
  readonly address: string
  readonly reason?: Errno
}
/** Opens a TCP connection to a host's port; a message where it can't. */
export function* dial(sys: Sys, host: string, port: number): Run<Fd | DialFailure> {
  const address = yield* resolveHost(sys, host)
  if (address === undefined) return { error: 'name', text: 'bad address', address: '' }
  const fd = yield* sys.socket('inet', 'stream')
  if (isErr(fd)) return { error: 'connect', text: fd.text, address, reason: fd }
  const failed = yield* sys.connect(fd, { family: 'inet', address, port })
  if (!failed) return fd
  yield* sys.close(fd)
  return { error: 'connect', text: failed.text, address, reason: failed }
}
/** The parts of an http URL; undefined for others. */
export function parseUrl(
  url: string,
): { readonly host: string; readonly port: number; readonly path: string; readonly secure: boolean } | undefined {
  const m = /^(?:(https?):\/\/)?([^/:?#]+)(?::(\d+))?([/?][^#]*)?/.exec(url)
  if (!m?.[2]) return undefined
  const secure = m[1] === 'https'
  const path = m[4] ?? '/'
  return {
    host: m[2],
    port: Number(m[3] ?? (secure ? 443 : 80)),
    path: path.startsWith('/') ? path : `/${path}`,
    secure,
  }
}
