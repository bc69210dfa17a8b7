/** What the first chapters use beside alpine: nginx, redis, postgres, busybox and hello-world. */
import type { Program } from '../../kernel/linux/abi.ts'
import type { RunConfig } from '../image.ts'
import { alpineRoot, withUsers } from './alpine.ts'
import { bulk, dir, file, link, program } from './files.ts'
import { alpineLayer, bring, once, PATH, type Recipe } from './index.ts'
import { postgresTags } from './postgres.ts'
import { redisTags } from './redis.ts'

const entrypoint = `#!/bin/sh
# Runs what lies in /docker-entrypoint.d, then the command.
set -e
if [ "$1" = nginx ] && [ -d /docker-entrypoint.d ]; then
  echo "$0: /docker-entrypoint.d/ is not empty, will attempt to perform configuration"
  for f in /docker-entrypoint.d/*.sh; do
    [ -x "$f" ] || continue
    echo "$0: Launching $f"
    "$f"
  done
  echo "$0: Configuration complete; ready for start up"
fi
exec "$@"
`
const nginx =
  (version: string, base: string, created: string): Recipe =>
  (arch) => ({
    created,
    config: {
      ExposedPorts: { '80/tcp': {} },
      Env: [PATH, `NGINX_VERSION=${version}`, 'PKG_RELEASE=1'],
      Entrypoint: ['/docker-entrypoint.sh'],
      Cmd: ['nginx', '-g', 'daemon off;'],
      WorkingDir: '/',
      StopSignal: 'SIGQUIT',
      Labels: { maintainer: 'NGINX Docker Maintainers <docker-maint@nginx.com>' },
    },
    layers: [
      alpineLayer(base, arch),
      once(`nginx/${version}/${arch}`, () => ({
        createdBy: 'RUN /bin/sh -c set -x && apk add nginx # buildkit',
        entries: [
          ...withUsers('nginx:x:101:101:nginx:/var/cache/nginx:/sbin/nologin\n', 'nginx:x:101:\n'),
          program('usr/sbin/nginx', arch, 'nginx', 1513720),
          dir('etc/nginx'),
          dir('etc/nginx/conf.d'),
          file(
            'etc/nginx/nginx.conf',
            `user  nginx;\nworker_processes  auto;\n\nerror_log  /var/log/nginx/error.log notice;\npid        /var/run/nginx.pid;\n\nevents {\n    worker_connections  1024;\n}\n\nhttp {\n    include       /etc/nginx/mime.types;\n    access_log  /var/log/nginx/access.log  main;\n    keepalive_timeout  65;\n    include /etc/nginx/conf.d/*.conf;\n}\n`,
          ),
          file(
            'etc/nginx/conf.d/default.conf',
            `server {\n    listen       80;\n    server_name  localhost;\n\n    location / {\n        root   /usr/share/nginx/html;\n        index  index.html index.htm;\n    }\n}\n`,
          ),
          file(
            'etc/nginx/mime.types',
            'types {\n    text/html html htm;\n    text/css css;\n    application/javascript js;\n}\n',
          ),
          dir('usr/share/nginx'),
          dir('usr/share/nginx/html'),
          file(
            'usr/share/nginx/html/index.html',
            '<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n<p>This page is served from inside a container.</p>\n</body>\n</html>\n',
          ),
          file(
            'usr/share/nginx/html/50x.html',
            '<!DOCTYPE html>\n<html>\n<head><title>Error</title></head>\n<body><h1>An error occurred.</h1></body>\n</html>\n',
          ),
          dir('var/cache/nginx', 0o755, 101),
          dir('var/log/nginx'),
          link('var/log/nginx/access.log', '/dev/stdout'),
          link('var/log/nginx/error.log', '/dev/stderr'),
          dir('docker-entrypoint.d'),
          bulk('usr/lib/nginx/modules.bin', 29_400_000, 0o755),
          bulk('usr/lib/libpcre2-8.so.0', 630_000, 0o755),
          bulk('usr/lib/libgd.so.3', 920_000, 0o755),
        ],
      })),
      once(`nginx-entry/${arch}`, () => ({
        createdBy: 'COPY docker-entrypoint.sh / # buildkit',
        entries: [file('docker-entrypoint.sh', entrypoint, 0o755)],
      })),
      once(`nginx-d/${arch}`, () => ({
        createdBy: 'COPY 10-listen-on-ipv6-by-default.sh /docker-entrypoint.d # buildkit',
        entries: [
          file('docker-entrypoint.d/20-envsubst-on-templates.sh', '#!/bin/sh\nexit 0\n', 0o755),
          file('docker-entrypoint.d/30-tune-worker-processes.sh', '#!/bin/sh\nexit 0\n', 0o755),
        ],
      })),
    ],
    steps: [
      'ENTRYPOINT ["/docker-entrypoint.sh"]',
      'EXPOSE map[80/tcp:{}]',
      'STOPSIGNAL SIGQUIT',
      'CMD ["nginx" "-g" "daemon off;"]',
    ],
  })
const busybox: Recipe = (arch) => ({
  created: '2026-09-26T21:31:42Z',
  config: { Env: [PATH], Cmd: ['sh'] } as RunConfig,
  layers: [
    once(`busybox/${arch}`, () => ({
      createdBy: 'ADD busybox.tar / # buildkit',
      entries: alpineRoot('3.22.2', arch).filter(
        (e) => !/^(lib|usr\/lib|sbin\/apk|etc\/(apk|os-release|alpine|ssl|issue))/.test(e.path),
      ),
    })),
  ],
})
const hello: Recipe = (arch) => ({
  created: '2025-08-08T19:05:17Z',
  config: { Env: [PATH], Cmd: ['/hello'], WorkingDir: '/' },
  layers: [
    once(`hello/${arch}`, () => ({
      createdBy: 'COPY hello / # buildkit',
      entries: [program('hello', arch, 'hello', 10_072)],
    })),
  ],
  steps: ['CMD ["/hello"]'],
})

const stable = nginx('1.30.6', '3.24.3', '2026-10-21T09:14:40Z')
/** Recipes by repository and tag, on docker.io. */
export const commonRepositories: Readonly<Record<string, Readonly<Record<string, Recipe>>>> = {
  'library/nginx': {
    '1.25.3-alpine': nginx('1.25.3', '3.18.5', '2023-11-01T22:08:08Z'),
    'stable-alpine': stable,
    '1.30.6-alpine': stable,
    alpine: stable,
    latest: stable,
  },
  'library/redis': redisTags,
  'library/postgres': postgresTags,
  'library/busybox': { latest: busybox, '1.37': busybox },
  'library/hello-world': { latest: hello },
}
export const commonImages: Program = function* () {
  bring(commonRepositories)
  return 0
}
