/** What the Windows daemon's handlers get: a request, and what the daemon was told at its start. */
import type { Run } from '../../../kernel/linux/abi.ts'
import type { Answer, Context } from '../../dockerd/routes.ts'
import type { Settings } from './containers.ts'

export interface WindowsContext extends Context {
  readonly s: Settings & { readonly version: string; readonly api: string }
}
export type WindowsRoute = readonly [
  method: string,
  pattern: RegExp,
  handler: (c: WindowsContext, ...args: string[]) => Run<Answer>,
]
