/** Redis on Docker Hub. */
import { withUsers } from './alpine.ts'
import { bulk, dir, file, program } from './files.ts'
import { alpineLayer, once, PATH, type Recipe } from './index.ts'

const redis =
  (version: string, base: string, created: string, size: number): Recipe =>
  (arch) => ({
    created,
    config: {
      ExposedPorts: { '6379/tcp': {} },
      Env: [PATH, `REDIS_VERSION=${version}`],
      Entrypoint: ['docker-entrypoint.sh'],
      Cmd: ['redis-server'],
      WorkingDir: '/data',
      Volumes: { '/data': {} },
    },
    layers: [
      alpineLayer(base, arch),
      once(`redis/${version}/${arch}`, () => ({
        createdBy: 'RUN /bin/sh -c set -eux; apk add redis # buildkit',
        entries: [
          ...withUsers('redis:x:999:1000:Linux User,,,:/home/redis:/sbin/nologin\n', 'redis:x:1000:\n'),
          program('usr/local/bin/redis-server', arch, 'redis-server', 3_380_000),
          program('usr/local/bin/redis-cli', arch, 'redis-cli', 1_190_000),
          bulk('usr/local/lib/redis.bin', size),
          dir('data', 0o755, 999, 1000),
          file(
            'usr/local/bin/docker-entrypoint.sh',
            '#!/bin/sh\nset -e\nif [ "${1#-}" != "$1" ]; then set -- redis-server "$@"; fi\nexec "$@"\n',
            0o755,
          ),
        ],
      })),
    ],
  })

const redis7 = redis('7.4.6', '3.22.2', '2026-10-20T18:02:11Z', 27_600_000)
// Since 8.0 the modules for search, JSON and time series are part of the server, which makes it larger.
const redis8 = redis('8.10.2', '3.24.3', '2026-10-21T20:31:40Z', 58_000_000)
/** `latest` stays with the release that the chapters' older set-ups were written for. */
export const redisTags: Readonly<Record<string, Recipe>> = {
  '7': redis7,
  '7-alpine': redis7,
  '8': redis8,
  '8-alpine': redis8,
  '8.10.2-alpine': redis8,
  latest: redis7,
}
