/** Debian and Ubuntu, and what is built on them: node and python. Programs are there; what isn't emulated says so. */
import type { Program } from '../../kernel/linux/abi.ts'
import type { ImageRecipe, LayerRecipe, RunConfig } from '../image.ts'
import type { TarEntry } from '../tar.ts'
import { type Arch, bulk, dir, file, link, notEmulated, program } from './files.ts'
import { alpineLayer, bring, once, PATH, type Recipe } from './index.ts'

/** Programs of coreutils, grep, sed, tar, gzip, findutils, util-linux and hostname. */
const programs =
  'arch base64 basename cat chgrp chmod chown comm cp cut date dd df dirname du echo env expand expr factor false find fold grep gunzip gzip head hostname id install kill ln ls md5sum mkdir mkfifo mknod mktemp more mount mv nice nl nohup nproc od paste printenv printf pwd readlink realpath rm rmdir sed seq sha1sum sha256sum shuf sleep sort split stat stty sync tac tail tar tee test timeout touch tr true truncate tty uname uniq umount unlink wc which whoami xargs yes'
const users =
  'root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\nbin:x:2:2:bin:/bin:/usr/sbin/nologin\nsys:x:3:3:sys:/dev:/usr/sbin/nologin\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n'
const groups = 'root:x:0:\ndaemon:x:1:\nbin:x:2:\nsys:x:3:\nwww-data:x:33:\nnogroup:x:65534:\n'

interface Release {
  readonly id: 'debian' | 'ubuntu'
  readonly version: string
  readonly codename: string
  readonly pretty: string
  /** Bytes of the whole root. */
  readonly size: number
  readonly more?: readonly TarEntry[]
}
const osRelease = (r: Release): string =>
  r.id === 'debian'
    ? `PRETTY_NAME="${r.pretty}"\nNAME="Debian GNU/Linux"\nVERSION_ID="${r.version.split('.')[0]}"\nVERSION="${r.version.split('.')[0]} (${r.codename})"\nVERSION_CODENAME=${r.codename}\nDEBIAN_VERSION_FULL=${r.version}\nID=debian\nHOME_URL="https://www.debian.org/"\nSUPPORT_URL="https://www.debian.org/support"\nBUG_REPORT_URL="https://bugs.debian.org/"\n`
    : `PRETTY_NAME="${r.pretty}"\nNAME="Ubuntu"\nVERSION_ID="${r.version}"\nVERSION="${r.version} LTS"\nVERSION_CODENAME=${r.codename}\nID=ubuntu\nID_LIKE=debian\nHOME_URL="https://www.ubuntu.com/"\nSUPPORT_URL="https://help.ubuntu.com/"\nBUG_REPORT_URL="https://bugs.launchpad.net/ubuntu/"\nUBUNTU_CODENAME=${r.codename}\n`
