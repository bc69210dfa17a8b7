/** JSON from outside: why it can't be parsed, in Go's words and not in those of the machine that the emulator runs on. */

/** encoding/json's complaint about a text that JSON.parse refuses, without the place. */
export function jsonComplaint(text: string): string {
  let quoted = false
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const ch = text[i]
    if (quoted) {
      if (ch === '\\') i++
      else if (ch === '"') quoted = false
    } else if (ch === '"') quoted = true
    else if (ch === '{' || ch === '[') depth++
    else if (ch === '}' || ch === ']') depth--
  }
  if (text.trim() === '' || quoted || depth > 0) return 'unexpected end of JSON input'
  return `invalid character '${[...text.trim()][0]}' in JSON`
}
