/** WordPress, Jenkins and RabbitMQ on Docker Hub: applications that keep their data in a volume, and what their entry points do to it. */
import type { Program } from '../../kernel/linux/abi.ts'
import type { TarEntry } from '../tar.ts'
import { alpineRoot, withUsers } from './alpine.ts'
import { type Arch, bulk, dir, file, program } from './files.ts'
import { bring, PATH, type Recipe } from './index.ts'

/** The tools of a base system, without Alpine's own files. */
const base = (arch: Arch): TarEntry[] => alpineRoot('3.22.2', arch).filter((e) => !/os-release|alpine|apk/.test(e.path))

const wordpressEntry = `#!/bin/sh
set -eu
if [ "$1" = apache2-foreground ]; then
  uid="$(id -u)"
  user=www-data
  group=www-data
  # A directory that belongs to root was likely made by Docker.
  if [ "$uid" = 0 ] && [ "$(stat -c %u:%g .)" = 0:0 ]; then
    chown "$user:$group" .
  fi
  if [ ! -e index.php ] && [ ! -e wp-includes/version.php ]; then
    echo >&2 "WordPress not found in $PWD - copying now..."
    if [ -n "$(find . -mindepth 1 -maxdepth 1 ! -name wp-content)" ]; then
      echo >&2 "WARNING: $PWD is not empty! (copying anyhow)"
    fi
    tar --create --file - --directory /usr/src/wordpress --owner "$user" --group "$group" . | tar --extract --file -
    echo >&2 "Complete! WordPress has been successfully copied to $PWD"
  fi
fi
exec "$@"
`
const source = (path: string): TarEntry => file(`usr/src/wordpress/${path}`, `<?php // ${path}\n`, 0o644, 33)
const wordpress: Recipe = (arch) => ({
  created: '2026-10-21T22:30:00Z',
  config: {
    ExposedPorts: { '80/tcp': {} },
    Env: [PATH, 'APACHE_DOCUMENT_ROOT=/var/www/html'],
    Entrypoint: ['docker-entrypoint.sh'],
    Cmd: ['apache2-foreground'],
    WorkingDir: '/var/www/html',
    Volumes: { '/var/www/html': {} },
    StopSignal: 'SIGWINCH',
  },
  layers: [
    { createdBy: 'COPY rootfs / # buildkit', entries: base(arch) },
    {
      createdBy: 'RUN install apache2 php wordpress # buildkit',
      entries: [
        ...withUsers('www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n', 'www-data:x:33:\n'),
        program('usr/bin/tar', arch, 'gnu/tar', 531_000),
        program('usr/local/bin/apache2-foreground', arch, 'apache2-foreground', 790_000),
        bulk('usr/lib/apache2.bin', 640_000_000),
        ...['usr/src', 'usr/src/wordpress', 'usr/src/wordpress/wp-admin', 'usr/src/wordpress/wp-includes'].map((d) =>
          dir(d, 0o755, 33),
        ),
        dir('usr/src/wordpress/wp-content', 0o755, 33),
        ...['index.php', 'wp-login.php', 'wp-settings.php', 'wp-admin/index.php', 'wp-includes/version.php'].map(
          source,
        ),
        source('wp-content/index.php'),
        dir('var/www'),
        dir('var/www/html', 0o1777, 33),
        file('usr/local/bin/docker-entrypoint.sh', wordpressEntry, 0o755),
      ],
    },
  ],
})