function root(r: Release, arch: Arch): readonly TarEntry[] {
  const triplet = arch === 'amd64' ? 'x86_64-linux-gnu' : 'aarch64-linux-gnu'
  const tools = programs.split(' ').map((n) => program(`usr/bin/${n}`, arch, 'busybox', 60_000))
  const entries: TarEntry[] = [
    ...'boot dev etc home media mnt opt proc run srv sys usr usr/bin usr/lib usr/local usr/local/bin usr/sbin usr/share var var/cache var/lib var/lib/dpkg var/log'
      .split(' ')
      .map((p) => dir(p)),
    dir(`usr/lib/${triplet}`),
    dir('root', 0o700),
    dir('tmp', 0o1777),
    dir('var/tmp', 0o1777),
    link('bin', 'usr/bin'),
    link('lib', 'usr/lib'),
    link('sbin', 'usr/sbin'),
    link('var/run', '/run'),
    program('usr/bin/bash', arch, 'sh', 1_298_416),
    program('usr/bin/dash', arch, 'sh', 129_736),
    link('usr/bin/sh', 'dash'),
    ...tools,
    ...['apt', 'apt-get', 'dpkg'].map((n) => notEmulated(`usr/bin/${n}`, n, 68_000)),
    file('etc/os-release', osRelease(r)),
    ...(r.id === 'debian'
      ? [file('etc/debian_version', `${r.version}\n`)]
      : [
          file(
            'etc/lsb-release',
            `DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=${r.version}\nDISTRIB_CODENAME=${r.codename}\nDISTRIB_DESCRIPTION="${r.pretty}"\n`,
          ),
        ]),
    file('etc/passwd', users),
    file('etc/group', groups),
    file('etc/hostname', 'debuerreotype\n'),
    file('etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n'),
    file('etc/shells', '/bin/sh\n/bin/bash\n'),
    file('root/.bashrc', '# ~/.bashrc: executed by bash(1) for non-login shells.\n'),
  ]
  const used = entries.reduce((n, e) => n + (e.data?.size ?? 0), 0)
  return [
    ...entries,
    bulk(`usr/lib/${triplet}/libc.so.6`, 2_003_408, 0o755),
    bulk('usr/share/rest-of-the-packages', r.size - used - 2_003_408),
  ]
}
const layer = (r: Release, arch: Arch): LayerRecipe =>
  once(`${r.id}/${r.version}/${r.size}/${arch}`, () => ({
    createdBy:
      r.id === 'debian'
        ? `# debian.sh --arch '${arch}' out/ '${r.codename}' '@1794787200'`
        : 'ADD file:ubuntu-rootfs in / ',
    entries: root(r, arch),
  }))
const distribution =
  (r: Release): Recipe =>
  (arch) => ({
    created: '2026-11-03T00:00:00Z',
    config: { Env: [PATH], Cmd: [r.id === 'debian' ? 'bash' : '/bin/bash'] },
    layers: [layer(r, arch)],
    steps: r.id === 'debian' ? ['CMD ["bash"]'] : ['CMD ["/bin/bash"]'],
  })

const trixie: Release = {
  id: 'debian',
  version: '13.2',
  codename: 'trixie',
  pretty: 'Debian GNU/Linux 13 (trixie)',
  size: 120_000_000,
}
const trixieSlim: Release = { ...trixie, size: 78_600_000 }
const bookworm: Release = {
  id: 'debian',
  version: '12.12',
  codename: 'bookworm',
  pretty: 'Debian GNU/Linux 12 (bookworm)',
  size: 117_000_000,
}
const bookwormSlim: Release = { ...bookworm, size: 74_800_000 }
const noble: Release = {
  id: 'ubuntu',
  version: '24.04',
  codename: 'noble',
  pretty: 'Ubuntu 24.04.3 LTS',
  size: 78_100_000,
}
const resolute: Release = {
  id: 'ubuntu',
  version: '26.04',
  codename: 'resolute',
  pretty: 'Ubuntu 26.04 LTS',
  size: 80_300_000,
}

interface Language {
  readonly name: string
  readonly program: string
  readonly version: string
  readonly says: string
  readonly bytes: number
  readonly config: RunConfig
}
const language =
  (l: Language, base: (arch: Arch) => readonly LayerRecipe[]): Recipe =>
  (arch): Omit<ImageRecipe, 'platform'> => ({
    created: '2026-11-04T01:22:33Z',
    config: l.config,
    layers: [
      ...base(arch),
      once(`${l.name}/${l.version}/${l.bytes}/${arch}`, () => ({
        createdBy: `RUN /bin/sh -c set -eux; install ${l.name} ${l.version} # buildkit`,
        entries: [
          dir('usr/local/lib'),
          notEmulated(`usr/local/bin/${l.program}`, l.program, 6_000, l.says),
          ...(l.name === 'node' ? [program('usr/local/bin/npm', arch, 'npm', 2_300_000)] : []),
          bulk(`usr/local/lib/${l.name}.bin`, l.bytes),
        ],
      })),
    ],
    steps: [`CMD ["${l.config.Cmd?.join('" "')}"]`],
  })
