/** A request of the Engine API as handlers want it. */
import { text } from '../../base/bytes.ts'
import type { Sys } from '../../kernel/linux/abi.ts'
import type { HttpRequest } from '../../userland/lib/http.ts'
import type { Context } from './routes.ts'
import { ApiError, type Daemon } from './state.ts'

/** %20 and the like; text that is no such code stays. */
export function unescapePath(text: string | undefined): string {
  try {
    return decodeURIComponent(text ?? '')
  } catch {
    return text ?? ''
  }
}
/** What a handler gets of a request. */
export function contextOf(sys: Sys, fd: number, d: Daemon, request: HttpRequest, rest: Uint8Array): Context {
  const params = (request.target.split('?')[1] ?? '')
    .split('&')
    .filter(Boolean)
    .map((p) => [p.split('=')[0] as string, unescapePath((p.split('=')[1] ?? '').replace(/\+/g, ' '))] as const)
  const queries = (key: string): readonly string[] => params.filter(([k]) => k === key).map(([, v]) => v)
  return {
    sys,
    fd,
    d,
    request,
    rest,
    queries,
    query: (key) => queries(key).at(-1) ?? '',
    json: <T>(): T => {
      try {
        return JSON.parse(text(request.body) || '{}') as T
      } catch (e) {
        throw new ApiError(400, `invalid JSON: ${(e as Error).message}`)
      }
    },
  }
}
