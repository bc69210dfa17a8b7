/**
 * The emulated registry on a real port, for real clients, with the catalogue's images:
 *   npm run serve-registry -- --port 5001
 *   skopeo inspect --tls-verify=false docker://localhost:5001/library/alpine
 * Pushed images stay as long as it runs.
 */
import { createServer, type Server } from 'node:http'
import { bringAll } from '../src/emulator/oci/catalogue/all.ts'
import {
  catalogueBlobs,
  catalogueIndex,
  catalogueRepositories,
  catalogueTags,
} from '../src/emulator/oci/catalogue/index.ts'
import { emptyStore, handle } from '../src/emulator/oci/registry.ts'

const LIMIT = 1024 ** 3

/** Serves on localhost; port 0 takes a free one. */
export function serveRegistry(port: number): Promise<Server> {
  bringAll()
  const store = emptyStore({
    blobs: catalogueBlobs,
    index: (repository, tag) => catalogueIndex(repository, tag)?.digest,
    tags: (repository) => catalogueTags(repository),
    repositories: catalogueRepositories,
  })
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    let size = 0
    request.on('data', (b: Buffer) => {
      size += b.length
      if (size <= LIMIT) parts.push(b)
    })
    request.on('end', () => {
      if (size > LIMIT) {
        response.writeHead(413).end()
        return
      }
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([k, v]) => [k, Array.isArray(v) ? v.join(',') : (v ?? '')]),
      )
      const r = handle(store, {
        method: request.method ?? 'GET',
        target: request.url ?? '/',
        headers,
        body: new Uint8Array(Buffer.concat(parts)),
      })
      response.writeHead(r.status, r.headers)
      response.end(request.method === 'HEAD' ? undefined : r.body)
    })
  })
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(port, 'localhost', () => resolve(server))
  })
}

if (process.argv[1]?.endsWith('serve-registry.ts')) {
  const at = process.argv.indexOf('--port')
  const port = Number(at >= 0 ? process.argv[at + 1] : 5000)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    process.stderr.write('serve-registry: --port wants a number up to 65535\n')
    process.exit(2)
  }
  await serveRegistry(port)
  process.stdout.write(`the emulated registry listens: localhost:${port}\n`)
}