const node = (version: string, bytes: number): Language => ({
  name: 'node',
  program: 'node',
  version,
  says: `v${version}`,
  bytes,
  config: { Env: [PATH, `NODE_VERSION=${version}`], Entrypoint: ['docker-entrypoint.sh'], Cmd: ['node'] },
})
const python = (version: string, bytes: number): Language => ({
  name: 'python',
  program: 'python3',
  version,
  says: `Python ${version}`,
  bytes,
  config: {
    Env: [
      'PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin',
      'LANG=C.UTF-8',
      `PYTHON_VERSION=${version}`,
    ],
    Cmd: ['python3'],
  },
})
const withEntry =
  (recipe: Recipe): Recipe =>
  (arch) => {
    const made = recipe(arch)
    return {
      ...made,
      layers: [
        ...made.layers,
        once(`node-entry/${arch}`, () => ({
          createdBy: 'COPY docker-entrypoint.sh /usr/local/bin/ # buildkit',
          entries: [
            file(
              'usr/local/bin/docker-entrypoint.sh',
              '#!/bin/sh\nset -e\nif [ "${1#-}" != "${1}" ] || [ -z "$(command -v "${1}")" ]; then\n  set -- node "$@"\nfi\nexec "$@"\n',
              0o755,
            ),
          ],
        })),
      ],
    }
  }
const full = (arch: Arch): LayerRecipe[] => [
  layer(bookworm, arch),
  once(`buildpack/${arch}`, () => ({
    createdBy:
      'RUN /bin/sh -c set -eux; apt-get update; apt-get install -y --no-install-recommends autoconf automake gcc git make # buildkit',
    entries: [bulk('usr/lib/buildpack-deps.bin', 800_000_000)],
  })),
]
const slim = (arch: Arch): LayerRecipe[] => [layer(bookwormSlim, arch)]
const small = (arch: Arch): LayerRecipe[] => [alpineLayer('3.22.2', arch)]

/** What act runs jobs in: Ubuntu with the tools of a hosted runner, of which docker is the one that is emulated. */
const actRunner: Recipe = (arch) => ({
  created: '2026-10-01T02:11:09Z',
  config: { Env: [PATH, 'ImageOS=ubuntu24'], Cmd: ['/bin/bash'], WorkingDir: '/' },
  layers: [
    layer(noble, arch),
    once(`act/${arch}`, () => ({
      createdBy: 'RUN /bin/bash -c "/imagegenerator/build.sh" # buildkit',
      entries: [
        program('usr/bin/docker', arch, 'docker', 41_000_000),
        program('usr/bin/npm', arch, 'npm', 2_300_000),
        bulk('opt/acttoolcache.bin', 1_240_000_000),
      ],
    })),
  ],
  steps: ['CMD ["/bin/bash"]'],
})
const images = (): Parameters<typeof bring>[0] => {
  const d13 = distribution(trixie)
  const d12 = distribution(bookworm)
  const u26 = distribution(resolute)
  const u24 = distribution(noble)
  const node24 = withEntry(language(node('24.11.0', 205_000_000), full))
  const node24slim = withEntry(language(node('24.11.0', 152_000_000), slim))
  const node24alpine = withEntry(language(node('24.11.0', 152_000_000), small))
  const python313 = language(python('3.13.9', 73_000_000), full)
  const python313slim = language(python('3.13.9', 45_000_000), slim)
  const python313alpine = language(python('3.13.9', 38_000_000), small)
  return {
    'library/debian': {
      latest: d13,
      '13': d13,
      trixie: d13,
      'trixie-slim': distribution(trixieSlim),
      '12': d12,
      bookworm: d12,
      'bookworm-slim': distribution(bookwormSlim),
    },
    'library/ubuntu': { latest: u26, '26.04': u26, '24.04': u24, noble: u24 },
    'catthehacker/ubuntu': { 'act-latest': actRunner, 'act-24.04': actRunner },
    'library/node': {
      latest: node24,
      lts: node24,
      '24': node24,
      '24-slim': node24slim,
      '24-alpine': node24alpine,
      alpine: node24alpine,
    },
    'library/python': {
      latest: python313,
      '3': python313,
      '3.13': python313,
      '3.13-slim': python313slim,
      slim: python313slim,
      '3.13-alpine': python313alpine,
      alpine: python313alpine,
    },
  }
}
export const debianImages: Program = function* () {
  bring(images())
  return 0
}
