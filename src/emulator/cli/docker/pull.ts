/** docker pull, and the progress that run and create show when they pull. */
import type { Fd, Run, Sys } from '../../kernel/linux/abi.ts'
import { familiar, parseReference } from '../../oci/reference.ts'
import { print, write } from '../../userland/lib/io.ts'
import { CliError, type Client, query } from './api.ts'
import type { Command } from './invoke.ts'
import { isTerminal } from './streams.ts'

/**
 * Prints the daemon's progress lines (jsonmessage). On a terminal each id keeps its line, which is written over;
 * elsewhere every change is a line of its own.
 */
export class ProgressLines {
  readonly sys: Sys
  readonly fd: Fd
  readonly #terminal: boolean
  readonly #rows = new Map<string, number>()
  constructor(sys: Sys, fd: Fd, terminal: boolean) {
    this.sys = sys
    this.fd = fd
    this.#terminal = terminal
  }
  *show(id: string | undefined, status: string): Run<void> {
    const text = `${id === undefined || id === '' ? '' : `${id}: `}${status}`
    if (!this.#terminal || id === undefined || id === '') {
      if (this.#terminal) this.#rows.clear()
      yield* write(this.sys, this.fd, `${text}\n`)
      return
    }
    const row = this.#rows.get(id)
    if (row === undefined) {
      this.#rows.set(id, this.#rows.size)
      yield* write(this.sys, this.fd, `${text}\n`)
      return
    }
    const up = this.#rows.size - row
    yield* write(this.sys, this.fd, `\x1b[${up}A\x1b[2K\r${text} \x1b[${up}B\r`)
  }
}

/** Pulls an image and shows how it goes. */
export function* showPull(
  sys: Sys,
  client: Client,
  image: string,
  platform: string | undefined,
  fd: Fd,
  quiet = false,
): Run<void> {
  const ref = parseReference(image)
  if ('error' in ref) throw new CliError(ref.error)
  const bare = familiar(ref).split('@')[0] as string
  const tag = ref.digest ?? ref.tag ?? 'latest'
  const lines = new ProgressLines(sys, fd, yield* isTerminal(sys, fd))
  let failed: string | undefined
  yield* client.lines(
    'POST',
    `/images/create${query({ fromImage: ref.digest ? bare : bare.replace(/:[^:/]*$/, ''), tag, platform })}`,
    function* (line) {
      if (typeof line.error === 'string') failed = line.error
      else if (!quiet) yield* lines.show(line.id as string | undefined, line.status as string)
    },
  )
  if (failed !== undefined) throw new CliError(`Error response from daemon: ${failed}`)
}

export const pull: Command = function* (sys, client, g) {
  const name = g.args[0] as string
  const ref = parseReference(name)
  if ('error' in ref) throw new CliError(ref.error)
  if (g.has('all-tags')) {
    if (ref.tag !== undefined || ref.digest !== undefined) throw new CliError("tag can't be used with --all-tags/-a")
    throw new CliError('zukan: not emulated: --all-tags')
  }
  const quiet = g.has('quiet')
  if (ref.tag === undefined && ref.digest === undefined && !quiet) yield* print(sys, 'Using default tag: latest\n')
  yield* showPull(sys, client, name, g.value('platform'), 1, quiet)
  yield* print(sys, `${ref.domain}/${ref.path}${ref.digest ? `@${ref.digest}` : `:${ref.tag ?? 'latest'}`}\n`)
  return 0
}
