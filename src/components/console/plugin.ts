/**
 * Expressive Code plugin: runs the ```console blocks of a page, in order, in one world, while the page is built, and prints what the
 * commands print below each. A button offers to run them in the page's terminal.
 */
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { ExpressiveCodePlugin } from '@astrojs/starlight/expressive-code'
import { addClassName, select } from '@astrojs/starlight/expressive-code/hast'
import { type HostName, hostNames, openSession } from '../../emulator/complete.ts'
import { terminalTitle } from '../machines.ts'
import { BlockError, lineOfBlock, promptOf, runBlock, transcript } from './blocks.ts'
import { emulatorVersion, RememberedRunner, RunMemory } from './remembered.ts'

interface Page {
  /** The page's own machine, and those that blocks name: each is booted once, and goes on from block to block. */
  readonly runners: Map<HostName, RememberedRunner>
  readonly host: HostName
  /** The file's text; empty where it isn't known. */
  readonly source: string
  index: number
  /** Where the contents of the last block began. */
  line: number
}
/** The machine that a block names (```console host=k8s-node); undefined where it takes the page's. */
const blockHost = (meta: string): HostName | undefined =>
  /(?:^|\s)host=([a-z0-9-]+)/.exec(meta)?.[1] as HostName | undefined
/** The host that a page's front matter names. */
function hostOf(source: string): HostName {
  const front = source.split('\n---')[0] as string
  return (/^host: *([a-z0-9-]+) *$/m.exec(front)?.[1] ?? 'linux-server') as HostName
}

/** `root` is the project's folder. */
export function consolePlugin(root: string): ExpressiveCodePlugin {
  const memory = new RunMemory(emulatorVersion(root), join(root, '.astro/console-runs.json'))
  const runnerOf = (page: Page, host: HostName): RememberedRunner => {
    if (!hostNames.includes(host))
      throw new Error(`there is no machine "${host}": write one of ${hostNames.join(', ')}`)
    const known = page.runners.get(host) ?? new RememberedRunner(memory, host, () => openSession({ host }))
    page.runners.set(host, known)
    return known
  }
  /** The world of the page being built; a new one where blocks begin anew. */
  const pages = new Map<string, Page>()
  const commandsOfBlock = new WeakMap<object, { readonly commands: string; readonly host: HostName }>()
  /** The lines of a block that were typed; the others are what commands printed. */
  const typed = new WeakMap<object, ReadonlySet<number>>()
  return {
    name: 'zukan-console',
    hooks: {
      preprocessCode: ({ codeBlock }) => {
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
          const ran = runBlock(runnerOf(page, host), code, /\bfails\b/.test(codeBlock.meta), prompt)
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
