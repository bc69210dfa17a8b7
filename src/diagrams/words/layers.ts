import type { Language, SceneWords } from '../scene/types.ts'

interface Words extends SceneWords {
  readonly merged: string
  readonly mergedDetail: string
  readonly upper: string
  readonly lower: (n: number) => string
  readonly upperDetail: string
  readonly files: (n: number, size: string) => string
  readonly empty: string
  readonly kinds: Readonly<Record<'new' | 'copied' | 'whiteout', string>>
  readonly more: (n: number) => string
  readonly none: string
  readonly from: string
  readonly sees: string
}
export const words: Readonly<Record<Language, Words>> = {
  en: {
    name: 'Layers of a container’s files',
    caption:
      'The container sees one tree. Reading finds a file in the topmost layer that has it; writing first copies it up; deleting leaves a whiteout.',
    actions: {
      run: 'Start a container',
      write: 'Write a file of the image',
      remove: 'Delete a file of the image',
      make: 'Make a new file',
      rm: 'Remove it',
    },
    merged: 'What the container sees',
    mergedDetail: 'one tree, merged by overlayfs',
    upper: 'Writable layer',
    lower: (n) => `Image layer ${n}, read-only`,
    upperDetail: 'goes when the container is removed',
    files: (n, size) => `${n} ${n === 1 ? 'file' : 'files'}, ${size}`,
    empty: 'nothing written yet',
    kinds: { new: 'new here', copied: 'copied up, hides the one below', whiteout: 'whiteout: deleted' },
    more: (n) => `and ${n} more`,
    none: 'No container is running: no overlay is mounted',
    from: 'looks from the top down',
    sees: 'merged',
  },
  ja: {
    name: 'コンテナのファイルを成すレイヤー',
    caption:
      'コンテナには一本の木に見えます。読むときは、その名前を持ついちばん上のレイヤーのファイルが使われます。書くときはまず上へ写し、消すと「消えた」印(whiteout)が残ります。',
    actions: {
      run: 'コンテナを起動',
      write: 'イメージのファイルに書く',
      remove: 'イメージのファイルを消す',
      make: '新しいファイルを作る',
      rm: 'コンテナを削除',
    },
    merged: 'コンテナから見えるもの',
    mergedDetail: 'overlayfsが重ねた一本の木',
    upper: '書き込み可能なレイヤー',
    lower: (n) => `イメージのレイヤー${n}(読み取り専用)`,
    upperDetail: 'コンテナの削除とともに消える',
    files: (n, size) => `ファイル${n}個、${size}`,
    empty: 'まだ何も書かれていません',
    kinds: { new: 'ここで新規', copied: '写したもの。下を隠す', whiteout: 'whiteout: 削除の印' },
    more: (n) => `ほか${n}個`,
    none: '動作中のコンテナがなく、overlayのマウントもありません',
    from: '上から順に探す',
    sees: '重ね合わせ',
  },
}
