/** The fast way for what most lines are: plain words. Whatever else there is in a text, the parser reads. */
import type { Node } from './ast.ts'
import { type Aliases, reserved } from './parser.ts'

/** Characters that mean nothing but themselves, wherever they stand in a word; the first word may not look like an assignment. */
const plainLine = /^[ \t]*[\w./:@%+,-]+(?:[ \t]+[\w./:@%+,=-]+)*[ \t]*$/

/**
 * The commands of a text in which every line is blank or a simple command of plain words: no quotes, expansions, operators, assignments, comments,
 * reserved words or aliases. Undefined where something else is there. `line`: the number of the first.
 */
export function plainLines(
  text: string,
  aliases: Aliases,
  line: number,
): readonly Extract<Node, { kind: 'simple' }>[] | undefined {
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
  const commands: Extract<Node, { kind: 'simple' }>[] = []
  for (const [i, command] of lines.entries()) {
    if (/^[ \t]*$/.test(command)) continue
    if (!plainLine.test(command)) return undefined
    const words = command.split(/[ \t]+/).filter((word) => word !== '')
    if (reserved.has(words[0] as string) || aliases.has(words[0] as string)) return undefined
    commands.push({
      kind: 'simple',
      assigns: [],
      words: words.map((word) => [{ kind: 'text', text: word, quoted: false }]),
      redirects: [],
      line: line + i,
    })
  }
  return commands
}
