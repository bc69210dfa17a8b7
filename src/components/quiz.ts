/** Counts the questions of a quiz whose first opened answer was the right one, and says so. */
class Quiz extends HTMLElement {
  connectedCallback(): void {
    const questions = [...this.querySelectorAll('.zk-question')]
    const first = new Map<Element, boolean>()
    const say = (): void => {
      const score = this.querySelector('.zk-score')
      if (!score) return
      const right = [...first.values()].filter(Boolean).length
      score.textContent = (this.dataset['score'] ?? '')
        .replace('{right}', String(right))
        .replace('{all}', String(questions.length))
    }
    for (const question of questions)
      question.addEventListener(
        'toggle',
        (event) => {
          const answer = event.target as HTMLDetailsElement
          if (!answer.open || first.has(question)) return
          first.set(question, answer.dataset['right'] === 'yes')
          say()
        },
        // "toggle" doesn't bubble.
        { capture: true },
      )
  }
}
customElements.define('zukan-quiz', Quiz)
