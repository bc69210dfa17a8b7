/** What labs' steps print, for the build: each lab is run once for its pages in both languages and in frames. */
import { openSession } from '../../emulator/complete.ts'
import { type ReadyLab, runLab } from './labs.ts'

const ran = new Map<string, readonly string[]>()

/** What each step of a lab prints. Throws where one doesn't do what it says. */
export function printedBy(lab: ReadyLab): readonly string[] {
  const printed = ran.get(lab.name) ?? runLab(lab, openSession({ host: lab.host }))
  ran.set(lab.name, printed)
  return printed
}
