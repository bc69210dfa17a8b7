/** Help as pflag lays it out. */
import type { Flag } from './flags.ts'

/** pflag's wrapping (FlagUsagesWrapped): lines are broken five columns early, unless the rest fits as it is. */
function wrap(text: string, indent: number, width: number): string {
  const slop = 5
  const room = width - indent - slop
  const lines: string[] = []
  let rest = text
  while (rest !== '') {
    if (room + slop > rest.length) {
      lines.push(rest)
      break
    }
    const head = rest.slice(0, room)
    const blank = Math.max(head.lastIndexOf(' '), head.lastIndexOf('\t'), head.lastIndexOf('\n'))
    const newline = head.lastIndexOf('\n')
    if (blank <= 0) {
      lines.push(rest)
      break
    }
    const at = newline > 0 && newline < blank ? newline : blank
    lines.push(rest.slice(0, at))
    rest = rest.slice(at + 1)
  }
  return lines.join('\n').replace(/\n/g, `\n${' '.repeat(indent)}`)
}

/** The lines on flags, each with its description, broken at a terminal's width. Hidden flags have none. */
export function flagLines(all: readonly Flag[], texts: readonly string[], width = 79): string {
  const flags = all.filter((f) => !f.hidden)
  const names = flags.map(
    (f) => `  ${f.shorthand ? `-${f.shorthand}, ` : '    '}--${f.name}${f.type ? ` ${f.type}` : ''}`,
  )
  const column = Math.max(0, ...names.filter((_, i) => !flags[i]?.windows).map((n) => n.length)) + 3
  return flags
    .map((f, i) => (f.windows ? '' : `${(names[i] as string).padEnd(column)}${wrap(texts[i] ?? '', column, width)}\n`))
    .join('')
}
