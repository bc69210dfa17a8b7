/** From files to a project: finding them, reading YAML, variables, extends, merging. compose-spec 00-overview.md. */
import { parseDocument } from 'yaml'
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { readText, warn } from '../../userland/lib/io.ts'
import { strftime } from '../../userland/lib/time.ts'
import { CliError } from '../docker/api.ts'
import { absolute } from '../docker/create.ts'
import { isTerminal } from '../docker/streams.ts'
import { parseEnv } from './env.ts'
import { interpolate } from './interpolate.ts'
import type { Project } from './model.ts'
import { projectOf } from './normalize.ts'
import { isTree, merge, type Tree } from './tree.ts'

export interface LoadOptions {
  readonly files: readonly string[]
  readonly name: string | undefined
  readonly directory: string | undefined
  readonly profiles: readonly string[]
  readonly envFiles: readonly string[]
  readonly interpolate: boolean
}
const names = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml']
const overrides = [
  'compose.override.yaml',
  'compose.override.yml',
  'docker-compose.override.yaml',
  'docker-compose.override.yml',
]

/** A line of Compose's log: with a time where nobody watches, else as logrus shows it on a terminal. */
export function* log(sys: Sys, message: string, level: 'warning' | 'error' = 'warning'): Run<void> {
  if (yield* isTerminal(sys, 2)) {
    yield* warn(sys, `\x1b[33mWARN\x1b[0m[0000] ${message} \n`)
    return
  }
  const now = strftime('%FT%TZ', yield* sys.clock('realtime'))
  yield* warn(sys, `time="${now}" level=${level} msg=${JSON.stringify(message)}\n`)
}
const folder = (file: string): string => file.slice(0, file.lastIndexOf('/')) || '/'

