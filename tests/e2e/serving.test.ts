/** The recipes of deploy/ in the real servers: types, packed twins, keeping, "not found" by language, headers, frames. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect, test } from '@playwright/test'
import { compressAll } from '../../scripts/pack/compress.ts'
import { filesBelow } from '../../scripts/site/finish.ts'
import { ask } from './support/raw-http.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const recipe = (path: string): string => readFileSync(join(root, 'deploy', path), 'utf8')
const found = (...paths: string[]): string | undefined => paths.find((p) => existsSync(p))
const brotliModule = found('/usr/lib/nginx/modules/ngx_http_brotli_static_module.so')

let folder = ''
test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zukan-serving-'))
  const site = join(folder, 'site')
  cpSync(join(root, 'dist'), site, { recursive: true })
  await compressAll(site, filesBelow(site), 3)
})
test.afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Recipe {
  readonly name: string
  readonly program: string | undefined
  readonly port: number
  /** Writes the settings into the folder and answers the command. */
  readonly set: (place: string, port: number) => readonly string[]
}
const at = (text: string): string => text.replaceAll('/srv/zukan/site', join(folder, 'site'))
const recipes: readonly Recipe[] = [
  {
    name: 'nginx',
    program: found('/usr/sbin/nginx', '/usr/bin/nginx'),
    port: 4411,
    set(place, port) {
      writeFileSync(join(place, 'http.conf'), recipe('nginx/zukan-http.conf'))
      const server = at(recipe('nginx/zukan-server.conf'))
      writeFileSync(
        join(place, 'server.conf'),
        brotliModule ? server.replace('# brotli_static on;', 'brotli_static on;') : server,
      )
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
        .map((t) => `${t}_temp_path ${place}/t;`)
        .join(' ')
      const user = process.getuid?.() === 0 ? 'user root;' : ''
      writeFileSync(
        join(place, 'nginx.conf'),
        `${brotliModule ? `load_module ${brotliModule};` : ''} daemon off; ${user} pid ${place}/pid; error_log stderr crit; events {}
http { include /etc/nginx/mime.types; default_type application/octet-stream; access_log off; ${temporary}
include ${place}/http.conf; server { listen 127.0.0.1:${port}; root ${place}; include ${place}/server.conf; } }`,
      )
      return ['-c', join(place, 'nginx.conf'), '-p', place]
    },
  },
  {
    name: 'Apache',
    program: found('/usr/sbin/apache2', '/usr/sbin/httpd'),
    port: 4412,
    set(place, port) {
      const modules = ['/usr/lib/apache2/modules', '/usr/lib64/httpd/modules'].find((p) => existsSync(p)) ?? 'modules'
      const load = ['mpm_event', 'authz_core', 'alias', 'dir', 'mime', 'headers', 'rewrite', 'env', 'filter', 'deflate']
        .map((m) => `LoadModule ${m}_module ${modules}/mod_${m}.so`)
        .join('\n')
      // Debian's has it built in.
      const unixd = `<IfModule !unixd_module>\nLoadModule unixd_module ${modules}/mod_unixd.so\n</IfModule>`
      const user = process.getuid?.() === 0 ? `${unixd}\nUser www-data\nGroup www-data` : unixd
      mkdirSync(join(place, 'www'))
      writeFileSync(join(place, 'zukan.conf'), at(recipe('apache/zukan.conf')))
      writeFileSync(join(place, 'mime.types'), 'text/html html\n')
      writeFileSync(
        join(place, 'apache.conf'),
        `ServerRoot ${place}\nServerName localhost\nListen 127.0.0.1:${port}\n${load}\n${user}\nPidFile ${place}/pid\nErrorLog ${place}/errors
LogLevel crit\nTypesConfig ${place}/mime.types\nDocumentRoot ${place}/www
AddOutputFilterByType DEFLATE text/html text/css text/javascript application/json
Include ${place}/zukan.conf\n`,
      )
      return ['-f', join(place, 'apache.conf'), '-D', 'FOREGROUND']
    },
  },
  {
    name: 'Caddy',
    program: found('/usr/bin/caddy'),
    port: 4413,
    set(place, port) {
      const options = `{\n\tadmin off\n\tauto_https off\n\tstorage file_system ${place}\n}\n`
      writeFileSync(join(place, 'Caddyfile'), options + at(recipe('caddy/Caddyfile')).replace(':80 {', `:${port} {`))
      return ['run', '--config', join(place, 'Caddyfile'), '--adapter', 'caddyfile']
    },
  },
]

