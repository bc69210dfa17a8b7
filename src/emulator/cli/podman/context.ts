/** What every podman command gets. */

import { Problem } from '../../engine/containers/problem.ts'
import type { Libpod } from '../../engine/libpod/libpod.ts'
import type { Container, Pod } from '../../engine/libpod/types.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import type { Spec } from '../containers/frame.ts'
import type { Given } from '../flags.ts'

export interface Context {
  readonly sys: Sys
  readonly lp: Libpod
  /** The whole command line. */
  readonly argv: readonly string[]
}
export type Commands = Readonly<Record<string, Spec<Context>>>

/** The containers that a command is to act on: those named, --latest, or --all. Throws Problem. */
export function* chosen(c: Context, g: Given): Run<Container[]> {
  if (g.has('all') && g.args.length > 0) throw new Problem(`no arguments are needed with --all`)
  if (g.has('latest') && g.args.length > 0) throw new Problem('--latest and containers cannot be used together')
  if (g.has('latest')) return [yield* latest(c)]
  if (g.has('all')) return yield* c.lp.all()
  if (g.args.length === 0) throw new Problem(`you must provide at least one name or id`)
  const out: Container[] = []
  for (const name of g.args) out.push(yield* c.lp.find(name))
  return out
}
export function* latest(c: Context): Run<Container> {
  const all = (yield* c.lp.all()).filter((x) => !x.config.infra)
  const last = all.sort((a, b) => b.config.created - a.config.created)[0]
  if (!last) throw new Problem('no containers found: no such container')
  return last
}
/** The pods of a command's operands, or all. Throws Problem. */
export function* chosenPods(c: Context, g: Given): Run<Pod[]> {
  const { pods } = yield* c.lp.db()
  if (g.has('all')) return [...pods]
  if (g.has('latest')) {
    const last = [...pods].sort((a, b) => b.created - a.created)[0]
    if (!last) throw new Problem('no pods found: no such pod')
    return [last]
  }
  if (g.args.length === 0) throw new Problem('you must provide at least one pod name or id')
  const out: Pod[] = []
  for (const name of g.args) out.push(yield* c.lp.findPod(name))
  return out
}
