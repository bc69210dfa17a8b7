/** Which state of the sources a package is made of: version, commit and its time, from git; the same state has the same answer. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface Release {
  /** As in package.json. */
  readonly version: string
  /** Twelve digits of the commit; 'unknown' outside a repository. */
  readonly commit: string
  /** The commit's time. */
  readonly time: Date
  /** Whether files differ from the commit. */
  readonly changed: boolean
}

/** Outside a repository the time is SOURCE_DATE_EPOCH (reproducible-builds.org), else the first day that a zip can tell. */
export function readRelease(root: string, environment: NodeJS.ProcessEnv = process.env): Release {
  const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { version: string }
  const git = (...args: string[]): string | undefined => {
    const r = spawnSync('git', ['-C', root, ...args], { encoding: 'utf8' })
    return r.status === 0 ? r.stdout.trim() : undefined
  }
  const [commit, seconds] = git('log', '-1', '--format=%H %ct')?.split(' ') ?? []
  const epoch = seconds ?? environment.SOURCE_DATE_EPOCH
  return {
    version,
    commit: commit?.slice(0, 12) ?? 'unknown',
    time: epoch === undefined ? new Date('1980-01-01T00:00:00Z') : new Date(Number(epoch) * 1000),
    changed: git('status', '--porcelain', '--untracked-files=no') !== '',
  }
}
/** `0.1.0-20261121-0ca1090b4f2c`, with `-changed` where files differ from the commit. */
export const releaseName = ({ version, commit, time, changed }: Release): string =>
  [
    version,
    time.toISOString().slice(0, 10).replaceAll('-', ''),
    commit,
    ...(changed && commit !== 'unknown' ? ['changed'] : []),
  ].join('-')
