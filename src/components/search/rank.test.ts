import { expect, test } from 'vitest'
import { rank, type Scored } from './rank.ts'

const scored = (url: string, page: string, title: string, score: number): Scored => ({
  section: { url, meta: { page, title, text: '' } },
  score,
})
const order = (all: readonly Scored[], asked: readonly string[]): readonly string[] =>
  rank(all, asked).map((page) => (page[0]?.url ?? '').replace(/#.*/, ''))

test('a page that is called what was asked for comes first', () => {
  const all = [scored('/ja/process/', 'プロセス', 'プロセス', 2), scored('/ja/cgroups/', 'cgroup', 'cgroup', 1)]
  expect(order(all, ['cgroup'])[0]).toBe('/ja/cgroups/')
})
test('several sections that answer count for more than one', () => {
  const all = [scored('/a/#x', 'A', 'x', 1.1), scored('/b/#x', 'B', 'x', 1), scored('/b/#y', 'B', 'y', 1)]
  expect(order(all, ['q'])[0]).toBe('/b/')
})
test('lists of terms come after pages that explain', () => {
  const all = [
    scored('/ja/glossary/#runc', '用語集', 'ほか', 2),
    scored('/ja/low-level-runtimes/', '低レベルランタイム', '', 1),
  ]
  expect(order(all, ['q'])[0]).toBe('/ja/low-level-runtimes/')
})
test('unless a list is asked for by its name', () => {
  const all = [
    scored('/ja/faq/', 'よくある質問', 'よくある質問', 1),
    scored('/ja/first-container/#questions', 'はじめてのコンテナ', 'よくある三つの質問', 1.5),
  ]
  expect(order(all, ['よくある質問'])[0]).toBe('/ja/faq/')
})
test('a question that is the one asked comes before pages that mention its words', () => {
  const all = [
    scored('/en/faq/#podman', 'FAQ', 'How do Docker and Podman differ?', 1),
    scored('/en/oci/#tools', 'OCI', 'Tools', 1.2),
  ]
  expect(order(all, ['docker vs podman'])[0]).toBe('/en/faq/')
  expect(order(all, ['podman'])[0]).toBe('/en/oci/')
})
test('a section that was written down as the answer comes first, though others say more of it', () => {
  const answer: Scored = {
    section: {
      url: '/en/first/#run',
      meta: { page: 'First', title: 'Start', text: '', asked: 'docker run\ndocker ps' },
    },
    score: 1,
  }
  const all = [scored('/en/b/#x', 'B', 'x', 2), scored('/en/b/#y', 'B', 'y', 2), answer]
  expect(order(all, ['docker run'])[0]).toBe('/en/first/')
  expect(order(all, ['docker'])[0]).toBe('/en/b/')
})
