/** Bad input to what the command lines read: an answer or a message in the tool's words, never an exception. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openSession, type Session } from '../complete.ts'
import { fromHumanSize, humanDuration, humanSize, ramInBytes } from '../oci/units.ts'
import { parse as parseCmd, Unexpected } from './cmd/parse.ts'
import { CliError } from './docker/api.ts'
import { csvFields, parseMount, volumeSections } from './docker/mounts.ts'
import { parseExpose, parsePorts } from './docker/ports.ts'
import { sinceOf } from './docker/time.ts'
import { checkFlag, checkValue, isAddress, parseCpus, parseDuration, platformComplaint } from './docker/values.ts'
import { Parser } from './powershell/parser.ts'
import { ParseProblem } from './powershell/scanner.ts'

/** Runs it; only the given kind of failure may come out. */
function only(kind: new (...args: never[]) => unknown, act: () => unknown): void {
  try {
    act()
  } catch (e) {
    if (!(e instanceof kind)) throw e
  }
}
/** Texts that look like a value of a flag. */
const near = fc.oneof(fc.string(), fc.stringMatching(/^[-0-9a-z.:=,/"[\]%+ ]{0,24}$/))

describe('values of docker’s flags', () => {
  const types =
    'bytes int uint uint16 decimal duration mount ulimit network filter gpu-request string list map strings'.split(' ')
  const flags =
    'add-host attach dns env label link sysctl docker device-read-bps device-write-iops blkio-weight-device device-cgroup-rule dns-search'.split(
      ' ',
    )
  test('by their types and names', () =>
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.constantFrom(...flags), near, (type, flag, text) => {
        for (const said of [checkValue(type, text), checkFlag(flag, text)])
          expect(said === undefined || said.length > 0).toBe(true)
      }),
      { numRuns: 1500 },
    ))
  test('mounts, volumes, ports, addresses, platforms, CPUs, times', () =>
    fc.assert(
      fc.property(near, (text) => {
        parseMount(text)
        volumeSections(text)
        csvFields(text)
        only(CliError, () => parsePorts([text]))
        only(CliError, () => parseExpose([text]))
        only(CliError, () => sinceOf(text, 0, 'since'))
        isAddress(text)
        platformComplaint(text)
        parseCpus(text)
        parseDuration(text)
      }),
      { numRuns: 1500 },
    ))
  test('what csv has written is read as it was', () =>
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (fields) => {
        const line = fields.map((f) => `"${f.replace(/"/g, '""')}"`).join(',')
        expect(csvFields(line)).toEqual(fields)
      }),
    ))
  test('a mistake in a mount is told with its field', () => {
    expect(parseMount('type=bind,src=/a,dst=/b,x=1')).toEqual({ error: "unknown option 'x' in 'x=1'" })
    expect(csvFields('a,b"c')).toEqual({ error: 'parse error on line 1, column 4: bare " in non-quoted-field' })
  })
  test('sizes are read back as they are written', () =>
    fc.assert(
      fc.property(fc.nat(), near, (n, text) => {
        const back = fromHumanSize(humanSize(n, 12))
        expect(Math.abs((back ?? Number.NaN) - n)).toBeLessThanOrEqual(1)
        ramInBytes(text)
        expect(humanDuration(n)).not.toContain('NaN')
      }),
    ))
})

test('PowerShell and cmd refuse a line by an error of their own', () =>
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\w\s$(){}[\]@"'`|&;,.<>=%!^*-]{0,40}$/)), (text) => {
      only(ParseProblem, () => new Parser(text).program())
      only(Unexpected, () => parseCmd(text))
    }),
    { numRuns: 1500 },
  ))

