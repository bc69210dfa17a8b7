/** Cases in the sources as they are. */
import { type HostName, openSession } from '../../src/emulator/complete.ts'
import { type Driven, type DrivenCase, driving } from './driving.ts'

/** `view` is the machine as diagrams see it after the case. */
export function driveSources(c: DrivenCase): Driven & { readonly view: string } {
  const session = openSession({ host: (c.host ?? 'linux-server') as HostName })
  const work = driving(session, c)
  for (;;) {
    const step = work.next()
    if (step.done) return { ...step.value, view: JSON.stringify(session.view()) }
    throw new Error(`${step.value.wanted}: not loaded`)
  }
}
