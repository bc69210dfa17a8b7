/** powershell.exe: Windows PowerShell 5.1, line by line at a console or by -Command. */
import { EINTR, isErr } from '../../base/errno.ts'
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { SIGINT } from '../../kernel/linux/signals.ts'
import { decode, LineReader, print, readText, unbinary } from '../../userland/lib/io.ts'
import { objectName, windowsName } from '../../userland/windows/paths.ts'
import { PowerShell } from './interp.ts'
import { Parser } from './parser.ts'
import { ParseProblem } from './scanner.ts'

/** Whether more lines are needed to make statements of a text. */
function isIncomplete(text: string): boolean {
  try {
    new Parser(text).program()
    return false
  } catch (e) {
    if (!(e instanceof ParseProblem)) throw e
    return e.incomplete
  }
}

/** powershell [-NoLogo] [-NoProfile] [-Command text | -File name] */
export const powershell: Program = function* (sys, argv) {
  const shell = new PowerShell(sys)
  let logo = true
  for (let i = 1; i < argv.length; i++) {
    const word = (argv[i] as string).toLowerCase()
    if (word === '-c' || word === '-command') return yield* shell.runText(argv.slice(i + 1).join(' '))
    if (word === '-f' || word === '-file') {
      const text = yield* readText(sys, yield* objectName(sys, argv[i + 1] ?? ''))
      if (isErr(text)) {
        yield* print(
          sys,
          `The argument '${argv[i + 1] ?? ''}' to the -File parameter does not exist. Provide the path to an existing '.ps1' file as an argument to the -File parameter.\n`,
        )
        return -196608 & 0xff
      }
      return yield* shell.runText(text)
    }
    if (word === '-nologo') logo = false
    else if (word === '-executionpolicy') i++
    else if (!word.startsWith('-')) return yield* shell.runText(argv.slice(i).join(' '))
  }
  if (logo)
    yield* print(
      sys,
      'Windows PowerShell\nCopyright (C) Microsoft Corporation. All rights reserved.\n\nInstall the latest PowerShell for new features and improvements! https://aka.ms/PSWindows\n\n',
    )
  return yield* interact(sys, shell)
}
function* interact(sys: Sys, shell: PowerShell): Run<number> {
  let pending = ''
  let interrupted = false
  yield* sys.sigaction(SIGINT, function* () {
    interrupted = true
  })
  const reader = new LineReader(sys, 0)
  for (;;) {
    const cwd = yield* sys.getcwd()
    yield* print(sys, pending === '' ? `PS ${isErr(cwd) ? '' : windowsName(cwd)}> ` : '>> ')
    let line: unknown
    for (;;) {
      line = yield* reader.next()
      if (line !== EINTR || interrupted) break
    }
    if (interrupted) {
      interrupted = false
      pending = ''
      yield* print(sys, '\n')
      continue
    }
    if (typeof line !== 'string') return 0
    const text = pending + decode(unbinary(line)).replace(/\r$/, '')
    if (text.trim() === '') {
      pending = ''
      continue
    }
    if (isIncomplete(text) && line !== '') {
      pending = `${text}\n`
      continue
    }
    pending = ''
    shell.history.push(text)
    if (/^\s*exit\b/i.test(text)) return Number(/\d+/.exec(text)?.[0] ?? 0)
    yield* shell.runText(text)
    yield* sys.sigaction(SIGINT, function* () {
      interrupted = true
    })
  }
}
