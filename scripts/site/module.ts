/** ES modules of the build as classic scripts for loader.js. Pure. */

import { posix } from 'node:path'
import { init, parse } from 'es-module-lexer'
import { transformSync } from 'esbuild'
import { minifySync } from 'rolldown/utils'

export interface ClassicModule {
  readonly code: string
  /** Names of modules that must be there before this one runs. */
  readonly needs: readonly string[]
}
const LOAD = '__zukan_load'
const URL_OF = '__zukan_url'

await init

/** `name` is the module's path below the loader's folder; names of others are resolved against it. */
export function classicModule(source: string, name: string): ClassicModule {
  const resolve = (specifier: string): string => posix.join(posix.dirname(name), specifier)
  const [imports] = parse(source)
  const needs = new Set<string>()
  let esm = source
  // From the end, so that offsets stay right.
  for (const { t: kind, n: specifier, s: start, e: end, ss: from, se: to, d: dynamic } of [...imports].reverse()) {
    if (kind === 3) esm = esm.slice(0, start) + esm.slice(start, end).replace('import.meta', URL_OF) + esm.slice(end)
    else if (dynamic >= 0) {
      if (specifier === undefined) throw new Error(`${name}: import() of something that isn't a plain string`)
      esm = `${esm.slice(0, from)}${LOAD}(${JSON.stringify(resolve(specifier))})${esm.slice(to)}`
    } else if (specifier !== undefined) {
      needs.add(resolve(specifier))
      esm = esm.slice(0, start) + esm.slice(start, end).replace(specifier, resolve(specifier)) + esm.slice(end)
    }
  }
  esm = esm.replaceAll(`${URL_OF}.url`, URL_OF)
  const { code } = transformSync(esm, { format: 'cjs', target: 'es2022', charset: 'utf8', legalComments: 'none' })
  const names = JSON.stringify([name, [...needs]]).slice(1, -1)
  const body = `zukan(${names},function(require,module,${LOAD},${URL_OF},fetch){"use strict";${code}})`
  // The bundle was minified; this is for what is new in it, and for names that esbuild made longer.
  const minified = minifySync(name, body, { module: false, compress: true, mangle: true })
  if (minified.errors.length > 0) throw new Error(`${name}: ${minified.errors[0]?.message}`)
  return { code: `${minified.code}\n`, needs: [...needs] }
}

/** A data file as a script that loader.js can take from file://. */
export const fileScript = (bytes: Uint8Array): string => `zukan.file("${Buffer.from(bytes).toString('base64')}")\n`
