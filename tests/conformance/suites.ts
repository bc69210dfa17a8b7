/**
 * Cases by others and recordings of real tools, which lie outside the project (../shared): how they are read, and when the emulator
 * agrees with one. The tests beside this file and `npm run conformance` share it.
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runCase } from '../../scripts/emulate.ts'

/** A line run on a host or in a container of an image, and what the real tools printed. */
export interface Case {
  readonly id: string
  readonly topic: string
  readonly in: string
  readonly files?: Readonly<Record<string, string>>
  readonly setup?: readonly string[]
  readonly run: string
  readonly stdin?: string
  readonly exit: number
  readonly stdout: string
  /** Missing where only standard output was recorded. */
  readonly stderr?: string
  /** Patterns of what may be otherwise each time. */
  readonly volatile?: readonly string[]
}

const files = {
  ash: 'conformance/ash.jsonl',
  'posix-shell': 'conformance/posix-shell.jsonl',
  'busybox-applets': 'conformance/busybox-applets.jsonl',
  goldens: 'goldens/docker-busybox-runc.jsonl',
  /** Recorded by the same script as the goldens, where the recorded engine and the one presented here do the same: it lies here. */
  engine: undefined,
  /** Lines that a real busybox (1.37, and 1.35 where both answer alike) ran in a container of it; recorded here, too. */
  busybox: undefined,
} as const
export type SuiteName = keyof typeof files
export const suiteNames = Object.keys(files) as readonly SuiteName[]

/** The cases of a suite; undefined where its file is missing. */
export function readSuite(name: SuiteName): readonly Case[] | undefined {
  const path = files[name]
  const file = fileURLToPath(new URL(path ? `../../../shared/${path}` : `${name}.jsonl`, import.meta.url))
  if (!existsSync(file)) return undefined
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Case)
    .filter((c) => c.id)
}

const replaceVolatile = (text: string, volatile: readonly string[] = []): string =>
  volatile.reduce((t, v) => t.replace(new RegExp(v, 'g'), '<v>'), text)
/** Replaces what differs by nature in a recording: ids, times, ages, blanks. */
const plain = (text: string, volatile: readonly string[] = []): string =>
  replaceVolatile(text.replace(/\r/g, ''), volatile)
    .replace(/\b[0-9a-f]{64}\b/g, '<id>')
    .replace(/\b(?=[0-9a-f]*\d)[0-9a-f]{12}\b/g, '<id>')
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?[+-]\d{4} UTC|Z| [+-]\d{2}:?\d{2})?/g, '<time>')
    .replace(/(Less than a|About an?|\d+) (second|minute|hour|day|week|month|year)s?( ago)?/g, '<age>')
    .replace(/[ \t]+/g, ' ')
    .replace(/ +$/gm, '')

/** What the emulator and the real tool made of a case, in one form. */
export interface Outcome {
  readonly ours: readonly unknown[]
  readonly real: readonly unknown[]
}
/** Runs a case in a fresh world. Scripts are compared byte by byte, recordings without what differs by nature. */
export function outcome(suite: SuiteName, c: Case): Outcome {
  const r = runCase(c)
  const form = suite === 'goldens' || suite === 'engine' || suite === 'busybox' ? plain : replaceVolatile
  const view = (x: { exit: number; stdout: string; stderr?: string }): readonly unknown[] => [
    x.exit,
    form(x.stdout, c.volatile),
    ...(c.stderr === undefined ? [] : [form(x.stderr ?? '', c.volatile)]),
  ]
  return { ours: view(r), real: view(c) }
}
/** Whether both are the same. */
export const agrees = ({ ours, real }: Outcome): boolean => ours.every((x, i) => x === real[i])
