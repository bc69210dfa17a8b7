/** Which PostgreSQL this is: its image's environment says so, as docker-library/postgres has it. */
import type { Sys } from '../../../kernel/linux/abi.ts'

/** The release, as `18.6`. */
export const versionOf = (sys: Sys): string =>
  sys
    .environ()
    .find((e) => e.startsWith('PG_VERSION='))
    ?.slice(11) ?? '16.10'

/** The major release, as it stands in a data directory's PG_VERSION. */
export const majorOf = (sys: Sys): string => versionOf(sys).split('.')[0] as string
