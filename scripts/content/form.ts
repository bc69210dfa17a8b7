/** The form of a document, as far as it shows without building it: front matter, fenced blocks, those that run. Questions are markdown/quiz.ts's. */
import { BlockError, commandsOf, promptOf } from '../../src/components/console/blocks.ts'
import type { Problem } from './checks.ts'
import type { Page } from './page.ts'

/** Front matter has what every page needs; the machine exists; the date is one. */
export function checkFront(pages: readonly Page[], hosts: readonly string[]): Problem[] {
  return pages.flatMap(({ file, source }): Problem[] => {
    const end = source.indexOf('---', 1)
    if (source[0] !== '---' || end < 0)
      return [
        {
          file,
          line: 1,
          text: 'the front matter is missing: title, description, lastUpdated between two lines of ---',
        },
      ]
    const out: Problem[] = []
    const values = new Map<string, { readonly value: string; readonly line: number }>()
    source.slice(1, end).forEach((text, i) => {
      const m = /^(\w+):\s*(.*)$/.exec(text)
      if (m) values.set(m[1] as string, { value: (m[2] as string).trim(), line: i + 2 })
    })
    for (const [key, what] of [
      ['title', 'the heading of the page'],
      ['description', 'what the page tells, in a sentence'],
      ['lastUpdated', 'the day on which this language was last gone over'],
    ] as const)
      if (!values.get(key)?.value)
        out.push({ file, line: values.get(key)?.line ?? 1, text: `the front matter has no ${key}: add ${what}` })
    const date = values.get('lastUpdated')
    if (date?.value && !/^\d{4}-\d\d-\d\d$/.test(date.value))
      out.push({ file, line: date.line, text: `lastUpdated: ${date.value} is no date: write it as 2026-11-21` })
    const host = values.get('host')
    if (host && !hosts.includes(host.value))
      out.push({ file, line: host.line, text: `there is no machine "${host.value}": write one of ${hosts.join(', ')}` })
    return out
  })
}

const DEFAULT_HOST = 'linux-server'

/** Fenced blocks end; those that run name a machine that exists, and begin with its prompt. */
export function checkBlocks(pages: readonly Page[], hosts: readonly string[]): Problem[] {
  return pages.flatMap(({ file, source }): Problem[] => {
    const out: Problem[] = []
    const own = source.map((l) => /^host:\s*(\S+)/.exec(l)?.[1]).find(Boolean) ?? DEFAULT_HOST
    for (let i = 0; i < source.length; i++) {
      const [, mark, info = ''] = /^(`{3,}|~{3,})(.*)$/.exec(source[i] as string) ?? []
      if (mark === undefined) continue
      const start = i
      const ends = (l: string): boolean => l.trim().startsWith(mark) && /^(`+|~+)$/.test(l.trim())
      do i++
      while (i < source.length && !ends(source[i] as string))
      if (i >= source.length) {
        out.push({ file, line: start + 1, text: `this block doesn't end: close it with a line ${mark}` })
        break
      }
      if (!/^console\b/.test(info)) continue
      const host = /(?:^|\s)host=(\S+)/.exec(info)?.[1] ?? own
      if (!hosts.includes(host)) {
        // The front matter's own machine is checkFront's affair.
        if (host !== own)
          out.push({ file, line: start + 1, text: `there is no machine "${host}": write one of ${hosts.join(', ')}` })
        continue
      }
      try {
        commandsOf(source.slice(start + 1, i).join('\n'), promptOf(host))
      } catch (problem) {
        if (!(problem instanceof BlockError)) throw problem
        out.push({ file, line: start + 2 + problem.line, text: problem.message })
      }
      for (const word of info
        .replace(/^console/, '')
        .trim()
        .split(/\s+/)
        .filter(Boolean))
        if (word !== 'fails' && !word.startsWith('host='))
          out.push({
            file,
            line: start + 1,
            text: `"${word}" means nothing here: a console block may say fails and host=NAME`,
          })
    }
    return out
  })
}
