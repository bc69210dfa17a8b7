/** registry:2, and the Windows base images: index entries that a Linux engine can't use. */
import type { Program } from '../../kernel/linux/abi.ts'
import { dir, file, program } from './files.ts'
import { alpineLayer, bring, once, PATH, type Recipe } from './index.ts'

const registry2: Recipe = (arch) => ({
  created: '2024-10-01T20:50:00Z',
  config: {
    ExposedPorts: { '5000/tcp': {} },
    Env: [PATH],
    Entrypoint: ['/entrypoint.sh'],
    Cmd: ['/etc/docker/registry/config.yml'],
    Volumes: { '/var/lib/registry': {} },
  },
  layers: [
    alpineLayer('3.18.12', arch),
    once(`registry2/${arch}`, () => ({
      createdBy: 'COPY registry /bin/registry # buildkit',
      entries: [program('bin/registry', arch, 'registry', 17_200_000)],
    })),
    once(`registry2-config/${arch}`, () => ({
      createdBy: 'COPY ./config-example.yml /etc/docker/registry/config.yml # buildkit',
      entries: [
        dir('etc/docker'),
        dir('etc/docker/registry'),
        file(
          'etc/docker/registry/config.yml',
          'version: 0.1\nlog:\n  fields:\n    service: registry\nstorage:\n  cache:\n    blobdescriptor: inmemory\n  filesystem:\n    rootdirectory: /var/lib/registry\nhttp:\n  addr: :5000\n  headers:\n    X-Content-Type-Options: [nosniff]\nhealth:\n  storagedriver:\n    enabled: true\n    interval: 10s\n    threshold: 3\n',
        ),
      ],
    })),
    once(`registry2-entry/${arch}`, () => ({
      createdBy: 'COPY docker-entrypoint.sh /entrypoint.sh # buildkit',
      entries: [
        file(
          'entrypoint.sh',
          '#!/bin/sh\n\nset -e\n\ncase "$1" in\n    *.yaml|*.yml) set -- registry serve "$@" ;;\n    serve|garbage-collect|help|-*) set -- registry "$@" ;;\nesac\n\nexec "$@"\n',
          0o755,
        ),
      ],
    })),
  ],
  steps: [
    'VOLUME [/var/lib/registry]',
    'EXPOSE map[5000/tcp:{}]',
    'ENTRYPOINT ["/entrypoint.sh"]',
    'CMD ["/etc/docker/registry/config.yml"]',
  ],
})

export const rareImages: Program = function* () {
  bring({ 'library/registry': { latest: registry2, '2': registry2, '2.8.3': registry2 } })
  return 0
}
