/** Console blocks of documents: from a fenced block's text to commands, and to the commands' session. Pure but for the session it is given. */

/** Runs a line and answers what a terminal would show. */
export interface CommandRunner {
  run(line: string): { readonly status: number; readonly output: string }
}
export interface Ran {
  readonly command: string
  readonly output: string
}

/** The commands of a block: lines that begin with `$ `, continued by a backslash at their end or by lines after `> ` (a here-document). Throws on other lines. */
export function commandsOf(code: string): readonly string[] {
  const out: string[] = []
  const lines = code.replace(/\n+$/, '').split('\n')
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as string
    if (line.trim() === '') continue
    if (!line.startsWith('$ '))
      throw new Error(`a console block holds commands alone, each after "$ "; this line is none: ${line}`)
    let command = line.slice(2)
    while (command.endsWith('\\') && i + 1 < lines.length) command += `\n${lines[++i] as string}`
    while (/^>( |$)/.test(lines[i + 1] ?? '')) command += `\n${(lines[++i] as string).slice(2)}`
    out.push(command)
  }
  if (out.length === 0) throw new Error('a console block without a command')
  return out
}

/** A command as a terminal shows it being typed: `$ ` before its first line, `> ` before those of a here-document. */
export function transcript(command: string): string {
  const [first, ...rest] = command.split('\n')
  const continued = first?.endsWith('\\') ?? false
  return [`$ ${first}`, ...rest.map((line) => (continued ? line : `> ${line}`))].join('\n')
}

/** Runs a block's commands. A failing one is an error unless `fails` says that it should; then one of them must. */
export function runBlock(runner: CommandRunner, code: string, fails: boolean): readonly Ran[] {
  let failed = false
  const ran = commandsOf(code).map((command) => {
    const { status, output } = runner.run(command)
    failed ||= status !== 0
    if (status !== 0 && !fails)
      throw new Error(
        `this command ended with status ${status}:\n$ ${command}\n${output}Mend it, or mark the block as \`\`\`console fails`,
      )
    return { command, output }
  })
  if (fails && !failed) throw new Error('this block is marked "fails", but every command in it succeeded')
  return ran
}
