/** What the remark plugins of this folder need to know of mdast and vfile. */
export interface Node {
  readonly type: string
  children?: Node[]
  value?: string
  data?: { hName?: string; hProperties?: Record<string, unknown> }
  readonly name?: string | null
  readonly ordered?: boolean | null
  readonly checked?: boolean | null
  readonly depth?: number
  readonly url?: string
  readonly identifier?: string
  readonly label?: string
  readonly position?: { readonly start: { readonly line: number } }
}
export interface VFile {
  readonly path?: string
  /** Stops the build with the file's name and the node's line. */
  fail(reason: string, place?: Node): never
}
