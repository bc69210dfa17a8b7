/** Cases in the sources as they are. */
import { type HostName, openSession } from '../../src/emulator/complete.ts'
import { type Driven, type DrivenCase, driving } from './driving.ts'

export function driveSources(c: DrivenCase): Driven {
  const work = driving(openSession({ host: (c.host ?? 'linux-server') as HostName }), c)
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
    throw new Error(`${step.value.wanted}: not loaded`)
  }
}
