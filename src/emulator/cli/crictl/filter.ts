/** Filters that several of crictl's lists take. */
import type { Given } from '../flags.ts'
import { ToolError } from '../urfave.ts'

/** Whether a text matches an expression; all do where none is given, none where it is broken. */
export function matching(pattern: string | undefined): (value: string) => boolean {
  if (pattern === undefined || pattern === '') return () => true
  try {
    const re = new RegExp(pattern)
    return (v) => re.test(v)
  } catch {
    return () => false
  }
}
/** --label key=value, all of them. */
export function labelsOf(g: Given): (labels: Readonly<Record<string, string>>) => boolean {
  const wanted = g.all('label').map((text) => {
    const pair = text.split('=')
    if (pair.length !== 2) throw new ToolError(`incorrectly specified label: ${text}`)
    return pair as [string, string]
  })
  return (labels) => wanted.every(([k, v]) => labels[k] === v)
}