const jenkinsEntry = `#!/bin/sh -e
: "\${JENKINS_HOME:="/var/jenkins_home"}"
: "\${COPY_REFERENCE_FILE_LOG:="\${JENKINS_HOME}/copy_reference_file.log"}"
touch "\${COPY_REFERENCE_FILE_LOG}" || { echo "Can not write to \${COPY_REFERENCE_FILE_LOG}. Wrong volume permissions?"; exit 1; }
echo "--- Copying files at $(date)" >> "$COPY_REFERENCE_FILE_LOG"
if [ $# -lt 1 ] || [ "\${1#-}" != "$1" ]; then
  exec java -Duser.home="$JENKINS_HOME" -jar /usr/share/jenkins/jenkins.war "$@"
fi
exec "$@"
`
const jenkins: Recipe = (arch) => ({
  created: '2026-10-15T10:00:00Z',
  config: {
    User: 'jenkins',
    ExposedPorts: { '8080/tcp': {}, '50000/tcp': {} },
    Env: [
      'PATH=/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'JENKINS_HOME=/var/jenkins_home',
      'COPY_REFERENCE_FILE_LOG=/var/jenkins_home/copy_reference_file.log',
      'JENKINS_VERSION=2.528.2',
    ],
    Entrypoint: ['/usr/local/bin/jenkins.sh'],
    WorkingDir: '/',
    Volumes: { '/var/jenkins_home': {} },
  },
  layers: [
    { createdBy: 'COPY rootfs / # buildkit', entries: base(arch) },
    {
      createdBy: 'RUN install jenkins # buildkit',
      entries: [
        ...withUsers('jenkins:x:1000:1000::/var/jenkins_home:/bin/bash\n', 'jenkins:x:1000:\n'),
        ...['opt/java', 'opt/java/openjdk', 'opt/java/openjdk/bin', 'usr/share/jenkins'].map((d) => dir(d)),
        program('opt/java/openjdk/bin/java', arch, 'java/jenkins', 12_500),
        bulk('opt/java/openjdk/modules.bin', 132_000_000),
        bulk('usr/share/jenkins/jenkins.war', 93_000_000),
        dir('var/jenkins_home', 0o755, 1000),
        file('usr/local/bin/jenkins.sh', jenkinsEntry, 0o755),
      ],
    },
  ],
})

const rabbitmqEntry = `#!/bin/sh
set -eu
if [ "$1" = rabbitmq-server ] && [ "$(id -u)" = 0 ]; then
  find /var/lib/rabbitmq ! -user rabbitmq -exec chown rabbitmq '{}' +
  exec su-exec rabbitmq "$0" "$@"
fi
exec "$@"
`
const rabbitmq: Recipe = (arch) => ({
  created: '2026-10-20T02:00:00Z',
  config: {
    ExposedPorts: { '4369/tcp': {}, '5671/tcp': {}, '5672/tcp': {}, '15691/tcp': {}, '15692/tcp': {}, '25672/tcp': {} },
    Env: [PATH, 'RABBITMQ_DATA_DIR=/var/lib/rabbitmq', 'RABBITMQ_VERSION=4.2.1', 'HOME=/var/lib/rabbitmq'],
    Entrypoint: ['docker-entrypoint.sh'],
    Cmd: ['rabbitmq-server'],
    WorkingDir: '/',
    Volumes: { '/var/lib/rabbitmq': {} },
  },
  layers: [
    { createdBy: 'COPY rootfs / # buildkit', entries: base(arch) },
    {
      createdBy: 'RUN install erlang rabbitmq # buildkit',
      entries: [
        ...withUsers('rabbitmq:x:100:101:Linux User,,,:/var/lib/rabbitmq:/sbin/nologin\n', 'rabbitmq:x:101:\n'),
        program('sbin/su-exec', arch, 'su-exec', 14_000),
        program('usr/local/bin/rabbitmq-server', arch, 'rabbitmq-server', 7_000),
        bulk('usr/lib/erlang.bin', 148_000_000),
        dir('var/lib/rabbitmq', 0o777, 100, 101),
        file('usr/local/bin/docker-entrypoint.sh', rabbitmqEntry, 0o755),
      ],
    },
  ],
})

/** The part `images/applications`: it hands its images to the registries. */
export const applicationImages: Program = function* () {
  bring({
    'library/wordpress': { latest: wordpress, '6': wordpress, '6.8': wordpress },
    'library/rabbitmq': { latest: rabbitmq, '4': rabbitmq, '4.2': rabbitmq },
    'jenkins/jenkins': { latest: jenkins, lts: jenkins },
  })
  return 0
}
