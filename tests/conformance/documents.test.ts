/** Documents against the official schemas of the OCI; they lie outside the project and are skipped where missing. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { exportBundle } from '../../scripts/export-bundle.ts'
import { openSession, type Session } from '../../src/emulator/complete.ts'
import { bringAll } from '../../src/emulator/oci/catalogue/all.ts'
import {
  catalogueBlobs,
  catalogueIndex,
  catalogueRepositories,
  catalogueTags,
} from '../../src/emulator/oci/catalogue/index.ts'
import { type Digest, digestOf, parseDigest } from '../../src/emulator/oci/digest.ts'
import type { Index, Manifest } from '../../src/emulator/oci/image.ts'
import { Schemas } from './schema.ts'

const at = (name: string): string => fileURLToPath(new URL(`../../../shared/conformance/${name}`, import.meta.url))
const image = new Schemas(at('schemas/image-spec'))
const runtime = new Schemas(at('schemas/runtime-spec'))
const schemaOf: Readonly<Record<string, readonly [Schemas, string]>> = {
  'runtime-spec/config': [runtime, 'config-schema.json'],
  'runtime-spec/features': [runtime, 'features-schema.json'],
  'runtime-spec/state': [runtime, 'state-schema.json'],
  'image-spec/manifest': [image, 'image-manifest-schema.json'],
  'image-spec/descriptor': [image, 'content-descriptor.json'],
  'image-spec/config': [image, 'config-schema.json'],
  'image-spec/index': [image, 'image-index-schema.json'],
  'image-spec/layout': [image, 'image-layout-schema.json'],
}
interface Case {
  readonly suite: string
  readonly kind: string
  readonly name: string
  readonly valid: boolean
  readonly doc: string
}
/** What image-spec's validator asks beyond its schemas: descriptor.md on sha256, config.md on Env. */
function beyond(kind: string, doc: unknown): string[] {
  const d = doc as { digest?: string; config?: { Env?: string[] } }
  if (kind === 'descriptor' && d.digest?.startsWith('sha256:') && !parseDigest(d.digest))
    return ['digest: not sha256 in lower case']
  if (kind === 'config' && d.config?.Env?.some((e) => !e.includes('='))) return ['Env: not NAME=VALUE']
  return []
}
const there = existsSync(at('oci-documents.json'))

