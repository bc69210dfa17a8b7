/** What is wrong with a picture as a browser draws it. */
import type { Page } from '@playwright/test'

/** Texts that leave their box, cross another text, or can't be told from what is behind them; and a page wider than its window. */
export async function faults(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const out: string[] = []
    const svg = [...document.querySelectorAll<SVGSVGElement>('.zk-canvas svg')].find(
      (s) => getComputedStyle(s).display !== 'none',
    )
    if (!svg) return ['no picture']
    const boxes = [...svg.querySelectorAll<SVGGElement>('g.zk-box')].map((g) => ({
      g,
      frame: (g.querySelector('.zk-frame') as SVGRectElement).getBoundingClientRect(),
      fill: getComputedStyle(g.querySelector('.zk-frame') as SVGRectElement).fill,
    }))
    const texts = [...svg.querySelectorAll('text')].map((t) => ({ t, r: t.getBoundingClientRect() }))
    for (const { g, frame } of boxes)
      for (const t of g.querySelectorAll('text')) {
        const r = t.getBoundingClientRect()
        if (r.left < frame.left || r.right > frame.right - 1 || r.top < frame.top - 1 || r.bottom > frame.bottom + 1)
          out.push(`"${t.textContent}" leaves ${g.dataset.key}`)
      }
    for (const [i, a] of texts.entries())
      for (const b of texts.slice(i + 1))
        if (
          a.r.left < b.r.right - 1 &&
          b.r.left < a.r.right - 1 &&
          a.r.top < b.r.bottom - 4 &&
          b.r.top < a.r.bottom - 4
        )
          out.push(`"${a.t.textContent}" crosses "${b.t.textContent}"`)
    const numbers = (color: string): readonly number[] => (color.match(/[\d.]+/g) ?? []).map(Number)
    const light = (color: string): number => {
      const [r = 0, g = 0, b = 0] = numbers(color).map((v) => {
        const c = v / 255
        return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const paper = getComputedStyle(document.querySelector('.zk-diagram') as Element).backgroundColor
    for (const { t, r } of texts) {
      const x = (r.left + r.right) / 2
      const y = (r.top + r.bottom) / 2
      const behind = boxes.filter(
        (b) => b.fill !== 'none' && b.frame.left <= x && b.frame.right >= x && b.frame.top <= y && b.frame.bottom >= y,
      )
      const [a, b] = [light(getComputedStyle(t).fill), light(behind.at(-1)?.fill ?? paper)].sort((p, q) => q - p)
      const contrast = ((a as number) + 0.05) / ((b as number) + 0.05)
      if (contrast < 4.5) out.push(`"${t.textContent}" has a contrast of ${contrast.toFixed(2)}`)
    }
    if (document.documentElement.scrollWidth > innerWidth) out.push(`the page is wider than ${innerWidth}`)
    return out
  })
}
