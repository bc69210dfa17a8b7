/** A tab of a real browser that runs a script of ours, for measuring. */
import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from '@playwright/test'
import { build } from 'esbuild'

/**
 * Bundles `script` (imports are resolved from the project's folder), opens it in a page with `head`, and answers what `measure` makes of
 * the page; undefined where there is no browser.
 */
export async function inTab<T>(
  script: string,
  head: string,
  measure: (tab: Page) => Promise<T>,
): Promise<T | undefined> {
  const { outputFiles } = await build({
    stdin: { contents: script, resolveDir: new URL('../..', import.meta.url).pathname, loader: 'js' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
  })
  const debian = '/usr/bin/chromium'
  const browser: Browser | undefined = await chromium
    .launch(existsSync(debian) ? { executablePath: debian, args: ['--no-sandbox'] } : {})
    .catch(() => undefined)
  if (!browser) return undefined
  try {
    const tab = await browser.newPage()
    await tab.setContent(`<!doctype html>${head}<body></body>`)
    await tab.addScriptTag({ content: `${outputFiles[0]?.text ?? ''};globalThis.ready = true`, type: 'module' })
    await tab.waitForFunction('globalThis.ready')
    return await measure(tab)
  } finally {
    await browser.close()
  }
}
