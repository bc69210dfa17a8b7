/** What podman, buildah and skopeo tell the user when something goes wrong: the words after `Error: `, and the exit code. */
export class Problem {
  readonly message: string
  readonly code: number
  constructor(message: string, code = 125) {
    this.message = message
    this.code = code
  }
}
/** What the emulator doesn't carry out, in its own words. */
export const notEmulated = (what: string): Problem => new Problem(`zukan: not emulated: ${what}`)