for (const { name, program, port, set } of recipes)
  test.describe(name, () => {
    test.skip(!program, `${name} is not installed`)
    let server: ChildProcess
    const base = `http://127.0.0.1:${port}/zukan/`
    test.beforeAll(async () => {
      const place = mkdtempSync(join(folder, 'server-'))
      // Apache reads as another user.
      spawnSync('chmod', ['-R', 'a+rX', folder])
      server = spawn(program as string, [...set(place, port)], {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, HOME: place },
      })
      let said = ''
      server.stderr?.on('data', (text) => {
        said += text
      })
      const up = (): Promise<number | string> =>
        ask(base).then(
          ({ status }) => status,
          () => said,
        )
      await expect.poll(up, { timeout: 15_000 }).toBe(200)
    })
    test.afterAll(() => void server?.kill())

    const asset = (pattern: RegExp): string =>
      `_astro/${readdirSync(join(folder, 'site/_astro')).find((f) => pattern.test(f) && !/\.(gz|br)$/.test(f))}`
    const kinds = (): readonly (readonly [path: string, file: string, type: RegExp])[] => {
      const script = asset(/^emulator.*\.js$/)
      const style = asset(/\.css$/)
      const fragment = readdirSync(join(folder, 'site/pagefind/fragment')).find((f) => f.endsWith('.pf_fragment'))
      return [
        ['ja/process/', 'ja/process/index.html', /^text\/html; ?charset=utf-8$/i],
        ['', 'index.html', /^text\/html; ?charset=utf-8$/i],
        [script, script, /^(text|application)\/javascript(; ?charset=utf-8)?$/i],
        [style, style, /^text\/css(; ?charset=utf-8)?$/i],
        ['files.json', 'files.json', /^application\/json(; ?charset=utf-8)?$/i],
        ['favicon.svg', 'favicon.svg', /^image\/svg\+xml(; ?charset=utf-8)?$/i],
        ['icons/icon-192.png', 'icons/icon-192.png', /^image\/png$/],
        ['licenses.txt', 'licenses.txt', /^text\/plain; ?charset=utf-8$/i],
        [`pagefind/fragment/${fragment}`, `pagefind/fragment/${fragment}`, /^application\/octet-stream$/],
      ]
    }

    test('types, and the same bytes plain, in gzip and in brotli', async () => {
      for (const [path, file, type] of kinds()) {
        const bytes = readFileSync(join(folder, 'site', file))
        for (const encoding of ['identity', 'gzip', 'br', 'gzip, deflate, br, zstd']) {
          const r = await ask(base + path, { 'Accept-Encoding': encoding })
          const what = `${path} ${encoding}`
          expect(r.status, what).toBe(200)
          expect(r.headers['content-type'], what).toMatch(type)
          const packed = (end: string): boolean => existsSync(join(folder, 'site', `${file}.${end}`))
          const brotli = name !== 'nginx' || brotliModule !== undefined
          const want =
            /br/.test(encoding) && brotli && packed('br')
              ? 'br'
              : /gzip/.test(encoding) && packed('gz')
                ? 'gzip'
                : undefined
          expect(r.headers['content-encoding'], what).toBe(want)
          const open = want === 'br' ? brotliDecompressSync(r.body) : want === 'gzip' ? gunzipSync(r.body) : r.body
          expect(open.equals(bytes), what).toBe(true)
          if (packed('gz')) expect(r.headers['vary'] ?? '', what).toMatch(/accept-encoding/i)
        }
      }
    })

    test('what is named by its contents is kept, all else is asked for again and answered with 304', async () => {
      for (const [path] of kinds()) {
        const r = await ask(base + path)
        const kept = /^(_astro|pagefind\/fragment)\//.test(path)
        expect(r.headers['cache-control'], path).toBe(kept ? 'public, max-age=31536000, immutable' : 'no-cache')
        const again = await ask(base + path, {
          ...(r.headers.etag ? { 'If-None-Match': r.headers.etag } : {}),
          ...(r.headers['last-modified'] ? { 'If-Modified-Since': r.headers['last-modified'] } : {}),
        })
        expect(again.status, path).toBe(304)
      }
      expect((await ask(`${base}worker.js`)).headers['cache-control']).toBe('no-cache')
    })

    test('“not found” is said in the reader’s language', async () => {
      for (const [path, accept, want] of [
        ['ja/no/such/page/', 'en', 'ja'],
        ['en/no-such-page', 'ja,en;q=0.5', 'en'],
        ['nothing', 'ja,en;q=0.5', 'ja'],
        ['nothing', 'fr', 'en'],
        ['nothing', '', 'en'],
      ] as const) {
        const r = await ask(base + path, {
          ...(accept ? { 'Accept-Language': accept } : {}),
          'Accept-Encoding': 'identity',
        })
        expect(r.status, path).toBe(404)
        expect(r.body.toString(), `${path} ${accept}`).toContain(`<html lang="${want}">`)
        expect(r.headers['cache-control'], path).toBe('no-cache')
      }
    })

    test('a folder’s address without its slash leads there', async () => {
      for (const path of ['', 'ja/process/']) {
        const r = await ask(base.replace(/\/$/, '') + (path && `/${path.replace(/\/$/, '')}`))
        expect([301, 308], path).toContain(r.status)
        expect(new URL(r.headers.location as string, base).href).toBe(base + path)
      }
    })

    test('headers; only pages for embedding may be framed by others', async ({ browser }) => {
      for (const path of ['ja/process/', 'en/embed/stack/', 'worker.js', 'en/nothing/']) {
        const { headers } = await ask(base + path)
        const embed = path.includes('embed')
        expect(headers['content-security-policy'], path).toBe(embed ? 'frame-ancestors *' : "frame-ancestors 'self'")
        expect(headers['x-frame-options'], path).toBe(embed ? undefined : 'SAMEORIGIN')
        expect(headers['x-content-type-options'], path).toBe('nosniff')
        expect(headers['referrer-policy'], path).toBe('same-origin')
      }
      const other = createServer((_, response) => {
        response.writeHead(200, { 'Content-Type': 'text/html' })
        response.end(
          `<iframe name="page" src="${base}en/process/"></iframe><iframe name="embed" width="900" src="${base}en/embed/stack/"></iframe>`,
        )
      })
      await new Promise<void>((ready) => other.listen(port + 100, ready))
      const context = await browser.newContext()
      try {
        const page = await context.newPage()
        await page.goto(`http://localhost:${port + 100}/`)
        await expect(page.frameLocator('[name=embed]').locator('.zk-canvas svg').first()).toBeVisible()
        expect(page.frame('page')?.url()).not.toContain('/en/process/')
      } finally {
        await context.close()
        other.close()
      }
    })

    test('pages, search and terminal run under these headers without a violation', async ({ browser }) => {
      const context = await browser.newContext()
      const page = await context.newPage()
      const problems: string[] = []
      page.on('pageerror', (e) => problems.push(e.message))
      page.on('console', (m) => m.type() === 'error' && problems.push(m.text()))
      await page.goto(`${base}en/process/`)
      await page.locator('zukan-terminal').scrollIntoViewIfNeeded()
      await page.locator('zukan-terminal input').fill('docker run --rm --hostname served alpine hostname')
      await page.keyboard.press('Enter')
      await expect(page.locator('zukan-terminal [role=log]')).toContainText(/hostname\s*served/)
      await page.locator('zukan-search > button').click()
      await page.locator('zukan-search input').fill('namespace')
      await expect(page.locator('zukan-search [data-results] a').first()).toBeVisible()
      expect(problems).toEqual([])
      await context.close()
    })
  })
