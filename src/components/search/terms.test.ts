import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  covers,
  exactTerms,
  excerpt,
  indexTerms,
  normalize,
  queryParts,
  queryTerms,
  shareOf,
  variants,
} from './terms.ts'

const finds = (text: string, query: string): boolean => {
  const words = indexTerms(text)
  return queryTerms(query).every((term) => words.some((word) => word.startsWith(term)))
}

describe('a query finds a text', () => {
  test.each([
    ['ハイパーバイザ型の仮想化', 'ハイパーバイザー'],
    ['ハイパーバイザーとは', 'ハイパーバイザ'],
    ['docker run を実行します', 'ｄｏｃｋｅｒ　ｒｕｎ'],
    ['名前空間で分離する', '名前空間'],
    ['プロセスを分離するしくみ', 'プロセス 分離'],
    ['起動時間は短い', '起動時間'],
    ['the --memory flag', '--memory'],
    ['config.json を読む', 'config.json'],
    ['サンドボックス', 'サンドボックスとは'],
    ['仮想マシン', '仮想マシン'],
    ['層', '層'],
    ['一層目', '層目'],
    ['Namespaces', 'namespace'],
  ])('%s / %s', (text, query) => {
    expect(finds(text, query)).toBe(true)
  })
  test.each([
    ['プロセスの一覧', 'プロセス分離'],
    ['起動する', '起動時間'],
    ['コンテナ', 'コンテキスト'],
  ])('but not %s / %s', (text, query) => {
    expect(finds(text, query)).toBe(false)
  })
})

describe('what is written in code is one word', () => {
  const exactly = (text: string, query: string): boolean => {
    const words = new Set(indexTerms(text))
    const asked = exactTerms(query)
    return asked.length > 0 && asked.every((word) => words.has(word))
  }
  test.each([
    ['docker run --memory=256m nginx', '--memory'],
    ['docker run -d nginx; docker exec web sh', 'docker exec'],
    ['docker compose up -d', 'docker compose up'],
    ['`memory.max` に書く', 'memory.max'],
    ['PS> Get-VM', 'get-vm'],
    ['docker run --network host nginx', '--network host'],
  ])('%s / %s', (text, query) => expect(exactly(text, query)).toBe(true))
  test.each([
    ['the memory of a host', '--memory'],
    ['docker stop; runc exec', 'docker exec'],
    ['get a VM', 'Get-VM'],
    ['docker compose down', 'docker compose up'],
    ['no code', 'code'],
  ])('but not %s / %s', (text, query) => expect(exactly(text, query)).toBe(false))
})

test('small words of a question aren’t asked for, unless there are no others', () => {
  expect(queryTerms('How do I limit the memory of a container?')).toEqual(['limit', 'memory', 'container'])
  expect(queryTerms('what is it')).toEqual(['what', 'is', 'it'])
})

test('a title covers a query that has two telling words or more, all of them its own', () => {
  expect(covers('How do Docker and Podman differ?', 'docker vs podman')).toBe(true)
  expect(covers('DockerとPodmanは、どう違いますか', 'DockerとPodmanの違い')).toBe(true)
  expect(covers('How do Docker and Podman differ?', 'podman')).toBe(false)
  expect(covers('How do Docker and Podman differ?', 'docker and containerd')).toBe(false)
})

test('every part of a Japanese word finds it', () => {
  const characters = fc.constantFrom(...'名前空間仮想化基盤コンテナイメージ')
  fc.assert(
    fc.property(fc.array(characters, { minLength: 2, maxLength: 12 }), fc.nat(), fc.nat(), (all, a, b) => {
      const from = a % (all.length - 1)
      const part = all.slice(from, from + 2 + (b % (all.length - from - 1)))
      expect(finds(all.join(''), part.join(''))).toBe(true)
    }),
  )
})

test('spelling a text anew changes nothing the second time', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => normalize(normalize(text)) === normalize(text)))
})

test('other names of a thing are asked for too, whole words only', () => {
  const groups = [
    ['名前空間', 'namespace', 'ネームスペース'],
    ['runc', 'ランシー'],
  ]
  expect(variants('ネームスペースとは', groups)).toEqual(['ネムスペスとは', '名前空間とは', 'namespaceとは'])
  expect(variants('runcmd', groups)).toEqual(['runcmd'])
})

test('an excerpt shows the words asked for', () => {
  const e = excerpt(`${'あ'.repeat(300)}サーバーのメモリ${'い'.repeat(300)}`, 'サーバ')
  expect(e.text).toContain('サーバーのメモリ')
  expect(e.marks.map(([a, b]) => e.text.slice(a, b))).toEqual(['サーバー'])
  expect(excerpt('plain', '').marks).toEqual([])
})

describe('a query names', () => {
  const groups = [['名前空間', 'namespace']]
  const said = (text: string): readonly string[] => indexTerms(text)
  test.each([
    ['known names whole, with their other names', '名前空間の種類', ['名前空間', 'namespace', '種類']],
    ['options as one word too', '--memory', ['--memory', 'memory']],
    ['what is left, up to where the script changes', 'コンテナ脱獄', ['コンテナ', '脱獄']],
    ['the halves of a long compound', '配布仕様', ['配布仕様', '配布', '仕様']],
    ['nothing by words that only ask', 'what is a コマンドの使い方', []],
  ])('%s', (_, query, wanted) => {
    const names = queryParts(query, groups).flat()
    for (const name of wanted)
      expect(names.some((words) => words.every((word) => said(name).includes(word)))).toBe(true)
    expect(names.length).toBe(wanted.length)
  })
  test('no word twice by one name, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (query) =>
        queryParts(query, groups).every(
          (part) => part.length > 0 && part.every((words) => new Set(words).size === words.length && words.length > 0),
        ),
      ),
    )
  })
})

test('an answer to a part of a query counts by how much of it that is', () => {
  expect(shareOf('docker exec', 'exec docker')).toBe(1)
  expect(shareOf('docker exec', 'docker exec shell')).toBeGreaterThan(0.5)
  expect(shareOf('docker exec', 'exec')).toBe(0)
  // What every page has says less than what few have.
  expect(shareOf('docker', 'docker exec')).toBeLessThan(shareOf('exec', 'docker exec'))
})
