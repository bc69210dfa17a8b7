/** YAML as the tools' files have it; JSON is YAML as well. */
import { parseDocument } from 'yaml'

/** The value of a text, or where and why it is none. Anchors that grow without bound are refused. */
export function parseYaml(source: string): { readonly value: unknown } | { readonly error: string } {
  try {
    const doc = parseDocument(source, { merge: true, logLevel: 'error' })
    const first = doc.errors[0]
    if (first) return { error: first.message.split('\n')[0] as string }
    return { value: doc.toJS({ maxAliasCount: 100 }) as unknown }
  } catch (e) {
    return { error: (e as Error).message.split('\n')[0] as string }
  }
}
