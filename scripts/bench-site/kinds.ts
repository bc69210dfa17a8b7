/** Kinds of page that are measured, by their paths below a language. */
export const kinds: Readonly<Record<string, string>> = {
  home: '',
  chapter: 'process/',
  facts: 'history/',
  glossary: 'glossary/',
  teaching: 'teaching/',
}
