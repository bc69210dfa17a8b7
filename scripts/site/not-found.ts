/** The page for an address that leads nowhere: in both languages for hosts that know one such page, and in one for servers that can choose. Pure. */
import { createHash } from 'node:crypto'

const digest = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** `both` is public/404.html. It may be asked for below any path, so its style and script are inline and allowed by their hashes. */
export function notFoundPages(both: string): { readonly both: string; readonly ja: string; readonly en: string } {
  const style = /<style>([^<]*)<\/style>/.exec(both)?.[1]
  const script = /<script>([^<]*)<\/script>/.exec(both)?.[1]
  if (style === undefined || script === undefined)
    throw new Error('404.html: a style and a script element are expected')
  const policy = `default-src 'none'; style-src ${digest(style)}; script-src ${digest(script)}`
  const ruled = both.replace(/(<meta http-equiv="Content-Security-Policy" content=")[^"]*/, (_, head) => head + policy)
  const only = (language: 'ja' | 'en'): string => {
    const other = language === 'ja' ? 'en' : 'ja'
    const [ja = '', en = '', site = ''] = /<title>(.*?) \/ (.*?) - (.*?)<\/title>/.exec(ruled)?.slice(1) ?? []
    return ruled
      .replace(/<html lang="[a-z]+">/, `<html lang="${language}">`)
      .replace(
        /<title>.*<\/title>/,
        `<title>${language === 'ja' ? `${ja} | ${site}` : `${en} | Container Zukan`}</title>`,
      )
      .replace(new RegExp(`<section lang="${other}">.*?</section>\\s*`, 's'), '')
  }
  return { both: ruled, ja: only('ja'), en: only('en') }
}
