/** MySQL and MariaDB on Docker Hub: images whose data must lie on a file system with locks. */
import type { Program } from '../../kernel/linux/abi.ts'
import { alpineRoot, withUsers } from './alpine.ts'
import { bulk, dir, program } from './files.ts'
import { bring, PATH, type Recipe } from './index.ts'

const image =
  (name: string, daemon: string, size: number): Recipe =>
  (arch) => ({
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
        entries: alpineRoot('3.22.2', arch).filter((e) => !/os-release|alpine|apk/.test(e.path)),
      },
      {
        createdBy: `RUN install ${daemon} # buildkit`,
        entries: [
          ...withUsers('mysql:x:999:999:mysql:/var/lib/mysql:/bin/false\n', 'mysql:x:999:\n'),
          program(`usr/sbin/${daemon}`, arch, daemon, 58_000_000),
          bulk(`usr/lib/${name}.bin`, size),
          dir('var/lib/mysql', 0o1777, 999),
        ],
      },
    ],
  })
/** The part `images/databases`: it hands its images to the registries. */
export const databaseImages: Program = function* () {
  const mysql = image('mysql', 'mysqld', 610_000_000)
  const mariadb = image('mariadb', 'mariadbd', 290_000_000)
  bring({
    'library/mysql': { latest: mysql, '8': mysql, '8.4': mysql },
    'library/mariadb': { latest: mariadb, '11': mariadb, '11.8': mariadb },
  })
  return 0
}
