/**
 * Expressive Code plugin: runs the ```console blocks of a page, in order, in one world, while the page is built, and prints what the
 * commands print below each. A button offers to run them in the page's terminal.
 */
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { ExpressiveCodePlugin } from '@astrojs/starlight/expressive-code'
import { addClassName, select } from '@astrojs/starlight/expressive-code/hast'
import { type HostName, hostNames } from '../../emulator/hosts/host.ts'
import { terminalTitle } from '../machines.ts'
import { Ahead } from './ahead.ts'
import {
  BlockError,
  blockHost,
  type CommandRunner,
  commandsOf,
  hostOf,
  lineOfBlock,
  promptOf,
  runBlock,
  transcript,
} from './blocks.ts'
import { emulatorVersion, RememberedRunner, RunMemory } from './remembered.ts'

interface Page {
  /** The page's own machine, and those that blocks name: each is booted once, and goes on from block to block. */
  readonly runners: Map<HostName, RememberedRunner>
  readonly host: string
  /** The file's text; empty where it isn't known. */
  readonly source: string
  index: number
  /** Where the contents of the last block began. */
  line: number
}
/** Boots machines; it takes seconds to come, and most builds remember what all commands printed. */
let emulator: typeof import('../../emulator/complete.ts') | undefined

/** `root` is the project's folder; `building`: all documents are about to be compiled. */
export function consolePlugin(root: string, building: boolean): ExpressiveCodePlugin {
  const kept = join(root, '.astro/console-runs.json')
  const memory = new RunMemory(emulatorVersion(root), kept)
  const ahead = building ? new Ahead(memory, kept, join(root, 'src/content/docs')) : undefined
  if (memory.size === 0) ahead?.start()
  const runnerOf = (page: Page, name: string): RememberedRunner => {
    const host = hostNames.find((h) => h === name)
    if (host === undefined) throw new Error(`there is no machine "${name}": write one of ${hostNames.join(', ')}`)
    const open = (): CommandRunner => {
      if (!emulator) throw new Error('a machine is opened before the emulator is there')
      return emulator.openSession({ host })
    }
    const known = page.runners.get(host) ?? new RememberedRunner(memory, host, open)
    page.runners.set(host, known)
    return known
  }
  /** The world of the page being built; a new one where blocks begin anew. */
  const pages = new Map<string, Page>()
  const commandsOfBlock = new WeakMap<object, { readonly commands: string; readonly host: string }>()
  /** The lines of a block that were typed; the others are what commands printed. */
  const typed = new WeakMap<object, ReadonlySet<number>>()
  return {
    name: 'zukan-console',
    hooks: {
      preprocessCode: async ({ codeBlock }) => {
        if (codeBlock.language !== 'console') return
        const document = codeBlock.parentDocument
        const file = document?.sourceFilePath ?? 'unknown page'
        const index = document?.positionInDocument?.groupIndex ?? 0
        let page = pages.get(file)
        if (!page || index <= page.index) {
          const source = document?.sourceFilePath === undefined ? '' : readFileSync(document.sourceFilePath, 'utf8')
          page = { runners: new Map(), host: hostOf(source), source, index, line: 0 }
          pages.set(file, page)
        }
        page.index = index
        const { code } = codeBlock
        page.line = lineOfBlock(page.source, code, page.line)
        try {
          const host = blockHost(codeBlock.meta) ?? page.host
          const prompt = promptOf(host)
          const runner = runnerOf(page, host)
          const commands = commandsOf(code, prompt)
          if (!runner.knows(commands)) await ahead?.of(file)
          if (!runner.knows(commands)) emulator ??= await import('../../emulator/complete.ts')
          const ran = runBlock(runner, code, /\bfails\b/.test(codeBlock.meta), prompt)
          commandsOfBlock.set(codeBlock, { commands: ran.map((r) => r.command).join('\n'), host })
          const lines: string[] = []
          const typedLines = new Set<number>()
          for (const r of ran) {
            for (const line of transcript(r.command, prompt).split('\n')) typedLines.add(lines.push(line) - 1)
            const printed = r.output.replace(/\n$/, '')
            if (printed !== '') lines.push(...printed.split('\n'))
          }
          typed.set(codeBlock, typedLines)
          codeBlock.deleteLines(codeBlock.getLines().map((_, i) => i))
          codeBlock.insertLines(0, lines)
        } catch (problem) {
          const line = page.line + (problem instanceof BlockError ? problem.line : 0)
          throw new Error(`${relative(root, file)}:${line}: ${(problem as Error).message}`)
        }
      },
      postprocessRenderedLine: ({ codeBlock, lineIndex, renderData }) => {
        const lines = typed.get(codeBlock)
        if (lines) addClassName(renderData.lineAst, lines.has(lineIndex) ? 'zk-typed' : 'zk-printed')
      },
      postprocessRenderedBlock: ({ codeBlock, renderData }) => {
        // To be scrolled by keyboard from the start; Expressive Code's script takes it away where nothing scrolls.
        const pre = select('pre', renderData.blockAst)
        if (pre) pre.properties.tabIndex = 0
        const ran = commandsOfBlock.get(codeBlock)
        if (!ran) return
        const { commands, host } = ran
        const ja = /[\\/]ja[\\/]/.test(codeBlock.parentDocument?.sourceFilePath ?? '')
        const button = {
          type: 'element' as const,
          tagName: 'button',
          properties: {
            type: 'button',
            className: ['zk-run'],
            'data-zk-run': commands,
            'data-zk-host': host,
            'data-zk-title': terminalTitle(host),
          },
          children: [{ type: 'text' as const, value: ja ? 'ここで実行' : 'Run it here' }],
        }
        renderData.blockAst.children.push(button)
        // What the block's own button copies is what was typed, without prompts and outputs (DEL stands for a line's end there).
        const copy = select('[data-code]', renderData.blockAst)
        if (copy) {
          copy.properties['data-code'] = commands.replace(/\n/g, '\u007f')
          copy.properties.dataCode = undefined
          copy.properties.title = ja ? 'コマンドをコピー' : 'Copy the commands'
        }
      },
    },
  }
}
