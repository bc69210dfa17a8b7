/** The classic builder (DOCKER_BUILDKIT=0): the same operations, one instruction after the other, each leaving an image, told as text. */
import { hex, text, utf8 } from '../../base/bytes.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { digestOf } from '../../oci/digest.ts'
import { familiar, parseReference } from '../../oci/reference.ts'
import { enterImage, nameImage, type Target } from '../dockerd/content.ts'
import { pull } from '../dockerd/images.ts'
import { ApiError, type Daemon, type Image } from '../dockerd/state.ts'
import { Builder, type BuildOptions, readContext } from './builder.ts'
import { BuildError, type Command, type Program } from './dockerfile/instructions.ts'
import type { Op } from './graph.ts'
import { type BuildState, buildState, type Reporter, Solver } from './solve.ts'

export interface ClassicOptions extends BuildOptions {
  readonly remove: boolean
  readonly quiet: boolean
}
function* nothing(): Run<void> {}

/** Builds, and answers the image. Throws BuildError or ApiError. */
export function* classicBuild(
  sys: Sys,
  d: Daemon,
  o: ClassicOptions,
  bytes: Uint8Array,
  line: (value: unknown) => Run<void>,
): Run<Image> {
  const say = (stream: string): Run<void> => (o.quiet ? nothing() : line({ stream }))
  const context = readContext(bytes, o)
  if (context.dockerfile === undefined) throw new ApiError(500, `Cannot locate specified Dockerfile: ${o.shown}`)
  if (context.dockerfile === '') throw new ApiError(500, `the Dockerfile (${o.shown}) cannot be empty`)
  const seen: BuildState['classic'] = buildState(d).classic
  // Base images become images of this machine.
  const builder = new Builder(sys, d, o, nothing, function* (ref, platform) {
    yield* pull(sys, d, familiar(ref), platform, (l) => (o.quiet ? nothing() : line(l)), o.credentials)
  })
  let container = ''
  const run = function* (): Run<void> {
    container = hex(yield* sys.getrandom(6))
    yield* say(` ---> Running in ${container}\n`)
  }
  const reporter: Reporter = {
    begin: (op: Op) => (op.kind === 'exec' || op.kind === 'mkdir' ? run() : nothing()),
    *log(_op, stream, part) {
      yield* say(stream === 2 ? `\x1b[91m${text(part)}\x1b[0m` : text(part))
    },
    end: nothing,
    cached: nothing,
    fetch: nothing,
  }
  try {
    const { program: written, escape: token } = early(() => builder.parse(context.dockerfile ?? ''))
    const program = labelled(written, o)
    for (const stage of program.stages)
      for (const command of stage.commands) {
        const option = needsBuildKit(command)
        if (option !== undefined)
          throw new BuildError(
            `the --${option} option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled`,
          )
      }
    const build = yield* builder.convert(program, token)
    const steps = build.stages.flatMap((s) => s.steps.map((step) => ({ ...step, stage: s })))
    const solver = new Solver(sys, d, reporter, { noCache: o.noCache, namespace: 'classic' }, function* () {
      return context.source
    })
    let made: Target | undefined
    for (const [n, step] of steps.entries()) {
      yield* say(`Step ${n + 1}/${steps.length} : ${step.text}\n`)
      container = ''
      const before = steps[n - 1]?.op
      const result = yield* solver.solve(step.op)
      const key = digestOf(utf8(JSON.stringify([result.key, step.config, step.history])))
      const cached = !o.noCache && seen.has(key) && (step.op === before || result.cached)
      if (step.command && !cached && step.op === before) yield* run()
      if (step.op.kind === 'image' && !step.command) {
        yield* say(` ---> ${/@sha256:(.{12})/.exec(step.op.base.reference)?.[1]}\n`)
        continue
      }
      made = yield* builder.write({ ...step.stage, op: step.op, config: step.config, history: step.history }, result)
      seen.add(key)
      if (step.command && cached) yield* say(' ---> Using cache\n')
      if (container !== '' && o.remove) yield* say(` ---> Removed intermediate container ${container}\n`)
      yield* say(` ---> ${made.target.digest.slice(7, 19)}\n`)
    }
    const last = steps.at(-1)
    if (!made && last) made = yield* builder.write({ ...last.stage, op: last.op }, yield* solver.solve(last.op))
    if (!made) throw new BuildError('No image was generated. Is your Dockerfile empty?')
    const known = new Set([
      ...program.args.flatMap((c) => c.args.map((a) => a.name)),
      ...program.stages.flatMap((s) => s.commands.flatMap((c) => (c.kind === 'arg' ? c.args.map((a) => a.name) : []))),
    ])
    const unused = [...o.buildArgs.keys()].filter((a) => !known.has(a) && !/_proxy$/i.test(a)).sort()
    if (unused.length > 0) yield* say(`[Warning] One or more build-args [${unused.join(' ')}] were not consumed\n`)
    const image = yield* enterImage(sys, d, made)
    const names: string[] = []
    for (const tag of o.tags) {
      const ref = parseReference(tag)
      if ('error' in ref) throw new BuildError(ref.error)
      yield* nameImage(sys, d, image, familiar(ref))
      names.push(familiar(ref))
    }
    if (o.quiet) yield* line({ stream: `${image.id}\n` })
    else {
      yield* line({ aux: { ID: image.id } })
      yield* say(`Successfully built ${image.id.slice(7, 19)}\n`)
      for (const name of names) yield* say(`Successfully tagged ${name}\n`)
    }
    return image
  } catch (e) {
    throw e instanceof BuildError ? new BuildError(classicWords(e.message), e.range) : e
  } finally {
    yield* builder.close()
  }
}
/** The program with an instruction more for each --label, as if its last stage ended with them (moby daemon/builder buildLabelOptions). */
function labelled(program: Program, o: ClassicOptions): Program {
  const named = program.stages.findIndex(
    (s, n) => o.target !== '' && [s.name, String(n)].includes(o.target.toLowerCase()),
  )
  const last = named < 0 ? program.stages.length - 1 : named
  const range = program.stages[last]?.range
  if (!range) return program
  const more = [...o.labels]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]): Command => {
      const plain = value.replace(/[\\$"' ]/g, '\\$&')
      return { kind: 'label', pairs: [{ name, value: plain }], range, original: `LABEL ${name}=${value}` }
    })
  return {
    ...program,
    stages: program.stages.map((s, n) => (n === last ? { ...s, commands: [...s.commands, ...more] } : s)),
  }
}
/** What is wrong with a Dockerfile is the request's own failure: nothing has been told yet. */
function early<T>(work: () => T): T {
  try {
    return work()
  } catch (e) {
    throw e instanceof BuildError
      ? new ApiError(
          400,
          /^dockerfile parse error|^no build stage/.test(e.message)
            ? e.message
            : `failed to parse Dockerfile: ${e.message}`,
        )
      : e
  }
}
/** The option of a command that the classic builder doesn't have. */
function needsBuildKit(c: Command): string | undefined {
  if (c.kind === 'run')
    return c.mounts.length > 0 ? 'mount' : c.network !== '' && c.network !== 'default' ? 'network' : undefined
  if (c.kind === 'copy' || c.kind === 'add')
    return c.chmod !== '' ? 'chmod' : c.exclude.length > 0 ? 'exclude' : undefined
  return undefined
}
/** The classic builder's words for what the operations say. */
function classicWords(message: string): string {
  const code = /^process (".*") did not complete successfully: exit code: (\d+)$/s.exec(message)
  if (code) return `The command '${JSON.parse(code[1] as string) as string}' returned a non-zero code: ${code[2]}`
  const missing = /^failed to compute cache key: .*: "\/(.*)": not found$/.exec(message)
  if (missing)
    return `COPY failed: file not found in build context or excluded by .dockerignore: stat ${missing[1]}: file does not exist`
  return message
}
