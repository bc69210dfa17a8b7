/** The recipes of deploy/: that all say the same, and what can be tried without a server. Servers are tried in tests/e2e/serving.test.ts. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

const folder = fileURLToPath(new URL('../../deploy', import.meta.url))
const recipe = (path: string): string => readFileSync(join(folder, path), 'utf8')
const servers = [
  'nginx/zukan-server.conf',
  'oci/nginx.conf',
  'apache/zukan.conf',
  'caddy/Caddyfile',
  'iis/web.config',
  'object-storage/viewer-response.js',
] as const

test('every server sends the same headers', () => {
  for (const path of servers) {
    const text =
      recipe(path).toLowerCase() +
      (path.includes('nginx') || path.includes('oci') ? recipe('nginx/zukan-http.conf') : '')
    for (const part of [
      'content-security-policy',
      "frame-ancestors 'self'",
      'frame-ancestors *',
      'x-frame-options',
      'nosniff',
      'same-origin',
      'camera=(), microphone=(), geolocation=()',
      'cross-origin-opener-policy',
    ])
      expect(text, `${path}: ${part}`).toContain(part)
  }
})

describe('object storage', () => {
  type Event = { request: { uri: string }; response?: { headers: Record<string, { value: string }> } }
  const load = (path: string): ((event: Event) => Record<string, unknown>) =>
    runInNewContext(`${recipe(path)}; handler`) as (event: Event) => Record<string, unknown>
  test('a folder’s address is its index.html; without the slash it leads there', () => {
    const handler = load('object-storage/viewer-request.js')
    const uri = (path: string): unknown => handler({ request: { uri: path } }).uri
    expect(uri('/')).toBe('/index.html')
    expect(uri('/zukan/ja/process/')).toBe('/zukan/ja/process/index.html')
    expect(uri('/_astro/a.b.js')).toBe('/_astro/a.b.js')
    expect(uri('/pagefind/fragment/ja_1.pf_fragment')).toBe('/pagefind/fragment/ja_1.pf_fragment')
    const moved = handler({ request: { uri: '/zukan/ja' } })
    expect(moved.statusCode).toBe(301)
    expect(moved.headers).toEqual({ location: { value: '/zukan/ja/' } })
  })
  test('only pages for embedding may be framed by others', () => {
    const handler = load('object-storage/viewer-response.js')
    const headers = (uri: string): Record<string, { value: string }> =>
      (handler({ request: { uri }, response: { headers: {} } }) as { headers: Record<string, { value: string }> })
        .headers
    expect(headers('/ja/process/index.html')['x-frame-options']?.value).toBe('SAMEORIGIN')
    expect(headers('/x/en/embed/stack/index.html')['content-security-policy']?.value).toBe('frame-ancestors *')
    expect(headers('/x/en/embed/stack/index.html')['x-frame-options']).toBeUndefined()
  })
  test('the upload sends assets before pages, with their keeping', () => {
    const place = mkdtempSync(join(tmpdir(), 'zukan-upload-'))
    try {
      // An aws that says what it was told.
      writeFileSync(join(place, 'aws'), '#!/bin/sh\nprintf "%s|" "$@"; echo\n', { mode: 0o755 })
      const r = spawnSync(
        'sh',
        [join(folder, 'object-storage/upload.sh'), 'my site', 's3://bucket/x/', '--endpoint-url', 'https://store'],
        {
          encoding: 'utf8',
          env: { PATH: `${place}:/usr/bin:/bin` },
        },
      )
      expect(r.stderr).toBe('')
      const lines = r.stdout.trim().split('\n')
      expect(lines).toHaveLength(5)
      expect(lines[0]).toContain(
        's3|sync|my site/_astro|s3://bucket/x/_astro|--exclude|*.gz|--exclude|*.br|--cache-control|public, max-age=31536000, immutable|',
      )
      expect(lines[3]).toContain('--exclude|*.html|')
      expect(lines[4]).toContain('--include|*.html|--content-type|text/html; charset=utf-8|--cache-control|no-cache|')
      expect(lines.every((line) => line.endsWith('--endpoint-url|https://store|'))).toBe(true)
    } finally {
      rmSync(place, { recursive: true, force: true })
    }
  })
})

test('IIS knows every kind of file that the site has', () => {
  const config = recipe('iis/web.config')
  for (const end of ['.js', '.json', '.svg', '.pf_fragment', '.pf_index', '.pf_meta', '.pagefind'])
    expect(config).toContain(`<mimeMap fileExtension="${end}"`)
  // Each element that is opened is closed.
  const open: string[] = []
  for (const [, close, name, self] of config
    .replace(/<!--.*?-->|<\?.*?\?>/gs, '')
    .matchAll(/<(\/?)([\w.]+)[^>]*?(\/?)>/g)) {
    if (close) expect(open.pop()).toBe(name)
    else if (!self) open.push(name as string)
  }
  expect(open).toEqual([])
})

test('GitHub Pages: the workflow is YAML, builds and publishes dist', () => {
  const { jobs } = parse(recipe('github-pages/pages.yml')) as {
    jobs: { publish: { steps: { run?: string; with?: { path?: string } }[] } }
  }
  expect(jobs.publish.steps.map(({ run }) => run).filter(Boolean)).toEqual(['npm ci', 'npm run build'])
  expect(jobs.publish.steps.some(({ with: w }) => w?.path === 'dist')).toBe(true)
})

const nginx = ['/usr/sbin/nginx', '/usr/bin/nginx'].find((path) => existsSync(path))
test.skipIf(!nginx)('the image’s nginx.conf is one that nginx takes', () => {
  const place = mkdtempSync(join(tmpdir(), 'zukan-oci-'))
  try {
    const config = recipe('oci/nginx.conf')
      .replaceAll('/tmp/', `${place}/`)
      .replace('/etc/nginx/zukan-http.conf', join(folder, 'nginx/zukan-http.conf'))
    writeFileSync(join(place, 'nginx.conf'), config)
    const r = spawnSync(nginx as string, ['-t', '-q', '-c', join(place, 'nginx.conf')], { encoding: 'utf8' })
    expect(r.stderr.split('\n').filter((line) => /\[(emerg|alert|error)\]/.test(line))).toEqual([])
    expect(r.status).toBe(0)
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
})

test('every file that the Containerfile copies is in the package', () => {
  const sources = [...recipe('oci/Containerfile').matchAll(/^COPY (?:--\S+ )*(\S+) /gm)].map(
    ([, from]) => from as string,
  )
  expect(sources.length).toBeGreaterThan(2)
  for (const source of sources) if (source !== 'site') expect(existsSync(join(folder, '..', source)), source).toBe(true)
})
