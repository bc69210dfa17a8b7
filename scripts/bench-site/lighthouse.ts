/** Lighthouse's four categories and the layout shift of a page. It is 180 MB, so npx fetches it when this is run, at a fixed version. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'

const PACKAGE = 'lighthouse@13.5.0'
const categories = ['performance', 'accessibility', 'best-practices', 'seo'] as const

export interface Scores {
  /** 0 to 100 by category. */
  readonly scores: Readonly<Record<(typeof categories)[number], number>>
  readonly shift: number
  /** Milliseconds: largest contentful paint, total blocking time, as Lighthouse's slow phone would have them. */
  readonly paint: number
  readonly blocking: number
  /** Audits that cost points, with their savings. */
  readonly lost: readonly string[]
}
interface Report {
  readonly categories: Readonly<
    Record<string, { readonly score: number; readonly auditRefs: readonly { id: string; weight: number }[] }>
  >
  readonly audits: Readonly<
    Record<
      string,
      {
        readonly score: number | null
        readonly numericValue?: number
        readonly title: string
        readonly displayValue?: string
      }
    >
  >
}

/** Throws with what it said where it fails. The page's server may be of this process: nothing here blocks it. */
export async function lighthouse(address: string): Promise<Scores> {
  const chromium = '/usr/bin/chromium'
  const { stdout } = await promisify(execFile)(
    'npx',
    [
      '--yes',
      PACKAGE,
      address,
      '--quiet',
      '--output=json',
      `--only-categories=${categories.join(',')}`,
      '--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking',
    ],
    {
      maxBuffer: 1 << 28,
      timeout: 180_000,
      shell: process.platform === 'win32',
      env: { ...process.env, ...(existsSync(chromium) ? { CHROME_PATH: chromium } : {}) },
    },
  )
  const report = JSON.parse(stdout) as Report
  const number = (id: string): number => report.audits[id]?.numericValue ?? Number.NaN
  const lost = categories.flatMap((c) =>
    (report.categories[c]?.auditRefs ?? [])
      .filter(({ id, weight }) => weight > 0 && (report.audits[id]?.score ?? 1) < 1)
      .map(({ id }) => `${c}: ${report.audits[id]?.title} ${report.audits[id]?.displayValue ?? ''}`.trim()),
  )
  const scores = Object.fromEntries(categories.map((c) => [c, Math.round((report.categories[c]?.score ?? 0) * 100)]))
  return {
    scores: scores as Scores['scores'],
    shift: number('cumulative-layout-shift'),
    paint: number('largest-contentful-paint'),
    blocking: number('total-blocking-time'),
    lost,
  }
}
