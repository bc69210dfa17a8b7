/**
 * What pages' Markdown was compiled to in earlier builds: a page whose text is the same is the same for as long as nothing else is another
 * that goes into it, which is all of src/ but the documents, the settings, and the packages.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hash, versionOf } from '../../src/components/version.ts'

/** What Astro's Markdown processors are asked for, as far as it concerns us. */
interface Renderer<Result> {
  process(content: string, path: string, frontmatter: unknown): Promise<Result>
}
interface Processor<Arguments extends readonly unknown[], Result> {
  createMdxRenderer?: (...given: Arguments) => Promise<Renderer<Result>>
}

/** A text that changes with whatever goes into pages besides their own text. */
export const pagesVersion = (root: string): string =>
  versionOf(root, ['package.json', 'astro.config.mjs', 'src'], ['src/content/docs'])

/** The same processor with a memory in `folder`, a file for each page. Pages that no build asks for any more are forgotten. */
export function remembering<A extends readonly unknown[], R, P extends Processor<A, R>>(
  processor: P,
  version: string,
  folder: string,
): P {
  const make = processor.createMdxRenderer?.bind(processor)
  if (!make) throw new Error('the Markdown processor knows no MDX')
  const used = new Set<string>()
  mkdirSync(folder, { recursive: true })
  process.once('exit', () => {
    if (used.size === 0) return
    for (const name of readdirSync(folder)) if (!used.has(name)) rmSync(join(folder, name))
  })
  processor.createMdxRenderer = async (...given) => {
    let renderer: Renderer<R> | undefined
    return {
      process: async (content, path, frontmatter) => {
        const name = `${hash(version, path, content, JSON.stringify(frontmatter))}.json`
        used.add(name)
        try {
          return JSON.parse(readFileSync(join(folder, name), 'utf8')) as R
        } catch {
          // It wasn't kept, or can't be read.
        }
        renderer ??= await make(...given)
        const result = await renderer.process(content, path, frontmatter)
        writeFileSync(join(folder, name), JSON.stringify(result))
        return result
      },
    }
  }
  return processor
}
