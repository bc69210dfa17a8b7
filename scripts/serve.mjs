/** Serves the built site: node scripts/serve.mjs [--port N]. For production use any web server; these are plain files. */
import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../dist', import.meta.url))
const types = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.xml': 'application/xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
}
const at = process.argv.indexOf('--port')
const wanted = at > 0 ? Number(process.argv[at + 1]) : 4321

if (!existsSync(root)) {
  console.error('serve: there is no dist/ yet; run: npm run build')
  process.exit(1)
}
const server = createServer((request, response) => {
  let path = '/'
  try {
    path = decodeURIComponent((request.url ?? '/').split('?')[0])
  } catch {
    // A broken escape leads to the 404 page.
    path = '/404.html'
  }
  let file = normalize(join(root, path))
  if (file !== root && !file.startsWith(root + sep)) file = join(root, '404.html')
  if (existsSync(file) && statSync(file).isDirectory()) {
    if (!path.endsWith('/')) {
      response.writeHead(301, { Location: `${path}/` }).end()
      return
    }
    file = join(file, 'index.html')
  }
  const found = existsSync(file)
  if (!found) file = join(root, '404.html')
  response.writeHead(found ? 200 : 404, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream' })
  createReadStream(file).pipe(response)
})
function listen(port, tries) {
  server.once('error', (error) => {
    if (error.code === 'EADDRINUSE' && tries > 0) listen(port + 1, tries - 1)
    else {
      console.error(`serve: ${error.message}`)
      process.exit(1)
    }
  })
  server.listen(port, () => console.log(`Container Zukan: http://localhost:${port}/`))
}
listen(wanted, at > 0 ? 0 : 20)
