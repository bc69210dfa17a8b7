/** Cmdlets that ask a server of the web. */
import type { Run } from '../../../kernel/linux/abi.ts'
import { type Cmdlets, flag, type Given, value } from '../cmdlet.ts'
import { collapse, enumerate, PsObject, textOf, type Value } from '../values.ts'
import { fromJson } from './output.ts'

const parameters = { Uri: value(0), UseBasicParsing: flag(), Method: value(), OutFile: value(), TimeoutSec: value() }
/** What a GET answers. Throws a PsError where nobody does. */
function* request(g: Given): Run<PsObject> {
  for (const name of ['OutFile', 'Method'])
    if (g.has(name) && !/^get$/i.test(g.text(name) ?? ''))
      throw g.error(
        `zukan: not emulated: ${g.cmdlet} -${name}`,
        'NotImplemented: (:) [], RuntimeException',
        'NotEmulated',
      )

  const path = yield* g.shell.find('curl.exe')
  if (path === undefined)
    throw g.error(
      'Unable to connect to the remote server',
      `InvalidOperation: (:) [${g.cmdlet}], WebException`,
      `WebCmdletWebResponseException,Microsoft.PowerShell.Commands.${g.cmdlet.replace('-', '')}Command`,
    )
  const uri = g.text('Uri') ?? ''
  const lines = yield* g.shell.native(
    path,
    ['curl.exe', '-s', '-i', uri.includes('://') ? uri : `http://${uri}`],
    [],
    false,
    false,
  )
  const text = textOf(collapse(lines.map((l) => `${textOf(l)}\n`))).replace(/\n /g, '\n')
  const status = /^HTTP\/1\.1 (\d+) (.*)/.exec(textOf(lines[0] as Value))
  if (!status)
    throw g.error(
      'Unable to connect to the remote server',
      `InvalidOperation: (System.Net.HttpWebRequest:HttpWebRequest) [${g.cmdlet}], WebException`,
      `WebCmdletWebResponseException,Microsoft.PowerShell.Commands.${g.cmdlet.replace('-', '')}Command`,
    )
  const at = lines.findIndex((l) => textOf(l).trim() === '')
  g.shell.succeeded = true
  return new PsObject('Microsoft.PowerShell.Commands.BasicHtmlWebResponseObject', {
    StatusCode: Number(status[1]),
    StatusDescription: (status[2] ?? '').trim(),
    Content: lines
      .slice(at + 1)
      .map(textOf)
      .join('\n'),
    RawContent: text,
    RawContentLength: text.length,
  })
}
export const webCmdlets: Cmdlets = {
  'Invoke-WebRequest': {
    short: 'Gets content from a web page on the internet.',
    module: 'Microsoft.PowerShell.Utility',
    parameters,
    *run(g) {
      return [yield* request(g)]
    },
  },
  'Invoke-RestMethod': {
    short: 'Sends an HTTP or HTTPS request to a RESTful web service.',
    module: 'Microsoft.PowerShell.Utility',
    parameters,
    *run(g): Run<readonly Value[]> {
      const content = textOf((yield* request(g)).get('Content'))
      return enumerate(fromJson(content) ?? content)
    },
  },
}
