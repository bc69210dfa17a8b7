/** What a scene says: boxes in boxes, links between them and texts. No coordinates, no colours: layout/ and draw/ give those. */
import type { TraceEvent } from '../../emulator/base/trace.ts'
import type { MachineView } from '../../emulator/view.ts'
import type { KernelView } from '../../emulator/views/index.ts'

export type Language = 'ja' | 'en'

/** What a box is; draw/ gives each kind its looks, the words of a scene its name. */
export type BoxKind =
  | 'machine'
  | 'hypervisor'
  | 'kernel'
  | 'vm'
  | 'container'
  | 'process'
  | 'daemon'
  | 'namespace'
  | 'cgroup'
  | 'layer'
  | 'file'
  | 'network'
  | 'document'
  | 'state'
  | 'event'
  | 'group'
  | 'empty'

/** A bar in a box: a part of a whole, or a value on a scale that the boxes of a scene share. */
export interface Meter {
  readonly id: string
  /** Said in front of the bar: what is measured and how much it is. */
  readonly label: string
  /** Filled part, 0 to 1. */
  readonly fraction: number
  /** Where a value is a range: the part from which it is filled. */
  readonly from?: number
  readonly alarm?: boolean
  /** Divisions of the scale; with labels the meter is an axis for the boxes below it. */
  readonly ticks?: readonly { readonly at: number; readonly label?: string }[]
}

/** A box of a scene. Ids are stable, so that a box moves instead of being drawn anew. */
export interface Box {
  readonly id: string
  readonly kind: BoxKind
  /** The kind in the reader's language, set small above the title. */
  readonly tag?: string
  readonly title: string
  /** Further facts, a line each; lines wrap. */
  readonly details?: readonly string[]
  readonly meters?: readonly Meter[]
  /** Id of the kernel box that answers this box's system calls. */
  readonly kernel?: string
  readonly children?: readonly Box[]
  /** Children side by side as far as they fit (`flow`), or one below the other (`column`). */
  readonly arrange?: 'flow' | 'column'
  /** Least width of a child in a flow, in px. */
  readonly cell?: number
  /** Width in px of a heading that stands at the left of the children instead of above them, where there is room. */
  readonly aside?: number
  /** Takes a row of its own among its siblings. */
  readonly wide?: boolean
  /** Steps to the right in a tree of siblings that stand in a column. */
  readonly level?: number
  /** The machine whose process numbers, interfaces and paths are meant by the references of this box and of those in it. */
  readonly machine?: string
  /** Parts of the world that it stands for, as the trace names them; `kind:mount` is whatever is asked for by events of that kind. */
  readonly refs?: readonly string[]
  /** Drawn faintly: known, but not there or not working now. */
  readonly faint?: boolean
  /** Drawn with emphasis: what the picture is about. */
  readonly strong?: boolean
}
/** A document that passes along a link: it opens in a panel. */
export interface SceneDocument {
  readonly id: string
  readonly title: string
  readonly text: string
}
export interface Link {
  readonly id: string
  readonly from: string
  readonly to: string
  /** Texts beside the arrow, a line each. */
  readonly labels?: readonly string[]
  /** An arrow (default), a line of a tree, or a plain line. */
  readonly kind?: 'arrow' | 'tree' | 'line'
  readonly documents?: readonly SceneDocument[]
}
export interface Scene {
  readonly root: Box
  readonly links: readonly Link[]
  /** Sources of figures and statements that the world can't give; with them the picture doesn't show this world. */
  readonly sources?: readonly string[]
  /** Sources of statements in a picture that does show a world. */
  readonly cites?: readonly string[]
  /** Its steps lead along its arrows, in their order, whatever the last command was: so do those of cited facts. */
  readonly walk?: boolean
}

/** What a scene is drawn from. */
export interface SceneInput {
  readonly view: MachineView
  /** The Linux kernels of the machine and its guests, outer ones first. */
  readonly kernels: readonly KernelView[]
  /** What the last command set in motion, as far as the reader has stepped. */
  readonly trace: readonly TraceEvent[]
  /** All that the trace still holds, the last command included. */
  readonly history: readonly TraceEvent[]
  /** Which of the scene's choices the reader has taken. */
  readonly choice: string
}

/** Something that choices differ in, where they differ in more than one thing: which of its values each of them has. */
export interface Axis {
  readonly of: Readonly<Record<string, string>>
}
/** The words that every scene has. */
export interface SceneWords {
  /** Name of the picture. */
  readonly name: string
  readonly caption: string
  readonly choices?: Readonly<Record<string, string>>
  /** What an axis is about, and its values as its buttons name them, in their order. */
  readonly axes?: readonly { readonly label: string; readonly values: Readonly<Record<string, string>> }[]
  readonly actions?: Readonly<Record<string, string>>
}
export interface SceneModule {
  readonly words: Readonly<Record<Language, SceneWords>>
  /** False where the picture shows cited facts instead of a world: nothing in it runs. */
  readonly runs: boolean
  /**
   * Choices that are drawn from a host of their own, whatever host the picture was asked for; its engine must take a Linux
   * image. An empty name: from no world, since the choice shows facts.
   */
  readonly hosts: Readonly<Record<string, string>>
  /** Commands that make the example that is drawn at build time, on the Linux server. */
  readonly setup: string
  /** The same for choices with a host of their own that wants other commands. */
  readonly setups: Readonly<Record<string, string>>
  /** Commands that the picture's buttons run, by the names that `words.actions` translates. */
  readonly actions: Readonly<Record<string, string>>
  /** What the reader may switch between; the first is shown first. */
  readonly choices: readonly string[]
  /** Where choices differ in two things: a row of buttons each. The first of a value's choices is shown when the value is taken. */
  readonly axes: readonly Axis[]
  scene(input: SceneInput, language: Language): Scene
}

/** A scene's module from its words and its function, which gets the words of the language asked for. */
export function defineScene<W extends SceneWords>(m: {
  readonly words: Readonly<Record<Language, W>>
  readonly runs?: boolean
  readonly hosts?: Readonly<Record<string, string>>
  readonly setup?: string
  readonly setups?: Readonly<Record<string, string>>
  readonly actions?: Readonly<Record<string, string>>
  readonly choices?: readonly string[]
  readonly axes?: readonly Axis[]
  readonly scene: (input: SceneInput, words: W, language: Language) => Scene
}): SceneModule {
  return {
    words: m.words,
    runs: m.runs ?? true,
    hosts: m.hosts ?? {},
    setup: m.setup ?? '',
    setups: m.setups ?? {},
    actions: m.actions ?? {},
    choices: m.choices ?? [],
    axes: m.axes ?? [],
    scene: (input, language) => m.scene(input, m.words[language], language),
  }
}

/** Every box of a scene, outer ones first, with the box around it. */
export function* boxesOf(root: Box, parent?: Box): Generator<{ readonly box: Box; readonly parent: Box | undefined }> {
  yield { box: root, parent }
  for (const child of root.children ?? []) yield* boxesOf(child, root)
}
