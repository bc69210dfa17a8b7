/** Serves a folder below a path as a plain web server does; it can be stopped, started again, and pointed at another folder. */
import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { contentType } from '../../../src/components/offline/paths.ts'

export class CopyServer {
  folder: string
  readonly #base: string
  readonly #port: number
  #server: Server | undefined
  /** Paths asked for, since the last look. */
  asked: string[] = []
  constructor(folder: string, base: string, port: number) {
    this.folder = folder
    this.#base = base
    this.#port = port
  }
  get address(): string {
    return `http://localhost:${this.#port}${this.#base}`
  }
  async start(): Promise<void> {
    this.#server = createServer((request, response) => {
      const path = decodeURIComponent((request.url ?? '/').split('?')[0] as string)
      this.asked.push(path)
      const below = path.startsWith(this.#base) ? path.slice(this.#base.length) : undefined
      const file =
        below === undefined ? '' : join(this.folder, below.endsWith('/') || below === '' ? `${below}index.html` : below)
      if (!existsSync(file) || statSync(file).isDirectory()) {
        response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not found')
        return
      }
      response.writeHead(200, { 'Content-Type': contentType(file), 'Cache-Control': 'no-cache' })
      createReadStream(file).pipe(response)
    })
    await new Promise<void>((ready) => this.#server?.listen(this.#port, ready))
  }
  async stop(): Promise<void> {
    this.#server?.closeAllConnections()
    await new Promise((done) => this.#server?.close(done))
  }
}