describe.skipIf(!there)('the validator (skipped where ../shared/conformance is missing)', () => {
  const { cases } = there
    ? (JSON.parse(readFileSync(at('oci-documents.json'), 'utf8')) as { cases: Case[] })
    : { cases: [] }
  test.each(
    cases.map((c) => [`${c.suite} ${c.kind} ${c.name}: ${c.valid ? 'valid' : 'not valid'}`, c] as const),
  )('%s', (_, c) => {
    const [schemas, file] = schemaOf[`${c.suite}/${c.kind}`] as readonly [Schemas, string]
    let complaints: string[]
    try {
      // The table's last document has some of the Go source behind it.
      const doc: unknown = JSON.parse(c.doc.replace(/\n`[\s\S]*$/, '\n'))
      complaints = [...schemas.check(file, doc), ...beyond(c.kind, doc)]
    } catch {
      complaints = ['not JSON']
    }
    expect(complaints.length === 0, complaints.join('\n')).toBe(c.valid)
  })
})

const json = <T>(digest: Digest): T => {
  const bytes = catalogueBlobs.get(digest) as Uint8Array
  expect(digestOf(bytes)).toBe(digest)
  return JSON.parse(new TextDecoder().decode(bytes)) as T
}
describe.skipIf(!there)('documents that the emulator writes', () => {
  bringAll()
  const names = catalogueRepositories()
  test.each(names)('%s: indexes, manifests, configurations', (name) => {
    for (const tag of catalogueTags(name) ?? []) {
      const top = catalogueIndex(name, tag)
      expect(image.check('content-descriptor.json', top)).toEqual([])
      const index = json<Index>(top?.digest as Digest)
      expect(image.check('image-index-schema.json', index)).toEqual([])
      for (const m of index.manifests) {
        const manifest = json<Manifest>(m.digest)
        expect(image.check('image-manifest-schema.json', manifest)).toEqual([])
        expect(image.check('config-schema.json', json(manifest.config.digest))).toEqual([])
        for (const l of manifest.layers) expect(catalogueBlobs.get(l.digest)?.length).toBe(l.size)
      }
    }
  })
  test('what docker build and docker save write', () => {
    const session = openSession()
    session.putFiles('/root/w', {
      Dockerfile:
        'FROM alpine\nLABEL a=b\nENV A=b\nEXPOSE 80 53/udp\nVOLUME /v\nUSER nobody\nWORKDIR /w\nSTOPSIGNAL SIGINT\nHEALTHCHECK --interval=5s CMD true\nENTRYPOINT ["sh"]\nCMD ["-c", "true"]\nRUN true\n',
    })
    const sh = (line: string): string => session.execute(['/bin/sh', '-c', line], { cwd: '/root/w' }).stdout
    sh('docker build -q -t t . && docker save t -o t.tar && mkdir x && tar -x -C x -f t.tar')
    const index = JSON.parse(sh('cat x/index.json')) as Index
    expect(image.check('image-index-schema.json', index)).toEqual([])
    expect(image.check('image-layout-schema.json', JSON.parse(sh('cat x/oci-layout')))).toEqual([])
    const blob = (digest: string): string => sh(`cat x/blobs/${digest.replace(':', '/')}`)
    const manifest = JSON.parse(blob(index.manifests[0]?.digest ?? '')) as Manifest
    expect(image.check('image-manifest-schema.json', manifest)).toEqual([])
    expect(image.check('config-schema.json', JSON.parse(blob(manifest.config.digest)))).toEqual([])
  })
  test('config.json of a container, and its state', () => {
    const dir = mkdtempSync(join(tmpdir(), 'bundle-'))
    try {
      exportBundle('alpine', dir)
      expect(runtime.check('config-schema.json', JSON.parse(readFileSync(join(dir, 'config.json'), 'utf8')))).toEqual(
        [],
      )
    } finally {
      rmSync(dir, { recursive: true })
    }
    const session = openSession()
    const state = session.execute([
      '/bin/sh',
      '-c',
      'runc --root /run/docker/runtime-runc/moby state $(docker run -d alpine sleep 100)',
    ]).stdout
    expect(runtime.check('state-schema.json', JSON.parse(state))).toEqual([])
  })
  test('config.json that dockerd writes for each option of its, and features of each runtime', () => {
    const session = openSession()
    const sh = (line: string): string => session.execute(['/bin/sh', '-c', line]).stdout
    // Without rslave: the real Docker writes this word as rootfsPropagation, which the schema doesn't know.
    for (const options of [
      '',
      '--privileged',
      '--cap-add SYS_PTRACE --cap-drop NET_RAW',
      '--cap-add ALL',
      '--cap-drop ALL',
      '--security-opt seccomp=unconfined',
      '--security-opt no-new-privileges',
      '--read-only --tmpfs /run:size=64m,noexec',
      '--memory 64m --memory-swap 128m --cpus 1.5 --cpuset-cpus 0-1 --pids-limit 50 --cpu-shares 512',
      '--ulimit nofile=1024:2048 --ulimit core=-1',
      '--sysctl net.ipv4.ip_forward=1 --sysctl kernel.msgmax=65536',
      '--pid host --network host --ipc host --uts host --cgroupns host',
      '--device /dev/null:/dev/nothing:r',
      '--init --user 1000:1000 --group-add 50',
      '--oom-score-adj 100 --shm-size 1m -v /srv -v /tmp:/t:ro',
    ]) {
      const id = sh(`docker run -d ${options} alpine sleep 1000`).trim()
      expect([options, id]).toEqual([options, expect.stringMatching(/^[0-9a-f]{64}$/)])
      const config = sh(`cat /run/containerd/io.containerd.runtime.v2.task/moby/${id}/config.json`)
      expect([options, runtime.check('config-schema.json', JSON.parse(config))]).toEqual([options, []])
      sh(`docker rm -f ${id}`)
    }
    for (const name of ['runc', 'crun', 'youki'])
      expect([name, runtime.check('features-schema.json', JSON.parse(sh(`${name} features`)))]).toEqual([name, []])
  })
  /** Every document of image-spec below a folder, by what it says of itself, and what the schemas say of it. */
  const checkAll = (
    session: Session,
    folder: string,
  ): { readonly seen: readonly string[]; readonly wrong: unknown[] } => {
    const sh = (line: string): string => session.execute(['/bin/sh', '-c', line]).stdout
    const seen = new Set<string>()
    const wrong: unknown[] = []
    for (const path of sh(`find ${folder} -type f -size -200k | sort`).split('\n').filter(Boolean)) {
      const text = sh(`cat ${path}`)
      if (!text.startsWith('{')) continue
      const doc = JSON.parse(text) as Partial<
        Index & Manifest & { rootfs: object; ociVersion: string; imageLayoutVersion: string }
      >
      const [kind, complaints] = doc.manifests
        ? ['index', image.check('image-index-schema.json', doc)]
        : doc.layers
          ? ['manifest', image.check('image-manifest-schema.json', doc)]
          : doc.rootfs
            ? ['config', image.check('config-schema.json', doc)]
            : doc.imageLayoutVersion
              ? ['layout', image.check('image-layout-schema.json', doc)]
              : doc.ociVersion
                ? ['bundle', runtime.check('config-schema.json', doc)]
                : ['', []]
      if (kind) seen.add(kind)
      if (complaints.length > 0) wrong.push([path, complaints])
    }
    return { seen: [...seen].sort(), wrong }
  }
  test('whatever docker and ctr leave in the content store, by pulls, builds of both builders, commit, import and load', () => {
    const session = openSession()
    session.putFiles('/root/w', {
      Dockerfile:
        'FROM alpine AS a\nRUN echo 1 > /a\nFROM alpine\nCOPY --from=a /a /a\nARG X=1\nONBUILD RUN true\nSHELL ["/bin/sh", "-c"]\nHEALTHCHECK NONE\nLABEL a="b c"\nMAINTAINER me\nVOLUME /v\nEXPOSE 1-3/udp\nSTOPSIGNAL 9\n',
    })
    const r = session.execute(
      [
        '/bin/sh',
        '-ec',
        `docker build -q -t one . ; printf 'FROM alpine\\nENV A=b\\n' | docker build -q -t two --platform linux/arm64 - ; DOCKER_BUILDKIT=0 docker build -q -t three --label q=r . 2>/dev/null
        docker run --name cc alpine sh -c 'echo x > /f; rm /etc/issue'
        docker commit -m said -a me -c 'CMD ["a"]' -c 'HEALTHCHECK CMD true' cc four; docker export cc | docker import -c 'ENV A=b' - five
        docker pull -q nginx:alpine; docker save one two three four five -o all.tar; docker rmi one; docker load -q -i all.tar; ctr images pull docker.io/library/busybox:latest >/dev/null`,
      ],
      { cwd: '/root/w' },
    )
    expect(r.stderr).toBe('')
    expect(checkAll(session, '/var/lib/containerd/io.containerd.content.v1.content')).toEqual({
      seen: ['config', 'index', 'manifest'],
      wrong: [],
    })
  })
  test('whatever podman and skopeo write: layouts of every form', () => {
    const session = openSession({ host: 'linux-podman' })
    session.putFiles('/tmp/w', {
      Containerfile: 'FROM alpine\nRUN echo 1 > /a\nENV A=b\nHEALTHCHECK CMD true\nEXPOSE 80\n',
    })
    const r = session.execute(
      [
        '/bin/sh',
        '-ec',
        `podman build -q -t one . >/dev/null; podman run --name cc one true; podman commit -q cc two >/dev/null
        for i in one two; do skopeo copy -q containers-storage:localhost/$i oci:/tmp/out/$i:x; skopeo copy -q containers-storage:localhost/$i dir:/tmp/out/d$i; done
        podman save -q --format oci-archive -o /tmp/out/t.tar one; mkdir /tmp/out/tar; tar -xf /tmp/out/t.tar -C /tmp/out/tar`,
      ],
      { cwd: '/tmp/w' },
    )
    expect(r.stderr).toBe('')
    expect(checkAll(session, '/tmp/out')).toEqual({ seen: ['config', 'index', 'layout', 'manifest'], wrong: [] })
  })
  test.each([
    [
      'linux-podman',
      'podman run -d --name a -p 8080:80 -v /tmp:/t:ro -m 64m alpine sleep 100; podman pod create p; podman run -d --pod p alpine sleep 100',
      '/',
    ],
    [
      'linux-server',
      'docker run -d --privileged alpine sleep 100; docker run -d --runtime runsc alpine sleep 100; docker run -d --runtime kata alpine sleep 100; docker run -d --gpus 0 alpine sleep 9; ctr run -d docker.io/library/alpine:latest x sleep 100',
      '/run',
    ],
  ] as const)('bundles of every engine on %s', (host, line, below) => {
    const session = openSession({ host })
    session.execute(['/bin/sh', '-c', line])
    const found = session
      .execute(['/bin/sh', '-c', `find ${below} -name config.json -path '*/*' 2>/dev/null`])
      .stdout.split('\n')
      .filter(Boolean)
    let bundles = 0
    for (const path of found) {
      const text = session.execute(['/bin/cat', path]).stdout
      if (!text.includes('"ociVersion"')) continue
      bundles++
      expect([path, runtime.check('config-schema.json', JSON.parse(text))]).toEqual([path, []])
    }
    expect(bundles).toBeGreaterThan(2)
  })
})
