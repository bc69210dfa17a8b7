/** MySQL and MariaDB on Docker Hub: images whose data must lie on a file system with locks. */
import { buildImage, buildIndex } from '../image.ts'
import { alpineRoot, withUsers } from './alpine.ts'
import { type Arch, bulk, dir, program } from './files.ts'
import { catalogueBlobs, offer } from './index.ts'

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
for (const [name, daemon, tags, size] of [
  ['mysql', 'mysqld', ['latest', '8', '8.4'], 610_000_000],
  ['mariadb', 'mariadbd', ['latest', '11', '11.8'], 290_000_000],
] as const) {
  const build = (architecture: Arch) =>
    buildImage(catalogueBlobs, {
      platform: { architecture, os: 'linux' },
      created: '2026-10-20T20:00:00Z',
      config: {
        Env: [PATH],
        Cmd: [daemon],
        ExposedPorts: { '3306/tcp': {} },
        Volumes: { '/var/lib/mysql': {} },
        WorkingDir: '/',
      },
      layers: [
        {
          createdBy: 'COPY rootfs / # buildkit',
          entries: alpineRoot('3.22.2', architecture).filter((e) => !/os-release|alpine|apk/.test(e.path)),
        },
        {
          createdBy: `RUN install ${daemon} # buildkit`,
          entries: [
            ...withUsers('mysql:x:999:999:mysql:/var/lib/mysql:/bin/false\n', 'mysql:x:999:\n'),
            program(`usr/sbin/${daemon}`, architecture, daemon, 58_000_000),
            bulk(`usr/lib/${name}.bin`, size),
            dir('var/lib/mysql', 0o1777, 999),
          ],
        },
      ],
    })
  for (const tag of tags)
    offer(`library/${name}`, tag, () => buildIndex(catalogueBlobs, [build('amd64'), build('arm64')]))
}
