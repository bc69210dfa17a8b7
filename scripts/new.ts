/** Makes a new document in both languages, or a lab, from a template: `npm run new -- page NAME`. Writes nothing where a file is in the way. */
import { existsSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))

function fail(message: string): never {
  console.error(`new: ${message}`)
  process.exit(2)
}

interface Words {
  readonly title: string
  readonly description: string
  readonly opening: string
  readonly first: string
  readonly body: string
  readonly check: string
  readonly next: string
  /** A question, a wrong answer and why, the right answer and why. */
  readonly quiz: readonly [string, string, string, string, string]
}
const words: Readonly<Record<'ja' | 'en', Words>> = {
  ja: {
    title: '題',
    description: 'このページで何がわかるかを、一文で書きます。',
    opening: '何の話かを述べます。このページを読み終えると、何ができるようになるかを書きます。',
    first: '最初の節',
    body: '本文。数値には[^limits]のように出典を付けます。',
    check: '確かめよう',
    next: '次に読む',
    quiz: ['問い', '誤った答え', 'なぜ違うのか。', '正しい答え', 'なぜそうなのか。'],
  },
  en: {
    title: 'Title',
    description: 'What the page tells, in a sentence.',
    opening: 'What this is about. After this page you can do what?',
    first: 'First section',
    body: 'Text. A figure has its source, as here.[^limits]',
    check: 'Check yourself',
    next: 'Where next',
    quiz: ['Question?', 'A wrong answer', 'Why it is wrong.', 'The right answer', 'Why it is right.'],
  },
}

function template(w: Words): string {
  const [question, wrong, why, right, because] = w.quiz
  const item = (n: number): string =>
    `${n}. ${question}\n   - [ ] ${wrong}\n     - ${why}\n   - [x] ${right}\n     - ${because}\n`
  return `---
title: ${w.title}
description: ${w.description}
host: linux-server
lastUpdated: ${new Date().toISOString().slice(0, 10)}
---
import Diagram from '../../../components/Diagram.astro'
import Quiz from '../../../components/Quiz.astro'
import Terminal from '../../../components/Terminal.astro'

${w.opening}

<Diagram scene="stack" host="linux-server" />

<Terminal host="linux-server" />

## ${w.first} [#first]

${w.body}

\`\`\`console
$ docker run --rm alpine echo hello
\`\`\`

## ${w.check} [#check]

<Quiz>
${item(1)}${item(2)}${item(3)}</Quiz>

## ${w.next} [#next]

[...](../glossary/)
`
}

const labTemplate = `# A ready-made lab: npm run check:content and npm run unit -- src/components/lab say whether every step does what it says.
host: linux-server
chapter: first-container
pictures: [stack]
title: { ja: 題, en: Title }
goal:
  ja: この実験で何を確かめるのかを、一文で書きます。
  en: What this lab shows, in a sentence.
steps:
  - say: { ja: 何をして、どこを見るのか。, en: What is done and what to look at. }
    run: docker run --rm alpine echo hello
    shows: [hello]
  - say: { ja: 失敗するはずのもの。, en: One that should fail. }
    run: docker run --rm alpine false
    status: 1
end:
  ja: わかったこと。
  en: What was found.
`
const kinds = {
  page: {
    files: (name: string) =>
      (['ja', 'en'] as const).map((language) => ({
        path: `src/content/docs/${language}/${name}.mdx`,
        text: template(words[language]),
      })),
    next: (name: string) =>
      `Now write both, and add '${name}' to a group of the sidebar in astro.config.mjs. npm run dev shows the pages, npm run links registers their headings, npm run check:content says what is missing.`,
  },
  lab: {
    files: (name: string) => [{ path: `src/content/labs/${name}.yaml`, text: labTemplate }],
    next: (name: string) =>
      `Now write it. npm run dev shows it at /en/lab/${name}/, npm run links registers it, npm run unit -- src/components/lab runs it.`,
  },
}

const [kind = '', name, ...rest] = process.argv.slice(2)
if (!(kind === 'page' || kind === 'lab') || name === undefined || rest.length > 0)
  fail('usage: npm run new -- page NAME, or npm run new -- lab NAME')
if (!/^[a-z][a-z0-9-]*$/.test(name)) fail(`"${name}" is no name for a ${kind}: small letters, figures and hyphens`)
const files = kinds[kind].files(name)
const there = files.filter((f) => existsSync(f.path))
if (there.length > 0) fail(`already there: ${there.map((f) => f.path).join(', ')}`)
for (const { path, text } of files) {
  writeFileSync(path, text)
  console.log(path)
}
console.log(kinds[kind].next(name))
