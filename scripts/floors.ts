/** The floors of the house: who may import whom. Pure, so that the rule itself can be tested. */

/** Floors from the top down; a folder belongs to the first that its path begins with. */
const floors = [
  'src/pages/',
  'src/components/',
  'src/diagrams/index.ts',
  'src/diagrams/draw/',
  'src/diagrams/layout/',
  'src/diagrams/scene/',
  'src/emulator/complete.ts',
  'src/emulator/completion.ts',
  'src/emulator/index.ts',
  'src/emulator/kernels.ts',
  'src/emulator/view.ts',
  'src/emulator/views/',
  'src/emulator/hosts/',
  'src/emulator/cli/',
  'src/emulator/engine/',
  'src/emulator/runtime/',
  'src/emulator/oci/',
  'src/emulator/userland/',
  'src/emulator/machine/',
  'src/emulator/kernel/',
  'src/emulator/base/',
] as const
/** What the emulator may take from npm. */
const packages = new Set(['fflate', '@noble/hashes', 'yaml'])

export interface Import {
  readonly from: string
  /** A path from the project's root, or a package's name. */
  readonly to: string
}
const floorOf = (path: string): number => floors.findIndex((f) => path.startsWith(f))

/** What is wrong with an import; undefined where it is allowed. */
export function violation({ from, to }: Import): string | undefined {
  const inEmulator = from.startsWith('src/emulator/')
  const test = /\.test\.ts$|\/testing\.ts$/.test(from)
  if (!to.startsWith('src/')) {
    const name = to.startsWith('@') ? to.split('/').slice(0, 2).join('/') : (to.split('/')[0] as string)
    if (inEmulator && !test && !packages.has(name))
      return `${from}: the emulator imports neither Node nor the site nor unknown packages, but imports ${to}`
    return undefined
  }
  const a = floorOf(from)
  const b = floorOf(to)
  if (test || a < 0 || b < 0) return undefined
  return b < a ? `${from}: a room imports from floors below it, but ${to} is above` : undefined
}

/** The imports in a file's text, with relative ones resolved against its path. */
export function importsOf(path: string, text: string): Import[] {
  const out: Import[] = []
  for (const m of text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s*'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|(?:^|\n)\s*import\s*'([^']+)'/g,
  )) {
    const target = (m[1] ?? m[2] ?? m[3]) as string
    if (!target.startsWith('.')) {
      out.push({ from: path, to: target })
      continue
    }
    const parts = path.split('/').slice(0, -1)
    for (const part of target.split('/')) {
      if (part === '..') parts.pop()
      else if (part !== '.') parts.push(part)
    }
    out.push({ from: path, to: parts.join('/') })
  }
  return out
}
