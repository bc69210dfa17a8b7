/** PostgreSQL on Docker Hub. */
import { withUsers } from './alpine.ts'
import { bulk, dir, file, program } from './files.ts'
import { alpineLayer, once, PATH, type Recipe } from './index.ts'

/** As docker-library/postgres has it; scripts of /docker-entrypoint-initdb.d aren't run. */
const postgresEntry = `#!/bin/sh
set -e
if [ "$1" = postgres ]; then
  if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA"
    chmod 00700 "$PGDATA" || :
    find "$PGDATA" ! -user postgres -exec chown postgres '{}' +
    exec su-exec postgres "$0" "$@"
  fi
  if [ ! -s "$PGDATA/PG_VERSION" ]; then
    if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
      cat >&2 <<'EOE'
Error: Database is uninitialized and superuser password is not specified.
       You must specify POSTGRES_PASSWORD to a non-empty value for the
       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".

       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all
       connections without a password. This is *not* recommended.

       See PostgreSQL documentation about "trust":
       https://www.postgresql.org/docs/current/auth-trust.html
EOE
      exit 1
    fi
    if [ "$PGDATA" = "/var/lib/postgresql/$PG_MAJOR/docker" ]; then
      old=
      for d in /var/lib/postgresql /var/lib/postgresql/data /var/lib/postgresql/*/docker; do
        if [ -s "$d/PG_VERSION" ]; then old="$old $d"; fi
      done
      if [ -z "$old" ] && grep -q ' /var/lib/postgresql/data ' /proc/self/mounts; then
        old=' /var/lib/postgresql/data (unused mount/volume)'
      fi
      if [ -n "$old" ]; then
        cat >&2 <<EOE
Error: in 18+, these Docker images are configured to store database data in a
       format which is compatible with "pg_ctlcluster" (specifically, using
       major-version-specific directory names).

       Counter to that, there appears to be PostgreSQL data in:
        $old

       The suggested container configuration for 18+ is to place a single mount
       at /var/lib/postgresql which will then place PostgreSQL data in a
       subdirectory, allowing usage of "pg_upgrade --link" without mount point
       boundary issues.
EOE
        exit 1
      fi
    fi
    initdb
    printf '\\nPostgreSQL init process complete; ready for start up.\\n\\n'
  else
    printf '\\nPostgreSQL Database directory appears to contain a database; Skipping initialization\\n\\n'
  fi
fi
exec "$@"
`
/** Where a release keeps its data: since 18 in a folder of its own version, below one volume for all of them. */
const placesOf = (version: string): { readonly data: string; readonly volume: string } => {
  const major = version.split('.')[0] as string
  return Number(major) < 18
    ? { data: '/var/lib/postgresql/data', volume: '/var/lib/postgresql/data' }
    : { data: `/var/lib/postgresql/${major}/docker`, volume: '/var/lib/postgresql' }
}
const postgres =
  (version: string, base: string, created: string): Recipe =>
  (arch) => ({
    created,
    config: {
      ExposedPorts: { '5432/tcp': {} },
      Env: [
        PATH,
        'LANG=en_US.utf8',
        `PG_MAJOR=${version.split('.')[0]}`,
        `PG_VERSION=${version}`,
        `PGDATA=${placesOf(version).data}`,
      ],
      Entrypoint: ['docker-entrypoint.sh'],
      Cmd: ['postgres'],
      WorkingDir: '/',
      Volumes: { [placesOf(version).volume]: {} },
      StopSignal: 'SIGINT',
    },
    layers: [
      alpineLayer(base, arch),
      once(`postgres/${version}/${arch}`, () => ({
        createdBy: 'RUN /bin/sh -c set -eux; apk add postgresql # buildkit',
        entries: [
          ...withUsers('postgres:x:70:70::/var/lib/postgresql:/bin/sh\n', 'postgres:x:70:\n'),
          program('usr/local/bin/postgres', arch, 'postgres', 9_400_000),
          program('usr/local/bin/psql', arch, 'psql', 780_000),
          program('usr/local/bin/pg_isready', arch, 'pg_isready', 70_000),
          program('usr/local/bin/initdb', arch, 'initdb', 180_000),
          program('sbin/su-exec', arch, 'su-exec', 14_000),
          bulk('usr/local/lib/postgresql/llvmjit.bin', 250_000_000),
          dir('var/lib/postgresql', placesOf(version).volume === '/var/lib/postgresql' ? 0o1777 : 0o755, 70),
          ...(placesOf(version).volume === '/var/lib/postgresql' ? [] : [dir('var/lib/postgresql/data', 0o1777, 70)]),
          file('usr/local/bin/docker-entrypoint.sh', postgresEntry, 0o755),
        ],
      })),
    ],
  })

const pg16 = postgres('16.10', '3.22.2', '2026-10-22T01:10:54Z')
const pg18 = postgres('18.6', '3.24.3', '2026-11-13T00:41:09Z')
/** `latest` stays with the release whose volume the chapters' older set-ups name. */
export const postgresTags: Readonly<Record<string, Recipe>> = {
  '16': pg16,
  '16-alpine': pg16,
  '18': pg18,
  '18-alpine': pg18,
  '18.6-alpine': pg18,
  latest: pg16,
}