/** The configuration files: those given, or the first found in this directory or above, with its override. */
function* findFiles(sys: Sys, given: readonly string[], from: string): Run<string[]> {
  if (given.length > 0) return given.map((f) => (f === '-' ? f : absolute(from, f)))
  for (let dir = from; ; dir = folder(dir)) {
    const found: string[] = []
    for (const n of names) if (!isErr(yield* sys.stat(`${dir === '/' ? '' : dir}/${n}`))) found.push(n)
    if (found[0] !== undefined) {
      const at = (n: string): string => `${dir === '/' ? '' : dir}/${n}`
      if (found.length > 1)
        yield* log(sys, `Found multiple config files with supported names: ${found.map(at).join(', ')}`)
      if (found.length > 1) yield* log(sys, `Using ${at(found[0])}`)
      const out = [at(found[0])]
      for (const n of overrides)
        if (!isErr(yield* sys.stat(at(n)))) {
          out.push(at(n))
          break
        }
      return out
    }
    if (dir === '/') throw new CliError('no configuration file provided: not found', 14)
  }
}
/** What is wrong with a YAML text, in the words of Go's yaml.v3 where it has words for it. */
function yamlComplaint(code: string, message: string, line: number, text: string, at: number): string {
  if (code === 'DUPLICATE_KEY') {
    const key = /^["']?([^:"'\n]*)/.exec(text.slice(at))?.[1]?.trim() ?? ''
    const lines = text.split('\n')
    const indent = /^ */.exec(lines[line - 1] ?? '')?.[0] ?? ''
    const first = lines.findIndex((l) => l.startsWith(`${indent}${key}:`)) + 1
    return `yaml: unmarshal errors:\n  line ${line}: mapping key ${JSON.stringify(key)} already defined at line ${first}`
  }
  const words: Readonly<Record<string, string>> = {
    TAB_AS_INDENT: 'found character that cannot start any token',
    MISSING_CHAR: 'found unexpected end of stream',
    BAD_INDENT: 'did not find expected key',
  }
  return `yaml: line ${line}: ${words[code] ?? message.split('\n')[0]?.replace(/ at line.*$/, '')}`
}
/** A file's tree, its variables replaced; unset ones are told once each. */
function* readTree(
  sys: Sys,
  file: string,
  env: Readonly<Record<string, string>>,
  told: Set<string>,
  replace: boolean,
): Run<Tree> {
  const text = yield* readText(sys, file)
  if (isErr(text)) throw new CliError(`open ${file}: ${text.text.toLowerCase()}`, 14)
  const doc = parseDocument(text, { merge: true, prettyErrors: false, logLevel: 'error' })
  const [problem] = doc.errors
  if (problem) {
    const line = text.slice(0, problem.pos[0]).split('\n').length
    throw new CliError(yamlComplaint(problem.code, problem.message, line, text, problem.pos[0]), 15)
  }
  let value: unknown
  try {
    value = doc.toJS({ maxAliasCount: 1000 })
  } catch (e) {
    const alias = /^Unresolved alias.*: (.*)$/.exec((e as Error).message)?.[1]
    throw new CliError(
      `yaml: ${alias === undefined ? (e as Error).message : `unknown anchor '${alias}' referenced`}`,
      15,
    )
  }
  if (value === null || value === undefined) throw new CliError('empty compose file', 15)
  if (!isTree(value)) throw new CliError('top-level object must be a mapping', 15)
  const missing: string[] = []
  const walk = (v: unknown, path: string): unknown => {
    if (typeof v === 'string') {
      const r = interpolate(v, (n) => env[n], path)
      if ('error' in r) throw new CliError(r.error, 15)
      missing.push(...r.missing)
      return r.text
    }
    if (Array.isArray(v)) return v.map((x, i) => walk(x, `${path}.[${i}]`))
    return isTree(v)
      ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, walk(x, path === '' ? k : `${path}.${k}`)]))
      : v
  }
  const out = replace ? (walk(value, '') as Tree) : value
  for (const name of missing) {
    if (told.has(name)) continue
    told.add(name)
    yield* log(sys, `The ${JSON.stringify(name)} variable is not set. Defaulting to a blank string.`)
  }
  return out
}
/** Services take over what they extend: of this file or of another. */
function* extend(
  sys: Sys,
  tree: Tree,
  file: string,
  read: (file: string) => Run<Tree>,
  seen: readonly string[] = [],
): Run<Tree> {
  if (!isTree(tree.services)) return tree
  const services: Tree = { ...tree.services }
  const resolve = function* (name: string, chain: readonly string[]): Run<Tree> {
    const own = services[name]
    if (!isTree(own)) return {}
    const from = own.extends
    if (from === undefined) return own
    const key = `${file}:${name}`
    if (chain.includes(key)) throw new CliError(`Circular reference:\n  ${name} in ${file}`, 15)
    const other = isTree(from) ? String(from.service) : String(from)
    const where = isTree(from) && from.file !== undefined ? absolute(folder(file), String(from.file)) : file
    let base: unknown
    if (where === file) base = services[other] === undefined ? undefined : yield* resolve(other, [...chain, key])
    else {
      const there = yield* extend(sys, yield* read(where), where, read, [...chain, key])
      base = isTree(there.services) ? there.services[other] : undefined
    }
    if (base === undefined)
      throw new CliError(
        where === file
          ? `cannot extend service ${JSON.stringify(name)} in ${file}: service ${JSON.stringify(other)} not found`
          : `cannot extend service ${JSON.stringify(name)} in ${where}: service ${JSON.stringify(other)} not found in ${where}`,
        15,
      )
    const { extends: _, ...rest } = own
    const merged = merge(base, rest) as Tree
    services[name] = merged
    return merged
  }
  for (const name of Object.keys(services)) yield* resolve(name, seen)
  return { ...tree, services }
}

