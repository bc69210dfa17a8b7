import { describe, expect, test } from 'vitest'
import { checkBlocks, checkFront } from './form.ts'
import { readPage } from './page.ts'

const hosts = ['linux-server', 'windows-wsl2']
const front = (more = '') => `---\ntitle: T\ndescription: D.\nlastUpdated: 2026-11-21\n${more}---\n`
const page = (text: string) => readPage('en', 'a', 'en/a.mdx', text)
const said = (problems: readonly { readonly line: number; readonly text: string }[]) =>
  problems.map((p) => `${p.line}: ${p.text}`)

describe('front matter', () => {
  const found = (text: string) => said(checkFront([page(text)], hosts))
  test('a page with all of it', () => {
    expect(found(front())).toEqual([])
    expect(found(front('host: windows-wsl2\n'))).toEqual([])
  })
  test('none, or not closed', () => {
    expect(found('# Title')).toEqual([expect.stringMatching(/^1: the front matter is missing/)])
    expect(found('---\ntitle: T\n')).toEqual([expect.stringMatching(/^1: the front matter is missing/)])
  })
  test('what is missing or empty is named', () => {
    expect(found('---\ntitle:\nlastUpdated: 2026-11-21\n---\n')).toEqual([
      expect.stringMatching(/^2: the front matter has no title/),
      expect.stringMatching(/^1: the front matter has no description/),
    ])
  })
  test('a date that is none, a machine that is none', () => {
    expect(found(front().replace('2026-11-21', 'yesterday'))[0]).toMatch(/^4: lastUpdated: yesterday is no date/)
    expect(found(front('host: nope\n'))).toEqual([
      '5: there is no machine "nope": write one of linux-server, windows-wsl2',
    ])
  })
})

describe('blocks', () => {
  const found = (body: string, more = '') => said(checkBlocks([page(`${front(more)}${body}`)], hosts))
  const block = (lines: string, info = '') => `\`\`\`console${info}\n${lines}\n\`\`\`\n`
  test('commands after the prompt of their machine, on several lines too', () => {
    expect(found(block('$ ls\n$ cat <<END\n> x\n> END', ' fails'))).toEqual([])
    expect(found(block('PS> ls'), 'host: windows-wsl2\n')).toEqual([])
    expect(found(block('PS> ls', ' host=windows-wsl2 fails'))).toEqual([])
  })
  test('an output, or no prompt, with its line', () => {
    expect(found(block('$ ls\nbin etc'))).toEqual([expect.stringMatching(/^8: .*this line is none: bin etc/)])
    expect(found(block('PS> ls'))).toEqual([expect.stringMatching(/^7: /)])
  })
  test('an unknown machine, an unknown word', () => {
    expect(found(block('$ ls', ' host=nope'))).toEqual([expect.stringMatching(/^6: there is no machine "nope"/)])
    expect(found(block('$ ls', ' fail'))).toEqual([expect.stringMatching(/^6: "fail" means nothing/)])
  })
  test('a block that shows a block is left alone; one without an end is said', () => {
    expect(found('````md\n```console\nls\n```\n````\n')).toEqual([])
    expect(found('text\n\n```sh\nls\n')).toEqual(["8: this block doesn't end: close it with a line ```"])
  })
})
