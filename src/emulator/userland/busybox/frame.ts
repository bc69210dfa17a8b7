/** The multi-call part of busybox: which applet a name calls, `--help`, and the list of all. */
import type { ExitCode, Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { print, warn } from '../lib/io.ts'
import { BANNER, showUsage } from '../lib/options.ts'
import type { Applet } from '../program.ts'
import { partOf, silent } from './catalogue.ts'

const ABOUT = `${BANNER}
BusyBox is copyrighted by many authors between 1998-2015.
Licensed under GPLv2. See source distribution for detailed
copyright notices.

Usage: busybox [function [arguments]...]
   or: busybox --list[-full]
   or: busybox --show SCRIPT
   or: busybox --install [-s] [DIR]
   or: function [arguments]...

	BusyBox is a multi-call binary that combines many common Unix
	utilities into a single executable.  Most people will create a
	link to busybox for each function they wish to use and BusyBox
	will act like whatever it was invoked as.

Currently defined functions:
`
/** POSIX wants `test --help` to be like `test --foo`; these take no options at all. */
const noHelp: ReadonlySet<string> = new Set(['test', '[', '[[', 'echo', 'true', 'false'])

/** Names in lines of a screen's width, each line begun by a tab. */
function columns(names: readonly string[]): string {
  const lines: string[] = []
  let line = ''
  for (const name of names) {
    if (line && line.length + name.length > 68) {
      lines.push(line)
      line = ''
    }
    line += (line ? ', ' : '') + name
  }
  return `\t${[...lines, line].join(',\n\t')}\n`
}

const basename = (path: string): string => path.replace(/^-/, '').split('/').at(-1) ?? ''

/** Calls one applet: its usage text for --help, or its program. */
export function* callApplet(sys: Sys, applet: Applet, argv: readonly string[]): Run<ExitCode> {
  if (argv.length === 2 && argv[1] === '--help' && !noHelp.has(applet.name)) return yield* showUsage(sys, applet, 0)
  yield* sys.prctl('set_name', applet.name)
  return yield* applet.run(sys, argv)
}
/** The program of a part: its applets alone, called by name. */
export function programOf(list: readonly Applet[]): Program {
  const applets = new Map(list.map((a) => [a.name, a]))
  return function* (sys, argv) {
    const name = basename(argv[0] ?? '')
    const applet = applets.get(name)
    return applet ? yield* callApplet(sys, applet, argv) : yield* notFound(sys, name)
  }
}
function* notFound(sys: Sys, name: string): Run<ExitCode> {
  // Never a wrong answer: a name that the real one has says that ours hasn't.
  yield* warn(sys, silent.has(name) ? `zukan: not emulated: ${name}\n` : `${name}: applet not found\n`)
  return 127
}
/** The program behind /bin/busybox and its links: the core's applets, and by `partOf` all others. */
export function multiCall(applets: ReadonlyMap<string, Applet>): Program {
  const names = [...applets.keys(), ...partOf.keys(), 'busybox'].sort()

  function* own(sys: Sys, argv: readonly string[]): Run<ExitCode> {
    const word = argv[1]
    if (word === undefined || word === '--help') {
      yield* print(sys, ABOUT + columns(names))
      return 0
    }
    if (word === '--list' || word === '--list-full') {
      const prefix = word === '--list' ? '' : 'bin/'
      yield* print(sys, names.map((name) => `${prefix}${name}\n`).join(''))
      return 0
    }
    return yield* call(sys, basename(word), argv.slice(1))
  }
  function* call(sys: Sys, name: string, argv: readonly string[]): Run<ExitCode> {
    if (name === 'busybox') return yield* own(sys, argv)
    const applet = applets.get(name)
    if (applet) return yield* callApplet(sys, applet, argv)
    const part = partOf.get(name)
    if (part === undefined) return yield* notFound(sys, name)
    const program = yield* sys.part(`busybox/${part}`)
    return yield* program(sys, argv)
  }
  return (sys, argv) => call(sys, basename(argv[0] ?? ''), argv)
}
