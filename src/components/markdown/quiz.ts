/**
 * remark plugin: the list inside `<Quiz>` becomes questions whose answers open (`<details>`), so that a quiz works without script.
 *
 *   1. Question?
 *      - [ ] An answer
 *        - Why it isn't right.
 *      - [x] The right answer
 *        - Why it is.
 */
import type { Node, VFile } from './nodes.ts'

const words = {
  ja: { right: '正解です。', wrong: '違います。' },
  en: { right: 'Right.', wrong: 'No.' },
}

export interface Limits {
  readonly questions: readonly [number, number]
  readonly answers: readonly [number, number]
}
const limits: Limits = { questions: [3, 5], answers: [2, 4] }

function paragraph(node: Node): Node[] {
  return node.children?.find((c) => c.type === 'paragraph')?.children ?? []
}
function listIn(node: Node, ordered: boolean): Node | undefined {
  return node.children?.find((c) => c.type === 'list' && c.ordered === ordered)
}
/** An mdast node that becomes the HTML element `tag`. */
function element(tag: string, properties: Record<string, unknown>, children: Node[]): Node {
  return { type: 'paragraph', children, data: { hName: tag, hProperties: properties } }
}

function answerOf(item: Node, language: 'ja' | 'en', file: VFile): Node {
  const why = listIn(item, false)?.children?.[0]
  if (typeof item.checked !== 'boolean')
    file.fail('an answer in a <Quiz> begins with "- [x] " if it is right, with "- [ ] " if not', item)
  if (!why) file.fail('an answer in a <Quiz> needs its explanation: one "- " below it, indented', item)
  const verdict = words[language][item.checked ? 'right' : 'wrong']
  return element('details', { className: ['zk-answer'], 'data-right': item.checked ? 'yes' : 'no' }, [
    element('summary', {}, paragraph(item)),
    element('p', {}, [
      { type: 'strong', children: [{ type: 'text', value: verdict }] },
      { type: 'text', value: ' ' },
      ...paragraph(why),
    ]),
  ])
}

function questionOf(item: Node, language: 'ja' | 'en', file: VFile): Node {
  const answers = listIn(item, false)?.children ?? []
  const [least, most] = limits.answers
  if (answers.length < least || answers.length > most)
    file.fail(`a question has ${least} to ${most} answers, this one has ${answers.length}`, item)
  const right = answers.filter((a) => a.checked === true).length
  if (right !== 1) file.fail(`a question has one right answer, marked "- [x]"; this one has ${right}`, item)
  return element('li', { className: ['zk-question'] }, [
    element('p', {}, paragraph(item)),
    ...answers.map((a) => answerOf(a, language, file)),
  ])
}

export function quiz() {
  return (tree: Node, file: VFile): void => {
    const language = /[\\/]ja[\\/]/.test(file.path ?? '') ? 'ja' : 'en'
    const visit = (node: Node): void => {
      if (node.type === 'mdxJsxFlowElement' && node.name === 'Quiz') {
        const list = listIn(node, true)
        const items = list?.children ?? []
        const [least, most] = limits.questions
        if (items.length < least || items.length > most)
          file.fail(
            `a <Quiz> holds a numbered list of ${least} to ${most} questions, this one has ${items.length}`,
            node,
          )
        node.children = [
          element(
            'ol',
            { className: ['zk-questions'] },
            items.map((i) => questionOf(i, language, file)),
          ),
        ]
        return
      }
      node.children?.forEach(visit)
    }
    visit(tree)
  }
}
