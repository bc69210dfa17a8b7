/**
 * GNU coreutils' complaints, where the program itself is busybox's: both do the same, and say it in other words. Each rule turns one
 * complaint into GNU's; what no rule knows stays as it is.
 */
type Rule = readonly [pattern: RegExp, gnu: string | ((match: RegExpExecArray, operands: readonly string[]) => string)]

export interface Words {
  readonly rules: readonly Rule[]
  /** What is missing where only the usage text was printed: `missing operand`. */
  readonly missing?: string
  /** Exit status of wrong options (1 otherwise), and of complaints about operands. */
  readonly usageStatus?: number
  readonly failure?: number
}
const E = '(?<why>[^\\n]+)'
const F = "'(?<file>[^\\n]*)'"
const rule = (pattern: string, gnu: Rule[1]): Rule => [new RegExp(`^${pattern}$`), gnu]

export const words: Readonly<Record<string, Words>> = {
  cat: {
    rules: [
      rule(`can't open ${F}: ${E}`, '$<file>: $<why>'),
      rule(`read error: ${E}`, (m, o) => `${o.at(-1) ?? '-'}: ${m.groups?.why}`),
    ],
  },
  rm: {
    missing: 'missing operand',
    rules: [
      rule(`can't (?:remove|stat) ${F}: ${E}`, "cannot remove '$<file>': $<why>"),
      rule(`${F} is a directory`, "cannot remove '$<file>': Is a directory"),
      rule(
        "can't remove '.' or '..'",
        (_, o) =>
          `refusing to remove '.' or '..' directory: skipping '${o.find((w) => /(^|\/)\.\.?\/*$/.test(w)) ?? '.'}'`,
      ),
    ],
  },
  cp: {
    missing: 'missing file operand',
    rules: [
      rule(`can't stat ${F}: ${E}`, "cannot stat '$<file>': $<why>"),
      rule(`omitting directory ${F}`, "-r not specified; omitting directory '$<file>'"),
      rule(
        `recursion detected, omitting directory ${F}`,
        (m, o) => `cannot copy a directory, '${o[0]}', into itself, '${m.groups?.file}'`,
      ),
      rule(`can't create directory ${F}: ${E}`, "cannot create directory '$<file>': $<why>"),
      rule(`can't create ${F}: ${E}`, "cannot create regular file '$<file>': $<why>"),
      rule(`can't open ${F}: ${E}`, "cannot open '$<file>' for reading: $<why>"),
      rule(`${F} is a directory`, "cannot overwrite directory '$<file>' with non-directory"),
      rule(
        `target ${F} is not a directory`,
        (m, o) => `cannot overwrite non-directory '${m.groups?.file}' with directory '${o[0]}'`,
      ),
      rule(`can't create link ${F}: ${E}`, "cannot create link '$<file>': $<why>"),
    ],
  },
  mv: {
    missing: 'missing file operand',
    rules: [
      rule(`can't rename ${F}: No such file or directory`, "cannot stat '$<file>': No such file or directory"),
      rule(
        `can't rename ${F}: Invalid argument`,
        (m, o) => `cannot move '${m.groups?.file}' to a subdirectory of itself, '${o.at(-1)}'`,
      ),
      rule(`can't rename ${F}: ${E}`, (m, o) => `cannot move '${m.groups?.file}' to '${o.at(-1)}': ${m.groups?.why}`),
      rule(`can't stat ${F}: ${E}`, "cannot stat '$<file>': $<why>"),
      rule(
        `${F} is a directory`,
        (m, o) => `cannot overwrite directory '${m.groups?.file}' with non-directory '${o[0]}'`,
      ),
    ],
  },
  mkdir: {
    missing: 'missing operand',
    rules: [
      rule(`can't create directory ${F}: ${E}`, 'cannot create directory ‘$<file>’: $<why>'),
      rule(`invalid mode ${F}`, 'invalid mode ‘$<file>’'),
    ],
  },
  rmdir: { missing: 'missing operand', rules: [rule(`${F}: ${E}`, "failed to remove '$<file>': $<why>")] },
  touch: {
    missing: 'missing file operand',
    rules: [
      rule(`invalid date ${F}`, 'invalid date format ‘$<file>’'),
      rule(`(?<file>.*): ${E}`, "cannot touch '$<file>': $<why>"),
    ],
  },
  ln: {
    missing: 'missing file operand',
    rules: [
      rule(
        `(?<file>.*): File exists`,
        (m, o) => `failed to create ${o.includes('-s') ? 'symbolic' : 'hard'} link '${m.groups?.file}': File exists`,
      ),
      rule(`(?<file>.*): No such file or directory`, (m, o) =>
        o.includes('-s')
          ? `failed to create symbolic link '${m.groups?.file}': No such file or directory`
          : `failed to access '${m.groups?.file}': No such file or directory`,
      ),
      rule(
        `(?<file>[^']*): ${E}`,
        (m, o) =>
          `failed to create ${o.includes('-s') ? 'symbolic' : 'hard'} link '${m.groups?.file}': ${m.groups?.why}`,
      ),
    ],
  },
  chmod: {
    missing: 'missing operand',
    rules: [
      rule(`invalid mode ${F}`, 'invalid mode: ‘$<file>’\n~'),
      rule(`(?<file>.*): Operation not permitted`, "changing permissions of '$<file>': Operation not permitted"),
      rule(`(?<file>.*): Read-only file system`, "changing permissions of '$<file>': Read-only file system"),
      rule(`(?<file>.*): ${E}`, "cannot access '$<file>': $<why>"),
    ],
  },
  ...Object.fromEntries(
    (['chown', 'chgrp'] as const).map((name) => [
      name,
      {
        missing: 'missing operand',
        rules: [
          rule(`unknown user (?<file>.*)`, 'invalid user: ‘$<file>’'),
          rule(`unknown group (?<file>.*)`, 'invalid group: ‘$<file>’'),
          rule(
            `(?<file>.*): (?<why>Operation not permitted|Read-only file system|Invalid argument)`,
            `changing ${name === 'chown' ? 'ownership' : 'group'} of '$<file>': $<why>`,
          ),
          rule(`(?<file>.*): ${E}`, "cannot access '$<file>': $<why>"),
        ],
      },
    ]),
  ),
  ...Object.fromEntries(
    (['head', 'tail'] as const).map((name) => [
      name,
      {
        rules: [
          rule(
            `invalid number ${F}`,
            (m, o) => `invalid number of ${o.some((w) => /^-c/.test(w)) ? 'bytes' : 'lines'}: ‘${m.groups?.file}’`,
          ),
          rule(`(?:can't open )?'?(?<file>.*?)'?: ${E}`, "cannot open '$<file>' for reading: $<why>"),
          rule('no files', ''),
        ],
      },
    ]),
  ),
  sort: {
    failure: 2,
    usageStatus: 2,
    rules: [rule(`(?:can't open )?'?(?<file>.*?)'?: ${E}`, 'cannot read: $<file>: $<why>')],
  },
  date: {
    rules: [
      rule(`invalid date ${F}`, 'invalid date ‘$<file>’'),
      rule(`can't stat ${F}: ${E}`, '$<file>: $<why>'),
      rule("can't set date: (?<why>.*)", 'cannot set date: $<why>'),
    ],
  },
  du: {
    rules: [
      rule(`can't open ${F}: ${E}`, "cannot read directory '$<file>': $<why>"),
      rule(`(?<file>.*): ${E}`, "cannot access '$<file>': $<why>"),
    ],
  },
  stat: { missing: 'missing operand', rules: [rule(`can't stat ${F}: ${E}`, "cannot statx '$<file>': $<why>")] },
  id: { rules: [rule(`unknown user (?<file>.*)`, '‘$<file>’: no such user')] },
  env: { usageStatus: 125, rules: [rule(`can't execute ${F}: ${E}`, '‘$<file>’: $<why>')] },
  sleep: { missing: 'missing operand', rules: [rule(`invalid number ${F}`, 'invalid time interval ‘$<file>’\n~')] },
  uname: { rules: [] },
}
