import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fits, type Lab, LIMIT, makeLink, readLink, VERSION } from './link.ts'

const known = { hosts: ['linux-server', 'windows-lcow'], pictures: ['stack', 'layers', 'network'] }
const read = (query: string) => readLink(query, known)
const reason = (query: string): string => {
  const r = read(query)
  return r.ok ? 'opened' : r.refusal.reason
}

describe('a link is read', () => {
  test('with its host and commands, in order', () => {
    expect(read('?host=linux-server&run=docker+run+-d+nginx&run=docker%20ps')).toEqual({
      ok: true,
      lab: { host: 'linux-server', run: ['docker run -d nginx', 'docker ps'], files: [], pictures: [] },
    })
  })
  test('with nothing in it: a server', () => {
    expect(read('')).toEqual({ ok: true, lab: { host: 'linux-server', run: [], files: [], pictures: [] } })
  })
  test('with several lines in one command, as here-documents have', () => {
    const r = read('?run=cat+%3C%3CEOF%0D%0Aa%0AEOF%0A')
    expect(r.ok && r.lab.run).toEqual(['cat <<EOF\na\nEOF'])
  })
  test('with files and pictures', () => {
    const r = read('?picture=stack&picture=layers&file=app/Dockerfile=FROM+alpine%0ARUN%09true')
    expect(r.ok && [r.lab.pictures, r.lab.files]).toEqual([
      ['stack', 'layers'],
      [{ path: 'app/Dockerfile', text: 'FROM alpine\nRUN\ttrue' }],
    ])
  })
  test('with what is not ours left alone', () => {
    expect(reason('?utm_source=mail&theme=dark&lang=ja&x=%ff')).toBe('opened')
  })
  test('with markup as plain text', () => {
    const r = read('?run=%3Cscript%3Ealert(1)%3C/script%3E')
    expect(r.ok && r.lab.run).toEqual(['<script>alert(1)</script>'])
  })
})

describe('a link is refused with its reason', () => {
  test.each([
    ['of a later version', `?v=${VERSION + 1}&run=ls&how=else`, 'newer'],
    ['of no version', '?v=one', 'version'],
    ['of version 0', '?v=0', 'version'],
    ['longer than the limit', `?run=${'x'.repeat(LIMIT)}`, 'too-long'],
    ['of a megabyte', `?run=${'%41'.repeat(400_000)}`, 'too-long'],
    ['with a broken percent sign', '?run=100%', 'encoding'],
    ['with half a character', '?run=%E3%81', 'encoding'],
    ['with a name that cannot be decoded', '?%zz=1', 'encoding'],
    ['with an escape character', '?run=%1b%5B2J', 'control'],
    ['with a tab in a command, which completes words', '?run=a%09', 'control'],
    ['with a carriage return', '?run=ls%0Dreboot', 'control'],
    ['with a mark that turns the writing', '?run=ls+%E2%80%AEtxt', 'control'],
    ['with a character of no width', '?run=l%E2%80%8Bs', 'control'],
    ['for a host that is not there', '?host=mainframe', 'host'],
    ['for a host named as a property of objects', '?host=__proto__', 'host'],
    ['for a picture that is not there', '?picture=nope', 'picture'],
    ['for too many pictures', '?picture=stack&picture=layers&picture=network', 'pictures'],
    ['with a file that leads upwards', '?file=../etc/passwd=x', 'file'],
    ['with a file without content', '?file=Dockerfile', 'file'],
    ['with a file for a Windows machine', '?host=windows-lcow&file=a=b', 'file-host'],
  ])('%s', (_, query, expected) => {
    expect(reason(query)).toBe(expected)
  })
  test('and names what is at fault, in short', () => {
    const r = read(`?host=${'m'.repeat(300)}`)
    expect(r.ok || r.refusal.what.length).toBe(60)
  })
})

test('no text makes the reader throw', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => void read(text)))
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('%', '&', '=', '+', 'v', 'run', 'file', '1', '%e3', '%00')),
      (parts) => void read(parts.join('')),
    ),
  )
})
test('what is made is read back the same', () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((s) => s.trim() === s && s !== '')
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), fc.constantFrom(...known.hosts), (run, host) => {
      const lab: Lab = { host, run, files: [], pictures: ['stack'] }
      const query = makeLink(lab)
      const r = read(query)
      if (!r.ok) return r.refusal.reason === 'too-long' ? !fits(query) : r.refusal.reason === 'control'
      expect(r.lab).toEqual(lab)
      return true
    }),
  )
  const files: Lab = {
    host: 'linux-server',
    run: ["cat <<'E'\n100% + & # ? = \\ 日本語\nE"],
    files: [{ path: '/srv/a.txt', text: 'a=b\n\tc & d\n' }],
    pictures: [],
  }
  const r = read(makeLink(files))
  expect(r.ok && r.lab).toEqual(files)
})
test('a made link is readable', () => {
  const lab: Lab = {
    host: 'linux-server',
    run: ['docker run -d --name web nginx:1.25.3-alpine', 'docker ps'],
    files: [],
    pictures: [],
  }
  expect(makeLink(lab)).toBe('v=1&host=linux-server&run=docker+run+-d+--name+web+nginx:1.25.3-alpine&run=docker+ps')
})
