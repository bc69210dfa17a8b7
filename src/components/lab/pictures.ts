/** Pictures that a link asks for: made in the browser, drawn from the page's own machine as soon as something happens there. */
import { choiceOf, inputOf } from '../../diagrams/index.ts'
import { loadScene, type SceneName } from '../../diagrams/scene/index.ts'
import { figureMarkup } from '../diagram-markup.ts'
import '../diagram.ts'
import type { Language } from '../markdown/library.ts'
import { addressOf } from './place.ts'

/** Fills `place` with the pictures of these scenes, for the world of `host`. */
export async function showPictures(
  place: HTMLElement,
  names: readonly SceneName[],
  host: string,
  language: Language,
): Promise<void> {
  for (const name of names) {
    const module = await loadScene(name)
    const choice = choiceOf(module, undefined)
    const words = module.words[language]
    const figure = document.createElement('figure')
    figure.className = 'zk-diagram not-content'
    // Of a world that isn't there yet the scene draws nothing; diagram.ts boots its example and draws that, then follows the page's.
    figure.innerHTML = figureMarkup({
      name,
      module,
      scene: { ...module.scene(inputOf(undefined, choice), language) },
      host,
      language,
      choice,
      setup: '',
      world: undefined,
      actions: [],
      embed: addressOf(`${language}/embed/${name}/`, `host=${host}`),
      svg: '<svg class="zk-svg" viewBox="0 0 700 300" role="tree"></svg>',
    })
    figure.querySelector('svg')?.setAttribute('aria-label', words.name)
    place.append(figure)
    place.hidden = false
  }
}
