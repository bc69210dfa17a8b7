import { expect, test } from 'vitest'
import type { Spec } from './runtimespec.ts'
import { defaultSeccomp } from './seccompprofile.ts'
import { readSpec, writeSpec } from './specdocument.ts'

const spec = (more: object = {}, seccomp = defaultSeccomp('amd64', ['CAP_CHOWN'])): Spec => ({
  ociVersion: '1.3.0',
  process: { user: { uid: 0, gid: 0 }, args: ['echo', '"seccomp":null', '\0'], cwd: '/' },
  root: { path: 'rootfs' },
  mounts: [],
  linux: { namespaces: [], resources: {}, ...(seccomp ? { seccomp } : {}), maskedPaths: ['/proc/kcore'] },
  ...more,
})

test('a document is written as JSON writes it, whatever was written before', () => {
  const own = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['kcmp'], action: 'SCMP_ACT_ERRNO' }] }
  for (const s of [spec(), spec({ hostname: 'a' }), spec({}, own), spec({ hostname: 'b' })])
    expect(writeSpec(s)).toBe(JSON.stringify(s))
  const limit = spec({ process: { rlimits: [{ type: 'RLIMIT_CORE', hard: 2 ** 64, soft: 0 }] } })
  expect(writeSpec(limit)).toContain('"hard":18446744073709551615')
})
test('a document is read as JSON reads it, with rules seen before and others', () => {
  const first = JSON.stringify(spec())
  expect(readSpec(first)).toEqual(spec())
  expect(readSpec(first)).toEqual(spec())
  expect(readSpec(first).linux.seccomp).toBe(readSpec(JSON.stringify(spec({ hostname: 'b' }))).linux.seccomp)
  const { seccomp, ...bare } = spec().linux
  for (const other of [
    { ...spec(), linux: bare },
    { ...spec(), annotations: { seccomp: seccomp as never } },
    { annotations: { seccomp: seccomp as never }, ...spec(), linux: bare },
    { annotations: { seccomp: seccomp as never }, ...spec() },
    { x: '","seccomp":' + JSON.stringify(seccomp), ...spec() },
    { ...spec(), linux: { ...bare, seccomp: { ...seccomp, defaultAction: 'SCMP_ACT_LOG' } } },
    { ...spec(), linux: { seccomp, more: seccomp } },
  ])
    for (const turn of [1, 2])
      expect([turn, JSON.stringify(readSpec(JSON.stringify(other)))]).toEqual([turn, JSON.stringify(other)])
  expect(readSpec(first.replace('{"ociVersion"', ' {\n "ociVersion"'))).toEqual(spec())
  for (const wrong of [first.slice(0, -1), `${first}}`, first.replace('"mounts"', 'mounts')])
    expect(() => readSpec(wrong)).toThrow(SyntaxError)
  expect(readSpec('null')).toBe(null)
  expect(readSpec('{}')).toEqual({})
})