/** Puts each of some texts into a file, runs a line on it, and sees that nothing broke. */
function feeds(s: Session, file: string, text: fc.Arbitrary<string>, line: string, numRuns: number): void {
  fc.assert(
    fc.property(text, (content) => {
      s.putFiles('/tmp/fuzz', { [file]: content })
      const r = s.execute(['/bin/sh', '-c', line], { cwd: '/tmp/fuzz', stdin: '', steps: 60_000 })
      expect(s.kernel.faults, content).toEqual([])
      // A failure says why.
      if (r.status !== 0) expect(`${r.stdout}${r.stderr}`, content).not.toBe('')
    }),
    { numRuns, seed: 3 },
  )
}
/** JSON that nearly is a document with the given keys. */
const document = (keys: readonly string[]): fc.Arbitrary<string> => {
  const leaf = fc.oneof(
    fc.constantFrom<unknown>('/', '', 'linux', 'bind', 'proc', -1, 0, 7, 1e99, true, null),
    fc.string({ maxLength: 6 }),
  )
  const tree = fc.object({ key: fc.constantFrom(...keys), values: [leaf], maxDepth: 4, maxKeys: 5 })
  return fc.oneof(
    fc.string(),
    tree.map((t) => JSON.stringify(t)),
    tree.map((t) => JSON.stringify(t).slice(0, -1)),
  )
}
describe('documents', () => {
  test('config.json of a runtime bundle', () => {
    const s = openSession()
    s.execute(['/bin/sh', '-c', 'mkdir -p /tmp/fuzz/rootfs'])
    const keys =
      'ociVersion process args env cwd user uid capabilities rlimits root path readonly mounts destination type source options linux namespaces resources memory limit hooks prestart hostname seccomp'.split(
        ' ',
      )
    feeds(s, 'config.json', document(keys), 'runc run x; crun run y; runc delete -f x; crun delete -f y', 60)
  })
  test('pods and containers for crictl', () => {
    const s = openSession({ host: 'k8s-node' })
    const keys = 'metadata name namespace uid attempt image command args linux security_context log_path mounts'.split(
      ' ',
    )
    feeds(s, 'pod.json', document(keys), 'crictl runp pod.json; crictl run pod.json pod.json', 40)
  })
  test('Kubernetes YAML for podman', () => {
    const s = openSession({ host: 'linux-podman' })
    const keys =
      'apiVersion kind metadata name spec containers image command ports containerPort hostPort volumes hostPath volumeMounts resources limits env'.split(
        ' ',
      )
    feeds(s, 'pod.yaml', document(keys), 'podman kube play --start=false pod.yaml', 40)
  })
  test('a Dockerfile', () => {
    const s = openSession()
    const word = fc.constantFrom(
      'FROM',
      'RUN',
      'COPY',
      ' ',
      '\n',
      '\\',
      'alpine',
      'as',
      'x',
      '<<EOF',
      '["',
      '"]',
      '$',
      '{a',
      '}',
      '--',
      '=',
      'ARG',
      'ENV',
      '#',
      'escape=`',
    )
    feeds(
      s,
      'Dockerfile',
      fc.array(word, { maxLength: 18 }).map((w) => w.join('')),
      'docker build -q .',
      60,
    )
  })
  test('a Compose file, with variables and merges', () => {
    const s = openSession()
    const keys =
      'services a image ports volumes environment depends_on condition extends env_file profiles deploy healthcheck test build x-a <<'.split(
        ' ',
      )
    feeds(s, 'compose.yaml', document(keys), 'docker compose config', 60)
  })
})

describe('words', () => {
  const words = fc.array(
    fc.oneof(
      fc.constantFrom(
        '-',
        '--',
        '-f',
        '--format',
        '{{',
        '{{.',
        'json',
        '-a',
        '-q',
        '--help',
        'nosuch',
        '',
        '=',
        '-x=',
        '--x=y',
        'a:b',
        '/',
      ),
      fc.string({ maxLength: 5 }),
    ),
    { maxLength: 5 },
  )
  const first: Readonly<Record<string, readonly (readonly [tool: string, commands: string])[]>> = {
    'linux-server': [
      ['ctr', 'images containers tasks run content snapshots namespaces plugins version'],
      ['runc', 'create run start list state kill delete ps exec spec events update pause features'],
      ['crun', 'create run start list state kill delete ps exec spec update'],
      ['nerdctl', 'run ps images pull rm rmi logs exec inspect network volume'],
    ],
    'linux-podman': [
      ['podman', 'run ps images pod volume network secret generate inspect logs exec build kube info'],
      ['buildah', 'from run copy config commit images containers inspect'],
      ['skopeo', 'inspect copy list-tags delete'],
    ],
    'k8s-node': [['crictl', 'pods ps images pull inspect exec logs runp create start stop rm stats info']],
  }
  test.each(Object.keys(first))('on %s', (host) => {
    const s = openSession({ host: host as 'linux-server' })
    const line = fc
      .constantFrom(...(first[host] as readonly (readonly [string, string])[]))
      .chain(([tool, list]) => fc.tuple(fc.constant(tool), fc.constantFrom(...list.split(' ')), words))
    fc.assert(
      fc.property(line, ([tool, command, rest]) => {
        s.execute(['/usr/bin/env', tool, command, ...rest], { stdin: '', steps: 60_000 })
        expect(s.kernel.faults, [tool, command, ...rest].join(' ')).toEqual([])
      }),
      { numRuns: 120, seed: 9 },
    )
  })
})
