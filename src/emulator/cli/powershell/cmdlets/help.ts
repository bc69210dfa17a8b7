/** Cmdlets about commands. */
import { isErr } from '../../../base/errno.ts'
import type { Run } from '../../../kernel/linux/abi.ts'
import { entriesOf, objectName, windowsName } from '../../../userland/windows/paths.ts'
import { type Cmdlet, type Cmdlets, flag, type Given, rest, value } from '../cmdlet.ts'
import { like, PsObject, textOf, type Value } from '../values.ts'
import { aliases } from './index.ts'

const core = 'Microsoft.PowerShell.Core'
const entry = (CommandType: string, Name: string, Version: string, Source: string): PsObject =>
  new PsObject('System.Management.Automation.CommandInfo', { CommandType, Name, Version, Source }, Name)

function* programs(g: Given): Run<readonly PsObject[]> {
  const out: PsObject[] = []
  const seen = new Set<string>()
  for (const folder of (g.shell.environment.get('PATH') ?? '').split(';').filter(Boolean)) {
    const path = yield* objectName(g.sys, folder)
    const list = yield* entriesOf(g.sys, path)
    for (const e of isErr(list) ? [] : list)
      if (/\.exe$/i.test(e.name) && !seen.has(e.name)) {
        seen.add(e.name)
        out.push(entry('Application', e.name, '10.0.26100.1', windowsName(`${path}/${e.name}`)))
      }
  }
  return out
}
const syntax = (name: string, c: Cmdlet): string =>
  `${name} ${Object.entries(c.parameters)
    .map(([n, s]) =>
      s.kind === 'switch'
        ? `[-${n}]`
        : `[${s.position === undefined ? `-${n}` : `[-${n}]`} <Object${s.rest ? '[]' : ''}>]`,
    )
    .join(' ')} [<CommonParameters>]`

export const helpCmdlets: Cmdlets = {
  'Get-Command': {
    short: 'Gets all commands.',
    module: core,
    parameters: { Name: rest(0), Module: value(), CommandType: value(), Syntax: flag() },
    *run(g) {
      const all: PsObject[] = [
        ...Object.entries(aliases).map(([n, to]) => entry('Alias', `${n} -> ${to}`, '', '')),
        ...Object.entries(g.shell.cmdlets).map(([n, c]) =>
          entry('Cmdlet', n, c.module === 'Hyper-V' ? '2.0.0.0' : '3.1.0.0', c.module),
        ),
      ].sort((a, b) => (textOf(a.get('Name')).toLowerCase() < textOf(b.get('Name')).toLowerCase() ? -1 : 1))
      const module = g.text('Module')
      if (module !== undefined) return all.filter((c) => like(textOf(c.get('Source')), module))
      if (!g.has('Name')) return all
      const out: Value[] = []
      const known = [...all, ...(yield* programs(g))]
      for (const name of g.list('Name')) {
        const hits = known.filter((c) => {
          const n = textOf(c.get('Name')).replace(/ -> .*/, '')
          return like(n, name) || like(n.replace(/\.exe$/i, ''), name)
        })
        if (hits.length === 0 && !/[*?]/.test(name))
          yield* g.shell.fail(
            g.error(
              `The term '${name}' is not recognized as the name of a cmdlet, function, script file, or operable program. Check the spelling of the name, or if a path was included, verify that the path is correct and try again.`,
              `ObjectNotFound: (${name}:String) [Get-Command], CommandNotFoundException`,
              'CommandNotFoundException,Microsoft.PowerShell.Commands.GetCommandCommand',
            ),
          )
        out.push(...hits)
      }
      return out
    },
  },
  'Get-Help': {
    short: 'Displays information about PowerShell commands and concepts.',
    module: core,
    parameters: { Name: value(0), Examples: flag(), Full: flag() },
    *run(g) {
      const asked = g.text('Name')
      if (asked === undefined)
        return [
          '\nTOPIC\n    Windows PowerShell Help System\n\nSHORT DESCRIPTION\n    Displays help about Windows PowerShell cmdlets and concepts.\n\n    Get-Help <cmdlet-name>   shows what a cmdlet does\n    Get-Command              lists the cmdlets\n',
        ]
      const name =
        aliases[asked.toLowerCase()] ??
        Object.keys(g.shell.cmdlets).find((n) => n.toLowerCase() === asked.toLowerCase())
      const c = name === undefined ? undefined : g.shell.cmdlets[name]
      if (!name || !c)
        throw g.error(
          `Get-Help could not find ${asked} in a help file in this session. To download updated help topics type: "Update-Help".`,
          'ResourceUnavailable: (:) [Get-Help], HelpNotFoundException',
          'HelpNotFound,Microsoft.PowerShell.Commands.GetHelpCommand',
        )
      return [
        `\nNAME\n    ${name}\n\nSYNOPSIS\n    ${c.short}\n\n\nSYNTAX\n    ${syntax(name, c)}\n\n\nRELATED LINKS\n    ${c.module}\n`,
      ]
    },
  },
  'Get-Alias': {
    short: 'Gets the aliases for the current session.',
    module: 'Microsoft.PowerShell.Utility',
    parameters: { Name: value(0) },
    *run(g) {
      return Object.entries(aliases)
        .filter(([n]) => g.text('Name') === undefined || like(n, g.text('Name') as string))
        .map(([n, to]) => entry('Alias', `${n} -> ${to}`, '', ''))
    },
  },
}
