/**
 * Makes a fresh clone ready: dependencies, a Node that is new enough, and with --browser a Chromium and a Japanese font.
 * Plain JavaScript, so that any Node since 18 can run it. Says nothing where there is nothing to do.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const at = (...parts) => join(root, ...parts)
/** Astro 7 and Vitest 5 need this. */
const NEEDED = [22, 18]
const NODE_PACKAGE = 'node@24.21.0'

const run = (command, args, options = {}) =>
  spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32', ...options })
function must(result, what) {
  if (result.status === 0) return
  console.error(`setup: ${what} failed. Mend what is said above and run the command again.`)
  process.exit(1)
}

const [major, minor] = process.versions.node.split('.').map(Number)
/** A Node beside the dependencies goes with them when they are installed anew: the system's own is too old then. */
const beside = process.execPath.startsWith(at('node_modules'))
const old = beside || major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])
const stamp = at('node_modules', '.zukan-setup')
const lock = at('package-lock.json')
const fresh = existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(lock).mtimeMs

if (!fresh) {
  console.error('setup: installing dependencies (npm ci)')
  must(run('npm', ['ci', '--no-audit', '--no-fund']), 'npm ci')
  writeFileSync(stamp, '')
}
// npm puts node_modules/.bin first on the path of every script, so a Node there serves them all.
if (old && !existsSync(at('node_modules', 'node', 'bin')) && !existsSync(at('node_modules', '.bin', 'node'))) {
  console.error(
    `setup: Node ${process.versions.node} is too old (${NEEDED.join('.')} or later is needed); installing ${NODE_PACKAGE} beside the dependencies`,
  )
  must(
    // With the lockfile at hand: without it npm would renew what others depend on.
    run('npm', ['install', '--no-save', '--no-audit', '--no-fund', NODE_PACKAGE]),
    `npm install ${NODE_PACKAGE}`,
  )
  writeFileSync(stamp, '')
}

/** Where Debian puts what the tests need. */
const wanted = {
  chromium: '/usr/bin/chromium',
  'fonts-noto-cjk': '/usr/share/fonts/opentype/noto',
  'nginx-light': '/usr/sbin/nginx',
  'libnginx-mod-http-brotli-static': '/usr/lib/nginx/modules/ngx_http_brotli_static_module.so',
  'apache2-bin': '/usr/sbin/apache2',
  'poppler-utils': '/usr/bin/pdftotext',
}
if (process.argv.includes('--browser')) {
  const debian = existsSync('/etc/debian_version') && process.getuid?.() === 0
  if (debian) {
    const missing = Object.keys(wanted).filter((name) => !existsSync(wanted[name]))
    if (missing.length > 0) {
      console.error(`setup: installing ${missing.join(', ')} (apt-get)`)
      run('apt-get', ['update', '-qq'])
      const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
      run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { env })
      // Tests of web servers are left out, and say so, where there are none; without a browser nothing can be said.
      if (!existsSync(wanted.chromium)) must({ status: 1 }, 'apt-get install chromium')
    }
  } else if (!existsSync(wanted.chromium)) {
    const mark = at('node_modules', '.zukan-browser')
    if (!existsSync(mark)) {
      console.error('setup: installing Chromium for the browser tests (npx playwright install chromium)')
      must(run('npx', ['playwright', 'install', 'chromium']), 'npx playwright install chromium')
      writeFileSync(mark, '')
    }
  }
}
