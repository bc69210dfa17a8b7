/** The buttons that switch a picture: one row, or one for each thing that its choices differ in. Pure. */
import { commonWords } from './words/common.ts'
import type { Language, SceneModule } from './scene/types.ts'

export interface ChoiceButton {
  readonly text: string
  readonly checked: boolean
  /** What it leads to from here; undefined where nothing is like that. */
  readonly choice: string | undefined
}
export interface ChoiceRow {
  readonly label: string
  readonly buttons: readonly ChoiceButton[]
}

/** The rows of buttons while a choice is shown; none where there is nothing to choose. */
export function choiceRows(m: SceneModule, choice: string, language: Language): readonly ChoiceRow[] {
  const words = m.words[language]
  if (m.choices.length < 2) return []
  if (m.axes.length === 0)
    return [
      {
        label: commonWords[language].choose,
        buttons: m.choices.map((c) => ({ text: words.choices?.[c] ?? c, checked: c === choice, choice: c })),
      },
    ]
  return m.axes.map((axis, i): ChoiceRow => {
    // A row keeps what the rows above it say.
    const above = m.axes.slice(0, i)
    const { label = '', values = {} } = words.axes?.[i] ?? {}
    return {
      label,
      buttons: Object.entries(values).map(([value, text]) => ({
        text,
        checked: axis.of[choice] === value,
        choice:
          axis.of[choice] === value
            ? choice
            : m.choices.find((c) => axis.of[c] === value && above.every((a) => a.of[c] === a.of[choice])),
      })),
    }
  })
}
