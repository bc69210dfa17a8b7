/** The API's routes: what a handler gets and answers, and routes whose code comes when they are first asked for. */
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import type { HttpRequest } from '../../userland/lib/http.ts'
import type { Body } from './shapes.ts'
import { API_VERSION, type Daemon, VERSION } from './state.ts'

/** One request being answered. */
export interface Context {
  readonly sys: Sys
  readonly fd: number
  readonly d: Daemon
  readonly request: HttpRequest
  readonly query: (key: string) => string
  /** All values of a parameter that may be repeated. */
  readonly queries: (key: string) => readonly string[]
  /** The body as a document of a Go type; throws the API's error where it is none. */
  readonly json: <T>(type: Body) => Run<T>
  readonly rest: Uint8Array
}
/** A body to be sent, or nothing where the handler has answered by itself. */
export type Answer = { readonly status: number; readonly body?: unknown } | undefined
export type Handler = (c: Context, ...args: string[]) => Run<Answer>
export type Route = readonly [method: string, pattern: RegExp, handler: Handler]

export const created = (body: unknown): Answer => ({ status: 201, body })
export const ok = (body: unknown): Answer => ({ status: 200, body })
export const none: Answer = { status: 204 }
export const truth = (v: string): boolean => v === '1' || v === 'true' || v === 'True'
export const commonHeaders = {
  'Api-Version': API_VERSION,
  'Content-Type': 'application/json',
  Server: `Docker/${VERSION} (linux)`,
}

/** Where routes are that dockerd doesn't begin with: paths, and the part that has them. */
const elsewhere: readonly (readonly [RegExp, string])[] = [
  [/^\/(build|build\/prune|session|grpc)$/, 'dockerd/build'],
  [
    /^\/(version|info|events|networks|volumes|system|swarm|nodes|services|tasks|secrets|configs|plugins)(\/|$)|^\/(containers|images)\/prune$|\/(history|tag|top|stats|update|rename|pause|unpause)$/,
    'dockerd/more',
  ],
  [
    /^\/(commit|auth|images\/(get|load|search|create)|images\/.+\/(get|push)|distribution\/.+\/json|containers\/[^/]+\/(archive|export|changes))$|^\/images\/[^/]/,
    'dockerd/images',
  ],
]
const loaded = new Map<string, readonly Route[]>()
/** A part's program: it hands its routes over. */
export const providing = (part: string, routes: readonly Route[]): Program =>
  function* () {
    loaded.set(part, routes)
    return 0
  }
/** The routes of the part that a path belongs to; none where no part has it. */
export function* lateRoutes(sys: Sys, path: string): Run<readonly Route[]> {
  const part = elsewhere.find(([pattern]) => pattern.test(path))?.[1]
  if (part === undefined) return []
  if (!loaded.has(part)) yield* (yield* sys.part(part))(sys, [])
  return loaded.get(part) ?? []
}
