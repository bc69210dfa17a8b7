/** if, while, until, for and case: POSIX XCU 2.9.4. */
import type { ExitCode, Run } from '../../kernel/linux/abi.ts'
import { matchPattern } from '../lib/pattern.ts'
import type { Node } from './ast.ts'
import { Leave } from './errors.ts'
import type { Shell } from './interp.ts'

export function* runIf(sh: Shell, node: Extract<Node, { kind: 'if' }>): Run<ExitCode> {
  for (const arm of node.arms) {
    let test: ExitCode
    sh.s.tested++
    try {
      test = yield* sh.exec(arm.test)
    } finally {
      sh.s.tested--
    }
    if (test === 0) return yield* sh.exec(arm.body)
  }
  if (node.other) return yield* sh.exec(node.other)
  sh.s.status = 0
  return 0
}
export function* runWhile(sh: Shell, node: Extract<Node, { kind: 'while' | 'until' }>): Run<ExitCode> {
  let status = 0
  sh.s.loops++
  try {
    for (;;) {
      try {
        sh.s.tested++
        let test: ExitCode
        try {
          test = yield* sh.exec(node.test)
        } finally {
          sh.s.tested--
        }
        if ((test === 0) !== (node.kind === 'while')) break
        status = yield* sh.exec(node.body)
      } catch (leave) {
        status = 0
        if (loopLeave(sh, leave)) break
      }
    }
  } finally {
    sh.s.loops--
  }
  sh.s.status = status
  return status
}
export function* runFor(sh: Shell, node: Extract<Node, { kind: 'for' }>): Run<ExitCode> {
  sh.s.line = node.line
  const values = node.words ? yield* sh.expander.fields(node.words) : [...sh.s.positional]
  let status = 0
  sh.s.loops++
  try {
    for (const value of values) {
      sh.assign(node.name, value)
      try {
        status = yield* sh.exec(node.body)
      } catch (leave) {
        status = 0
        if (loopLeave(sh, leave)) break
      }
    }
  } finally {
    sh.s.loops--
  }
  sh.s.status = status
  return status
}
/** True: leave sh loop; false: go on with its next round. Rethrows what is not for it. */
function loopLeave(sh: Shell, leave: unknown): boolean {
  if (!(leave instanceof Leave) || (leave.kind !== 'break' && leave.kind !== 'continue')) throw leave
  if (leave.count > 1 && sh.s.loops > 1) {
    leave.count--
    throw leave
  }
  sh.s.status = 0
  return leave.kind === 'break'
}
export function* runCase(sh: Shell, node: Extract<Node, { kind: 'case' }>): Run<ExitCode> {
  sh.s.line = node.line
  const subject = yield* sh.expander.single(node.word)
  let fall = false
  let status = 0
  for (const arm of node.arms) {
    let hit = fall
    for (const pattern of arm.patterns) {
      if (hit) break
      hit = matchPattern(yield* sh.expander.pattern(pattern), subject)
    }
    if (!hit) continue
    status = arm.body ? yield* sh.exec(arm.body) : 0
    if (!arm.fall) {
      sh.s.status = status
      return status
    }
    fall = true
  }
  sh.s.status = status
  return status
}
