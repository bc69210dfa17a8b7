/**
 * What of an MDX page is prose, as Markdown for a linter. What isn't prose is taken out within its line, and no line is lost:
 * a line that a message names is the line of the file.
 */

/** Which lines belong to fenced code, fences included. */
function fenced(lines: readonly string[]): boolean[] {
  let fence = ''
  return lines.map((line) => {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1]
    if (fence === '') {
      fence = mark ?? ''
      return mark !== undefined
    }
    if (mark && mark[0] === fence[0] && mark.length >= fence.length && line.trim() === mark) fence = ''
    return true
  })
}

/** How many lines the front matter has, its two fences included; 0 where there is none. */
function frontMatter(lines: readonly string[]): number {
  return lines[0] === '---' ? lines.indexOf('---', 1) + 1 : 0
}

/**
 * A line without tags of components, comments, the id of a heading, references to footnotes, and marks of bold, which textlint's Markdown
 * doesn't see beside Japanese. Inline code stays, for Markdown knows it.
 */
function bare(line: string): string {
  const parts = line.split(/((?<!`)(?:`+)(?!`).*?[^`]?(?<!`)`+(?!`))/)
  return parts
    .map((part, i) =>
      i % 2 === 1
        ? part
        : part
            .replace(/<\/?[A-Za-z][^>]*>|\s*\{\/\*.*?\*\/\}/g, '')
            .replaceAll('**', '')
            .replace(/\[\^[a-z0-9-]+\]/g, ''),
    )
    .join('')
    .replace(/\s*\[#[a-z0-9-]+\]\s*$/, '')
    .replace(/(?<=\S)\s+$/, '')
}

/** A page's prose as Markdown with the page's lines: no front matter, imports, components, ids of headings, footnotes; code is left in its fences. */
export function proseOf(mdx: string): string {
  const lines = mdx.split('\n')
  const head = frontMatter(lines)
  const code = fenced(lines)
  return lines
    .map((line, i) => (i < head || /^import .* from '/.test(line) ? '' : code[i] ? line : bare(line)))
    .join('\n')
}

/** Title and description of a page, each with its line. */
export function headOf(mdx: string): readonly { readonly text: string; readonly line: number }[] {
  const lines = mdx.split('\n')
  return lines.slice(0, frontMatter(lines)).flatMap((line, i) => {
    const text = /^(?:title|description): (.+)$/.exec(line)?.[1]
    return text === undefined ? [] : [{ text: text.replace(/^(['"])(.*)\1$/, '$2'), line: i + 1 }]
  })
}
