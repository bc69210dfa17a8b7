/** Files of variables: .env, --env-file, env_file. */

/** NAME=value lines of a file, quotes taken off. */
export function parseEnv(text: string): Record<string, string> {
  const out: Record<string, string> = {}
  for (const raw of text.split('\n')) {
    const line = raw.trim().replace(/^export\s+/, '')
    const at = line.indexOf('=')
    if (line === '' || line.startsWith('#') || at <= 0) continue
    let value = line.slice(at + 1).trim()
    if (/^".*"$/.test(value))
      value = value
        .slice(1, -1)
        .replace(/\\n/g, '\n')
        .replace(/\\(["\\$])/g, '$1')
    else if (/^'.*'$/.test(value)) value = value.slice(1, -1)
    else value = value.replace(/\s+#.*$/, '')
    out[line.slice(0, at).trim()] = value
  }
  return out
}
