/** Go templates, which come when a --format first asks for one. */
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import type { execute, parseTemplate } from '../../oci/gotemplate/execute.ts'

export interface Templates {
  readonly execute: typeof execute
  readonly parseTemplate: typeof parseTemplate
}
let loaded: Templates | undefined
/** What the part docker/templates calls. */
export function provideTemplates(t: Templates): void {
  loaded = t
}
export function* templates(sys: Sys): Run<Templates> {
  if (!loaded) yield* (yield* sys.part('docker/templates'))(sys, ['docker/templates'])
  return loaded as unknown as Templates
}
