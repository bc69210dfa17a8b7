/**
 * Documents that typed code of ours wrote. They fit the Go types that they are read back into, so that nobody need check them, and a
 * reader's first minute, in which nothing comes from outside, needs no code that checks. What is forgotten, or was never noted, is checked.
 */

/** The latest of them, by their text. */
const texts = new Set<string>()
/** As many as lie between writing and reading on a busy machine. */
const MOST = 128

/** Notes a document as ours, and answers its text. */
export function ours(text: string): string {
  if (texts.size >= MOST) texts.delete(texts.values().next().value as string)
  texts.add(text)
  return text
}
export const isOurs = (text: string): boolean => texts.has(text)
