/** Serves a built site as the recipes of deploy/ do: brotli where it is taken, lasting assets, pages asked for again. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { contentType } from '../../src/components/offline/paths.ts'

export interface Served {
  readonly address: string
  close(): void
}
export async function serve(dist: string): Promise<Served> {
  const packed = new Map<string, Buffer>()
  const server: Server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '/').split('?')[0] as string)
    const file = join(dist, path.endsWith('/') ? `${path}index.html` : path)
    const found = existsSync(file) && statSync(file).isFile()
    const type = found ? contentType(file) : 'text/plain'
    const headers: Record<string, string> = {
      'Content-Type': type,
      'Cache-Control': path.startsWith('/_astro/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    }
    let bytes: Buffer = found ? readFileSync(file) : Buffer.from('not found')
    if (/br/.test(String(request.headers['accept-encoding'])) && /^(text|application\/json|image\/svg)/.test(type)) {
      const known = packed.get(file) ?? brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })
      packed.set(file, known)
      bytes = known
      headers['Content-Encoding'] = 'br'
    }
    response.writeHead(found ? 200 : 404, headers).end(bytes)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const { port } = server.address() as AddressInfo
  return { address: `http://localhost:${port}/`, close: () => void server.close() }
}
