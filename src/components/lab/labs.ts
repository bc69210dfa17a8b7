/**
 * Ready-made labs, src/content/labs/NAME.yaml: a host and steps of a sentence and commands. Read, checked and run while the site is
 * built, so that every step does what its sentence says. How one is written: "Writing for this site", Labs.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { sceneNames } from '../../diagrams/scene/index.ts'
import { type HostName, hostNames } from '../../emulator/hosts/host.ts'
import { settled } from '../console/blocks.ts'
import type { Language } from '../markdown/library.ts'

export type Both = Readonly<Record<Language, string>>
export interface LabStep {
  readonly say: Both
  /** What is typed: a line, or several. */
  readonly run: string
  /** Texts that must be among what is printed. */
  readonly shows: readonly string[]
  /** Exit status of the last line. */
  readonly status: number
}
export interface ReadyLab {
  readonly name: string
  readonly host: HostName
  /** The page, with a heading if need be, that it belongs to. */
  readonly chapter: string
  readonly pictures: readonly string[]
  readonly title: Both
  readonly goal: Both
  readonly steps: readonly LabStep[]
  readonly end: Both
}
/** Runs lines and answers what a terminal would show. */
export interface Runner {
  run(lines: string): { readonly status: number; readonly output: string }
}

const FOLDER = 'src/content/labs'
type Fields = Readonly<Record<string, unknown>>
const isFields = (x: unknown): x is Fields => typeof x === 'object' && x !== null && !Array.isArray(x)

/** A lab from its file's text. Throws with what is wrong and where. */
export function readLab(name: string, text: string): ReadyLab {
  const file = `${FOLDER}/${name}.yaml`
  const fail = (what: string): never => {
    throw new Error(`${file}: ${what}`)
  }
  const only = (fields: Fields, where: string, allowed: readonly string[]): void => {
    const other = Object.keys(fields).find((k) => !allowed.includes(k))
    if (other !== undefined) fail(`${where}unknown key "${other}"; keys are ${allowed.join(', ')}`)
  }
  const both = (x: unknown, where: string): Both => {
    if (!isFields(x) || typeof x.ja !== 'string' || typeof x.en !== 'string' || !x.ja.trim() || !x.en.trim())
      return fail(`${where} must be a text in both languages: { ja: ..., en: ... }`)
    return { ja: x.ja.trim(), en: x.en.trim() }
  }
  const texts = (x: unknown, where: string): readonly string[] => {
    if (x === undefined) return []
    if (!Array.isArray(x)) return fail(`${where} must be a list`)
    return x.map(String)
  }
  let lab: unknown
  try {
    lab = parse(text)
  } catch (problem) {
    return fail(`this isn't YAML: ${(problem as Error).message}`)
  }
  if (!isFields(lab)) return fail('expected host, chapter, title, goal, steps and end')
  only(lab, '', ['host', 'chapter', 'pictures', 'title', 'goal', 'steps', 'end'])
  const host = hostNames.find((h) => h === (lab.host ?? 'linux-server'))
  if (host === undefined) return fail(`there is no host "${lab.host}"; hosts are ${hostNames.join(', ')}`)
  if (typeof lab.chapter !== 'string') return fail('chapter must name a page, or a heading of one: cgroups#memory')
  const pictures = texts(lab.pictures, 'pictures')
  const unknown = pictures.find((p) => !sceneNames.some((s) => s === p))
  if (unknown !== undefined) fail(`there is no picture "${unknown}"; pictures are ${sceneNames.join(', ')}`)
  if (!Array.isArray(lab.steps) || lab.steps.length === 0) return fail('steps must be a list of at least one step')
  const steps = lab.steps.map((step: unknown, i): LabStep => {
    const where = `step ${i + 1}: `
    if (!isFields(step)) return fail(`${where}expected say and run`)
    only(step, where, ['say', 'run', 'shows', 'status'])
    if (typeof step.run !== 'string' || step.run.trim() === '') return fail(`${where}run must hold commands`)
    const status = step.status ?? 0
    if (typeof status !== 'number') return fail(`${where}status must be a number`)
    return {
      say: both(step.say, `${where}say`),
      run: step.run.trimEnd(),
      shows: texts(step.shows, `${where}shows`),
      status,
    }
  })
  return {
    name,
    host,
    chapter: lab.chapter,
    pictures,
    title: both(lab.title, 'title'),
    goal: both(lab.goal, 'goal'),
    steps,
    end: both(lab.end, 'end'),
  }
}

/** Runs every step in order and answers what each printed. Throws where a step doesn't do what it says. */
export function runLab(lab: ReadyLab, runner: Runner): readonly string[] {
  return lab.steps.map((step, i) => {
    const { status, output } = runner.run(step.run)
    const shown = settled(output)
    const fail = (what: string): never => {
      throw new Error(`${FOLDER}/${lab.name}.yaml: step ${i + 1}: ${what}\n${step.run}\n${shown}`)
    }
    if (status !== step.status) fail(`ended with status ${status}, not ${step.status}`)
    for (const text of step.shows) if (!shown.includes(text)) fail(`did not print "${text}"`)
    return shown
  })
}

/** The names of all labs, from a project's folder. */
export const labNames = (root = '.'): readonly string[] =>
  readdirSync(`${root}/${FOLDER}`)
    .filter((f) => f.endsWith('.yaml'))
    .map((f) => f.replace(/\.yaml$/, ''))
    .sort()
/** All labs, from a project's folder, by name. */
export const readLabs = (root = '.'): readonly ReadyLab[] =>
  labNames(root).map((name) => readLab(name, readFileSync(`${root}/${FOLDER}/${name}.yaml`, 'utf8')))
