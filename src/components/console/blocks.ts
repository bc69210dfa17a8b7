/** Console blocks of documents: from a fenced block's text to commands, and to the commands' session. Pure but for the session it is given. */

import { Screen } from '../screen.ts'

/** Runs a line and answers what a terminal would show. */
export interface CommandRunner {
  run(line: string): { readonly status: number; readonly output: string }
}
export interface Ran {
  readonly command: string
  readonly output: string
}

/** What a shell shows before a command, and before the lines that continue one. */
export interface Prompt {
  readonly first: string
  readonly more: string
}
const posix: Prompt = { first: '$ ', more: '> ' }
const powershell: Prompt = { first: 'PS> ', more: '>> ' }
/** The prompt of a host's shell: PowerShell's on Windows. */
export const promptOf = (host: string): Prompt => (host.startsWith('windows') ? powershell : posix)

/** The machine that a block names (```console host=k8s-node); undefined where it takes the page's. */
export const blockHost = (meta: string): string | undefined => /(?:^|\s)host=([a-z0-9-]+)/.exec(meta)?.[1]
/** The host that a page's front matter names. */
export function hostOf(source: string): string {
  const front = source.split('\n---')[0] as string
  return /^host: *([a-z0-9-]+) *$/m.exec(front)?.[1] ?? 'linux-server'
}

/** What is wrong with a block, and on which of its lines, counted from 0. */
export class BlockError extends Error {
  readonly line: number
  constructor(message: string, line: number) {
    super(message)
    this.line = line
  }
}
interface Typed {
  readonly command: string
  /** Where in the block it begins, counted from 0. */
  readonly line: number
}

function read(code: string, prompt: Prompt): readonly Typed[] {
  const out: Typed[] = []
  const lines = code.replace(/\n+$/, '').split('\n')
  const more = prompt.more.trimEnd()
  const continues = (line: string | undefined) => line === more || (line?.startsWith(prompt.more) ?? false)
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as string
    if (line.trim() === '') continue
    const at = i
    if (!line.startsWith(prompt.first))
      throw new BlockError(
        `a console block holds commands alone, each after "${prompt.first}"; this line is none: ${line}`,
        at,
      )
    let command = line.slice(prompt.first.length)
    while (prompt === posix && command.endsWith('\\') && i + 1 < lines.length) command += `\n${lines[++i] as string}`
    while (continues(lines[i + 1])) command += `\n${(lines[++i] as string).slice(prompt.more.length)}`
    out.push({ command, line: at })
  }
  if (out.length === 0) throw new BlockError('a console block without a command', 0)
  return out
}

/** The commands of a block: lines after the prompt, continued by a backslash at their end or by lines after `more`. Throws on other lines. */
export const commandsOf = (code: string, prompt: Prompt = posix): readonly string[] =>
  read(code, prompt).map((t) => t.command)

/** A command as a terminal shows it being typed. */
export function transcript(command: string, prompt: Prompt = posix): string {
  const [first, ...rest] = command.split('\n')
  const continued = first?.endsWith('\\') ?? false
  return [`${prompt.first}${first}`, ...rest.map((line) => (continued ? line : `${prompt.more}${line}`))].join('\n')
}

/** What is left on a screen after an output that moved the cursor and drew over itself, such as a build's progress. */
export function settled(output: string): string {
  // Programs such as curl end headers by CR LF themselves; a page has lines.
  if (!output.includes('\x1b')) return output.replace(/\r+\n/g, '\n')
  // So large that nothing wraps or scrolls: a page has room.
  const screen = new Screen({ rows: 10_000, columns: 1000 }, 10_000)
  screen.write(new TextEncoder().encode(output.replace(/\r?\n/g, '\r\n')))
  return screen.text
}

/** Runs a block's commands. A failing one is an error unless `fails` says that it should; then one of them must. */
export function runBlock(runner: CommandRunner, code: string, fails: boolean, prompt: Prompt = posix): readonly Ran[] {
  let failed = false
  const ran = read(code, prompt).map(({ command, line }) => {
    const { status, output } = runner.run(command)
    failed ||= status !== 0
    if (status !== 0 && !fails)
      throw new BlockError(
        `this command ended with status ${status}:\n${prompt.first}${command}\n${output}Mend it, or mark the block as \`\`\`console fails`,
        line,
      )
    return { command, output: settled(output) }
  })
  if (fails && !failed) throw new BlockError('this block is marked "fails", but every command in it succeeded', 0)
  return ran
}

/** The line of a file, counted from 1, on which the contents of a fenced block begin; `after` is a line that lies before it. 1 where there is no such block. */
export function lineOfBlock(source: string, code: string, after = 0): number {
  const lines = source.split('\n')
  const wanted = code.replace(/\n+$/, '').split('\n')
  const at = lines.findIndex(
    (line, i) =>
      i >= after && /^\s*(`{3,}|~{3,})/.test(line) && wanted.every((w, j) => lines[i + 1 + j]?.trim() === w.trim()),
  )
  return at < 0 ? 1 : at + 2
}
