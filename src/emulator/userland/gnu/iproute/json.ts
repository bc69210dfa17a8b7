/** iproute2's JSON (lib/json_writer.c): on one line, or with -p over many. */

export type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json | undefined }

const isList = (v: Json): v is readonly Json[] => Array.isArray(v)
/** The text of a value; `depth` where it is drawn over several lines. */
function text(v: Json, depth: number | undefined): string {
  if (typeof v !== 'object') return JSON.stringify(v)
  const inside = depth === undefined ? undefined : depth + 1
  const indent = (n: number): string => `\n${' '.repeat(4 * n)}`
  if (isList(v)) {
    const items = v.map((x) => text(x, inside)).join(',')
    return depth === undefined ? `[${items}]` : items === '' ? '[ ]' : `[ ${items} ]`
  }
  const fields = Object.entries(v).flatMap(([k, x]) => (x === undefined ? [] : [[k, x] as const]))
  if (depth === undefined) return `{${fields.map(([k, x]) => `"${k}":${text(x, undefined)}`).join(',')}}`
  return `{${fields.map(([k, x]) => `${indent(depth + 1)}"${k}": ${text(x, inside)}`).join(',')}${indent(depth)}}`
}
/** What `ip -j` prints, `pretty` what `ip -j -p` does. */
export const printedJson = (list: readonly Json[], pretty: boolean): string => `${text(list, pretty ? 0 : undefined)}\n`