/** Paths of a file of another folder as that folder's: what a service builds, reads and mounts. */
function rebase(tree: Tree, directory: string): Tree {
  const at = (p: unknown): string => (String(p).startsWith('~') ? String(p) : absolute(directory, String(p)))
  const relative = (p: unknown): boolean => /^\.\.?(\/|$)/.test(String(p))
  const service = (s: Tree): Tree => ({
    ...s,
    ...(s.build === undefined
      ? {}
      : { build: isTree(s.build) ? { ...s.build, context: at(s.build.context ?? '.') } : at(s.build) }),
    ...(s.env_file === undefined
      ? {}
      : {
          env_file: (Array.isArray(s.env_file) ? s.env_file : [s.env_file]).map((f) =>
            isTree(f) ? { ...f, path: at(f.path) } : at(f),
          ),
        }),
    ...(Array.isArray(s.volumes)
      ? {
          volumes: s.volumes.map((v) => {
            if (isTree(v)) return v.type === 'bind' ? { ...v, source: at(v.source) } : v
            const [source = '', ...rest] = String(v).split(':')
            return relative(source) && rest.length > 0 ? [at(source), ...rest].join(':') : v
          }),
        }
      : {}),
  })
  const files = (v: unknown): unknown =>
    isTree(v)
      ? Object.fromEntries(
          Object.entries(v).map(([k, f]) => [k, isTree(f) && f.file !== undefined ? { ...f, file: at(f.file) } : f]),
        )
      : v
  return {
    ...tree,
    ...(isTree(tree.services)
      ? {
          services: Object.fromEntries(Object.entries(tree.services).map(([k, s]) => [k, isTree(s) ? service(s) : s])),
        }
      : {}),
    ...(tree.secrets === undefined ? {} : { secrets: files(tree.secrets) }),
    ...(tree.configs === undefined ? {} : { configs: files(tree.configs) }),
  }
}
/** Other projects' files that a file includes, whole and with their own folders; compose-spec 14-include.md. */
function* include(tree: Tree, file: string, one: (file: string) => Run<Tree>, chain: readonly string[]): Run<Tree> {
  const { include: list, ...own } = tree
  if (list === undefined) return tree
  if (!Array.isArray(list)) throw new CliError(`validating ${file}: include must be a array`, 15)
  let out: Tree = own
  for (const x of list) {
    const t: Tree = isTree(x) ? x : { path: x }
    if (t.env_file !== undefined) throw new CliError('zukan: not emulated: include.env_file')
    const paths = (Array.isArray(t.path) ? t.path : [t.path]).map((p) => absolute(folder(file), String(p)))
    let there: Tree = {}
    for (const path of paths) {
      if (chain.includes(path))
        throw new CliError(`include cycle detected:\n${[...chain, path].join('\n include ')}`, 15)
      there = merge(there, yield* include(yield* one(path), path, one, [...chain, path])) as Tree
    }
    const directory =
      t.project_directory === undefined
        ? folder(paths[0] as string)
        : absolute(folder(file), String(t.project_directory))
    const moved = rebase(there, directory)
    for (const kind of ['services', 'networks', 'volumes', 'secrets', 'configs']) {
      const mine = isTree(out[kind]) ? out[kind] : {}
      const theirs = isTree(moved[kind]) ? moved[kind] : {}
      const both = Object.keys(theirs).find((k) => k in mine && JSON.stringify(mine[k]) !== JSON.stringify(theirs[k]))
      if (both !== undefined)
        throw new CliError(`imported compose file ${paths[0]} defines conflicting ${kind.slice(0, -1)} ${both}`, 15)
      if (Object.keys(theirs).length > 0) out = { ...out, [kind]: { ...theirs, ...mine } }
    }
  }
  return out
}

/** Loads the project that the options mean. A CliError with Compose's words where it is wrong. */
export function* load(sys: Sys, o: LoadOptions): Run<Project> {
  const here = yield* sys.getcwd()
  const cwd = isErr(here) ? '/' : here
  const own = Object.fromEntries(
    sys.environ().map((e) => [e.slice(0, e.indexOf('=')), e.slice(e.indexOf('=') + 1)] as const),
  )
  const fromVariable = own.COMPOSE_FILE ? own.COMPOSE_FILE.split(own.COMPOSE_PATH_SEPARATOR ?? ':') : []
  const files = yield* findFiles(sys, o.files.length > 0 ? o.files : fromVariable, cwd)
  const directory = o.directory ? absolute(cwd, o.directory) : folder(files[0] as string)
  let env: Record<string, string> = {}
  for (const f of o.envFiles.length > 0 ? o.envFiles : [`${directory}/.env`]) {
    const path = absolute(cwd, f)
    const text = yield* readText(sys, path)
    if (!isErr(text)) env = { ...env, ...parseEnv(text) }
    else if (o.envFiles.length > 0) throw new CliError(`couldn't find env file: ${path}`, 14)
  }
  env = { ...env, ...own }
  const told = new Set<string>()
  const read = (file: string): Run<Tree> => readTree(sys, file, env, told, o.interpolate)
  let tree: Tree = {}
  for (const file of files) {
    const one = function* (path: string): Run<Tree> {
      return yield* extend(sys, yield* read(path), path, read)
    }
    const t = yield* include(yield* one(file), file, one, [file])
    if (t.version !== undefined)
      yield* log(
        sys,
        `${file}: the attribute \`version\` is obsolete, it will be ignored, please remove it to avoid potential confusion`,
      )
    tree = merge(tree, t) as Tree
  }
  const given = o.name ?? own.COMPOSE_PROJECT_NAME ?? (typeof tree.name === 'string' ? tree.name : undefined)
  const plain = (text: string): string =>
    text
      .toLowerCase()
      .replace(/[^-_a-z0-9]/g, '')
      .replace(/^[-_]+/, '')
  const name = given ?? plain(directory.split('/').at(-1) ?? '')
  if (given !== undefined && plain(given) !== given)
    throw new CliError(
      `invalid project name ${JSON.stringify(given)}: must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number`,
    )
  if (name === '') throw new CliError('project name must not be empty')
  const profiles = [...o.profiles, ...(own.COMPOSE_PROFILES ? own.COMPOSE_PROFILES.split(',') : [])]
  return yield* projectOf(sys, { tree, name, directory, files, env, profiles })
}
