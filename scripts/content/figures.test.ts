import { describe, expect, test } from 'vitest'
import { checkFigures } from './figures.ts'
import { type Language, readPage } from './page.ts'

const page = (body: string, language: Language = 'en', name = 'a') =>
  readPage(language, name, `${language}/${name}.mdx`, `---\ntitle: T\nlastUpdated: 2026-11-21\n---\n${body}`)
const found = (body: string, language: Language = 'en') =>
  checkFigures([page(body, language)]).map((p) => `${p.line}: ${/^"(.*?)"/.exec(p.text)?.[1]}`)

describe('what counts as a figure', () => {
  test('times, sizes, shares, multiples, years, releases, in both languages', () => {
    expect(found('It took 47 ms, 4.1 MB, 95 % and 14 times as long in 2015, with 1.25.3.')).toEqual([
      '5: 47 ms',
      '5: 4.1 MB',
      '5: 95 %',
      '5: 14 times',
      '5: 2015',
      '5: 1.25.3',
    ])
    expect(found('2015年に47ミリ秒、4.1 MB、95%、14倍、1.25.3でした。', 'ja')).toHaveLength(6)
  })
  test('a number of things from ten on, in figures', () => {
    expect(found('It keeps 14 capabilities.')).toEqual(['5: 14'])
    expect(found('About 44 of more than 300 are refused, and more than 20 took part.')).toEqual([
      '5: 44',
      '5: 300',
      '5: 20',
    ])
    expect(found('There are 65,536 user ids, 272 people.')).toEqual(['5: 65,536', '5: 272'])
    expect(
      found('14個が残り、300を超える呼び出しのうち44個を拒み、従業員は250人、1000万ドルまで。', 'ja'),
    ).toHaveLength(5)
    expect(found('Two capabilities, 9 capabilities, twenty companies.')).toEqual([])
    expect(found('9個、20番目、二十社。', 'ja')).toEqual([])
  })
  test('a release with two numbers, unless a unit makes it a size', () => {
    expect(found('Podman 6.1 and Kubernetes 1.24 took 4.1 MB in 1.2 s.')).toEqual([
      '5: 4.1 MB',
      '5: 1.2 s',
      '5: 6.1',
      '5: 1.24',
    ])
    expect(found('Podman 6.1は4.1 MB、Linux 5.6から。', 'ja')).toHaveLength(3)
    expect(found('HTTP/1.1, v1.2, nginx:1.25, 10.0.0.1 and 2.x.')).toEqual([])
  })
  test('a single thing, a port, an id, a sum or a part of a name is none', () => {
    expect(found('One second, 1 byte, port 8080, CVE-2019-5736, RC2019, 172.17.0.2.')).toEqual([])
    expect(found('Port 80 is, user 100000 has files, Windows 10 and 11 take it, 137 is 128 plus 9.')).toEqual([])
    expect(found('Version 18 refuses to start, Engine 29 prints it, and exit code 137 means it.')).toEqual([])
    expect(found('1秒、1バイト、8080番、4分の1、CVE-2019-5736。', 'ja')).toEqual([])
  })
  test('code is left alone, and the month of the page’s own revision', () => {
    expect(found('`sleep 30 s` and\n\n```sh\nsleep 20 s\n```\n\nAs of 21 November 2026 and November 2026.')).toEqual([])
    expect(found('2026年11月の時点で。', 'ja')).toEqual([])
  })
})

describe('what answers for a figure', () => {
  test('a footnote in the same paragraph, list or table, not in the next paragraph', () => {
    expect(found('It took 47 ms.[^a]')).toEqual([])
    expect(found('- 47 ms\n- other[^a]')).toEqual([])
    expect(found('| a | 47 ms |\n| b[^a] | |')).toEqual([])
    expect(found('It took 47 ms.\n\nSomething else.[^a]')).toEqual(['5: 47 ms'])
  })
  test('a footnote in what introduces a table or list, or follows a table', () => {
    expect(found('As measured:[^a]\n\n| a | 47 ms |')).toEqual([])
    expect(found('| a | 47 ms |\n\nBy its authors.[^a]')).toEqual([])
    expect(found('As measured:[^a]\n\n- 47 ms')).toEqual([])
    expect(found('- 47 ms\n\nBy its authors.[^a]')).toEqual(['5: 47 ms'])
  })
  test('the same figure with a footnote elsewhere, here or on a page that is linked', () => {
    expect(found('47 ms.[^a]\n\n## H [#h]\n\nAgain 47 ms, and 48 ms.')).toEqual(['9: 48 ms'])
    const other = page('In 2017.[^a]', 'en', 'b')
    expect(checkFigures([page('See [b](../b/): 2017.'), other])).toEqual([])
    expect(checkFigures([page('In 2017.'), other])).toHaveLength(1)
  })
  test('a full release with a footnote answers for its first two numbers, not for others', () => {
    expect(found('1.1.0 is of 2024.[^a]\n\nSince 1.1 there is more, in 1.10 too.')).toEqual(['7: 1.10'])
    expect(found('Since 1.1.[^a]\n\nSince 1.1.1.')).toEqual(['7: 1.1.1'])
  })
  test('a number of the page’s code, but not a year', () => {
    expect(found('```console\n$ docker run --memory=256m alpine\n```\n\nThat is 256 MiB, and not 512 MiB.')).toEqual([
      '9: 512 MiB',
    ])
    expect(found('```sh\necho 2016\n```\n\nIn 2016.')).toEqual(['9: 2016'])
  })
  test('sizes, times and numbers of things of a quiz are cases; years and releases aren’t', () => {
    expect(found('<Quiz>\n1. With 6 GiB free?\n   - [x] In 2016\n</Quiz>')).toEqual(['7: 2016'])
    expect(found('<Quiz>\n1. A firm with 300 employees?\n   - [x] Since 6.1\n</Quiz>')).toEqual(['7: 6.1'])
  })
  test('a comment that says what the figure is', () => {
    expect(found('It prints 512 MiB. {/* figures: shown */}')).toEqual([])
    expect(found('{/* figures: ours */}\n\n| a | 512 MiB |')).toEqual([])
    expect(found('It prints 512 MiB. {/* figures: whatever */}')).toHaveLength(1)
  })
})
