/** Images of services: pulled, or built by docker build. */
import type { Run } from '../../kernel/linux/abi.ts'
import { parseReference } from '../../oci/reference.ts'
import { CliError, query } from '../docker/api.ts'
import { type Context, find } from './engine.ts'
import { imageOf, type Service } from './model.ts'

/** Pulls a service's image, with its steps shown. */
export function* pullImage(c: Context, s: Service): Run<void> {
  const image = imageOf(c.project, s)
  const ref = parseReference(image)
  if ('error' in ref) throw new CliError(ref.error)
  const id = `Image ${image}`
  yield* c.progress.on(id, 'Pulling')
  let failed: string | undefined
  const from = ref.digest ? image.split('@')[0] : image.replace(/:[^:/]*$/, '')
  const platform = s.settings.platform === undefined ? undefined : String(s.settings.platform)
  try {
    yield* c.client.lines(
      'POST',
      `/images/create${query({ fromImage: from, tag: ref.digest ?? ref.tag ?? 'latest', platform })}`,
      function* (line) {
        if (typeof line.error === 'string') failed = line.error
      },
    )
  } catch (e) {
    if (!(e instanceof CliError)) throw e
    failed = e.message.replace(/^Error response from daemon: /, '')
  }
  if (failed !== undefined) {
    yield* c.progress.on(id, 'Error', 'error', failed)
    throw new CliError(`Error response from daemon: ${failed}`)
  }
  yield* c.progress.on(id, 'Pulled', 'done')
}
/** Builds a service's image by docker build. */
export function* buildImage(
  c: Context,
  s: Service,
  o: { readonly noCache?: boolean; readonly pull?: boolean; readonly quiet?: boolean } = {},
): Run<void> {
  const b = s.build
  if (!b) return
  const image = imageOf(c.project, s)
  if (b.inline !== undefined) throw new CliError('zukan: not emulated: build.dockerfile_inline')
  yield* c.progress.on(`Image ${image}`, 'Building')
  const args = ['docker', '-H', c.client.host, 'build', '-t', image]
  for (const t of b.tags) args.push('-t', t)
  if (b.dockerfile !== undefined)
    args.push('-f', b.dockerfile.startsWith('/') ? b.dockerfile : `${b.context}/${b.dockerfile}`)
  if (b.target !== undefined) args.push('--target', b.target)
  for (const [k, v] of Object.entries(b.args)) args.push('--build-arg', v === null ? k : `${k}=${v}`)
  if (o.noCache) args.push('--no-cache')
  if (o.pull) args.push('--pull')
  if (o.quiet) args.push('-q')
  args.push(b.context)
  const code = yield* (yield* c.sys.part('docker/build'))(c.sys, args)
  if (code !== 0) throw new CliError('', code)
  yield* c.progress.on(`Image ${image}`, 'Built', 'done')
}
/** Sees to it that the images of services are there. */
export function* ensureImages(
  c: Context,
  services: readonly Service[],
  o: { readonly build: boolean; readonly pull: string; readonly noBuild: boolean },
): Run<void> {
  for (const s of services) {
    const image = imageOf(c.project, s)
    const policy = o.pull || String(s.settings.pull_policy ?? '')
    const there = yield* find(c.client, `/images/${encodeURIComponent(image)}/json`)
    if (s.build && (o.build || policy === 'build' || !there)) {
      if (o.noBuild && !there) throw new CliError(`No such image: ${image}`)
      if (!o.noBuild) yield* buildImage(c, s)
      continue
    }
    if (s.build) continue
    if (policy === 'never' && !there) throw new CliError(`Error response from daemon: No such image: ${image}`)
    if (!there || policy === 'always') yield* pullImage(c, s)
  }
}
