/** Which command the words after `docker` mean: old and new spellings alike. */

/**
 * Management commands with their words, as `docker GROUP --help` lists them. `a|b` are two names for one;
 * `ls=ps` is the command that has an older name; the others are called by both words.
 */
export const groups: Readonly<Record<string, string>> = {
  builder: 'build=build prune',
  buildx: 'build=build ls prune version',
  checkpoint: 'create ls|list rm|remove',
  container:
    'attach=attach commit=commit cp=cp create=create diff=diff exec=exec export=export inspect kill=kill logs=logs ls|list|ps=ps pause=pause port=port prune rename=rename restart=restart rm|remove=rm run=run start=start stats=stats stop=stop top=top unpause=unpause update=update wait=wait',
  context: 'create export import inspect ls|list rm|remove show update use',
  image:
    'build=build history=history import=import inspect load=load ls|list=images prune pull=pull push=push rm|remove=rmi save=save tag=tag',
  manifest: 'annotate create inspect push rm',
  network: 'connect create disconnect inspect ls|list prune rm|remove',
  plugin: 'create disable enable inspect install ls|list push rm|remove set upgrade',
  system: 'df events=events info=info prune',
  volume: 'create inspect ls|list prune rm|remove update',
  completion: 'bash fish powershell zsh',
  config: 'create inspect ls|list rm|remove',
  node: 'demote inspect ls|list promote ps rm|remove update',
  secret: 'create inspect ls|list rm|remove',
  service: 'create inspect logs ls|list ps rm|remove rollback scale update',
  stack: 'config deploy|up ls|list ps rm|remove|down services',
  swarm: 'ca init join join-token leave unlock unlock-key update',
}
export const commandWords =
  'run exec ps build pull push images login logout search version info attach commit cp create diff events export history import inspect kill load logs pause port rename restart rm rmi save start stats stop tag top unpause update wait'.split(
    ' ',
  )
/** What may follow `docker`, for completion. */
export const dockerWords: readonly string[] = [...new Set([...commandWords, ...Object.keys(groups), 'compose'])].sort()

/** The words of a group: each with its other names and the command that it stands for. */
export function membersOf(group: string): readonly { readonly names: readonly string[]; readonly command: string }[] {
  return (groups[group] ?? '').split(' ').map((word) => {
    const [left = '', target] = word.split('=')
    const names = left.split('|')
    return { names, command: target ?? `${group} ${names[0]}` }
  })
}

export type Resolved =
  /** A command: its name in the tables, how it was written, and what follows. */
  | { readonly kind: 'command'; readonly name: string; readonly spelled: string; readonly rest: readonly string[] }
  /** A group without a word after it, or with --help. */
  | { readonly kind: 'group'; readonly name: string; readonly asked: boolean }
  | { readonly kind: 'unknown'; readonly spelled: string; readonly group: string | undefined }

/** Finds the command of words that begin with its name. */
export function resolve(words: readonly string[]): Resolved {
  const [first = '', second, ...rest] = words
  if (Object.hasOwn(groups, first)) {
    if (second === undefined) return { kind: 'group', name: first, asked: first === 'completion' }
    if (second === '--help' || second === '-h') return { kind: 'group', name: first, asked: true }
    const member = membersOf(first).find((m) => m.names.includes(second))
    // completion helps itself, whatever follows.
    if (!member && first === 'completion') return { kind: 'group', name: first, asked: true }
    if (!member) return { kind: 'unknown', spelled: `docker ${first} ${second}`, group: first }
    return { kind: 'command', name: member.command, spelled: `docker ${first} ${second}`, rest }
  }
  if (commandWords.includes(first) || first === 'compose')
    return { kind: 'command', name: first, spelled: `docker ${first}`, rest: words.slice(1) }
  return { kind: 'unknown', spelled: `docker ${first}`, group: undefined }
}
