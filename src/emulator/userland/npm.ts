/** npm, as far as a package without dependencies needs it: scripts of package.json by `sh -c`; npm-run(1). Fetching packages isn't emulated. */
import { isErr } from '../base/errno.ts'
import type { Program } from '../kernel/linux/abi.ts'
import { print, readText, warn } from './lib/io.ts'

interface Package {
  readonly name?: string
  readonly version?: string
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: object
  readonly devDependencies?: object
}
export const npm: Program = function* (sys, argv) {
  const [word = '', ...rest] = argv.slice(1)
  if (word === '--version' || word === '-v') {
    yield* print(sys, '11.6.1\n')
    return 0
  }
  const fail = function* (lines: readonly string[], code: number) {
    yield* warn(sys, lines.map((l) => `npm error ${l}\n`).join(''))
    return code
  }
  const source = yield* readText(sys, 'package.json')
  const here = yield* sys.getcwd()
  const at = `${isErr(here) ? '' : here}/package.json`
  if (isErr(source))
    return yield* fail(
      [
        'code ENOENT',
        'syscall open',
        `path ${at}`,
        'errno -2',
        `enoent Could not read package.json: Error: ENOENT: no such file or directory, open '${at}'`,
      ],
      254,
    )
  let p: Package
  try {
    p = JSON.parse(source) as Package
  } catch (e) {
    return yield* fail(['code EJSONPARSE', `path ${at}`, `JSON.parse ${(e as Error).message}`], 1)
  }
  if (word === 'ci' || word === 'install' || word === 'i') {
    const wanted =
      Object.keys({ ...p.dependencies, ...p.devDependencies }).length + rest.filter((r) => !r.startsWith('-')).length
    if (wanted > 0) {
      yield* warn(sys, 'zukan: not emulated: npm fetching packages\n')
      return 1
    }
    yield* print(sys, '\nup to date, audited 1 package in 0s\n\nfound 0 vulnerabilities\n')
    return 0
  }
  const name = word === 'run' || word === 'run-script' ? (rest[0] ?? '') : word === 't' ? 'test' : word
  if (!['test', 'start', 'stop', 'restart', 'run', 'run-script', 't'].includes(word)) {
    yield* warn(sys, `zukan: not emulated: npm ${word}\n`)
    return 1
  }
  const script = p.scripts?.[name]
  if (script === undefined)
    return yield* fail(
      [`Missing script: ${JSON.stringify(name)}`, '', 'To see a list of scripts, run:', '  npm run'],
      1,
    )
  yield* print(sys, `\n> ${p.name ?? ''}@${p.version ?? ''} ${name}\n> ${script}\n\n`)
  const pid = yield* sys.fork(function* (child) {
    const env = [
      ...child.environ().filter((e) => !/^npm_/.test(e)),
      `npm_lifecycle_event=${name}`,
      `npm_package_name=${p.name ?? ''}`,
    ]
    return (yield* child.execve('/bin/sh', ['sh', '-c', script], env)).number
  })
  if (isErr(pid)) return 1
  const ended = yield* sys.wait(pid)
  return isErr(ended) || !ended ? 1 : ended.signal !== undefined ? 128 + ended.signal : (ended.code ?? 0)
}
