/** Cmdlets on processes, services, time and the web. */
import { isErr } from '../../../base/errno.ts'
import { SIGKILL } from '../../../kernel/linux/signals.ts'
import { ntProcesses, type ProcessInformation } from '../../../kernel/nt/abi.ts'
import { strftime } from '../../../userland/lib/time.ts'
import { type Cmdlets, flag, rest, value } from '../cmdlet.ts'
import { collapse, enumerate, isBlock, like, numberOf, PsObject, textOf, type Value } from '../values.ts'
import { services } from './services.ts'

const management = 'Microsoft.PowerShell.Management'

function processObject(p: ProcessInformation): PsObject {
  const ProcessName = p.name.replace(/\.exe$/i, '')
  return new PsObject(
    'System.Diagnostics.Process',
    {
      Handles: 40 + p.handles * 12 + p.threads * 8,
      PagedMemorySize: Math.round(p.memory * 0.8),
      WorkingSet: p.memory,
      WS: p.memory,
      PM: Math.round(p.memory * 0.8),
      CPU: p.time / 1e9,
      Id: p.pid,
      SI: p.session,
      ProcessName,
      Name: ProcessName,
      Threads: p.threads,
      CommandLine: p.commandLine,
      StartTime: strftime('%m/%d/%Y %H:%M:%S', p.start),
      Job: p.job ?? null,
    },
    `System.Diagnostics.Process (${ProcessName})`,
  )
}

export const processCmdlets: Cmdlets = {
  'Get-Process': {
    short: 'Gets the processes that are running on the local computer.',
    module: management,
    parameters: { Name: rest(0, ['processname']), Id: value(), IncludeUserName: flag() },
    *run(g) {
      const all = (yield* ntProcesses(g.sys)).map(processObject)
      all.sort((a, b) => {
        const x = textOf(a.get('ProcessName')).toLowerCase()
        const y = textOf(b.get('ProcessName')).toLowerCase()
        return x < y ? -1 : x > y ? 1 : Number(a.get('Id')) - Number(b.get('Id'))
      })
      if (g.has('Id')) {
        const out: PsObject[] = []
        for (const id of enumerate(g.values.get('Id')).map(numberOf)) {
          const hit = all.find((p) => p.get('Id') === id)
          if (hit) out.push(hit)
          else
            yield* g.shell.fail(
              g.error(
                `Cannot find a process with the process identifier ${id}.`,
                `ObjectNotFound: (${id}:Int32) [Get-Process], ProcessCommandException`,
                'NoProcessFoundForGivenId,Microsoft.PowerShell.Commands.GetProcessCommand',
              ),
            )
        }
        return out
      }
      if (!g.has('Name')) return all
      const out: PsObject[] = []
      for (const name of g.list('Name')) {
        const hits = all.filter((p) => like(textOf(p.get('ProcessName')), name))
        if (hits.length === 0 && !/[*?]/.test(name))
          yield* g.shell.fail(
            g.error(
              `Cannot find a process with the name "${name}". Verify the process name and call the cmdlet again.`,
              `ObjectNotFound: (${name}:String) [Get-Process], ProcessCommandException`,
              'NoProcessFoundForGivenName,Microsoft.PowerShell.Commands.GetProcessCommand',
            ),
          )
        out.push(...hits)
      }
      return out
    },
  },
  'Stop-Process': {
    short: 'Stops one or more running processes.',
    module: management,
    parameters: { Id: rest(0), Name: value(undefined, ['processname']), Force: flag() },
    *run(g) {
      const all = yield* ntProcesses(g.sys)
      const ids = [
        ...enumerate(g.values.get('Id')).map((v) => numberOf(v) ?? -1),
        ...g.input.filter((i) => i instanceof PsObject).map((i) => Number(i.get('Id'))),
        ...g.list('Name').flatMap((n) => all.filter((p) => like(p.name.replace(/\.exe$/, ''), n)).map((p) => p.pid)),
      ]
      for (const id of ids) {
        const failed = yield* g.sys.kill(id, SIGKILL)
        if (failed)
          yield* g.shell.fail(
            g.error(
              `Cannot find a process with the process identifier ${id}.`,
              `ObjectNotFound: (${id}:Int32) [Stop-Process], ProcessCommandException`,
              'NoProcessFoundForGivenId,Microsoft.PowerShell.Commands.StopProcessCommand',
            ),
          )
      }
      return []
    },
  },
  'Get-Service': {
    short: 'Gets the services on the computer.',
    module: management,
    parameters: { Name: rest(0), DisplayName: value() },
    *run(g) {
      const running = new Set((yield* ntProcesses(g.sys)).map((p) => p.name.toLowerCase()))
      const all: PsObject[] = []
      for (const s of services) {
        if (isErr(yield* g.sys.stat(s.path))) continue
        all.push(
          new PsObject('System.ServiceProcess.ServiceController', {
            Status: running.has((s.path.split('/').at(-1) as string).toLowerCase()) ? 'Running' : 'Stopped',
            Name: s.name,
            DisplayName: s.display,
          }),
        )
      }
      if (!g.has('Name')) return all
      const out: PsObject[] = []
      for (const name of g.list('Name')) {
        const hits = all.filter((s) => like(textOf(s.get('Name')), name))
        if (hits.length === 0 && !/[*?]/.test(name))
          yield* g.shell.fail(
            g.error(
              `Cannot find any service with service name '${name}'.`,
              `ObjectNotFound: (${name}:String) [Get-Service], ServiceCommandException`,
              'NoServiceFoundForGivenName,Microsoft.PowerShell.Commands.GetServiceCommand',
            ),
          )
        out.push(...hits)
      }
      return out
    },
  },
  'Start-Sleep': {
    short: 'Suspends the activity in a script or session for the specified period of time.',
    module: 'Microsoft.PowerShell.Utility',
    parameters: { Seconds: value(0), Milliseconds: value() },
    *run(g) {
      const ms = numberOf(g.values.get('Milliseconds') ?? 0) ?? 0
      yield* g.sys.nanosleep((numberOf(g.values.get('Seconds') ?? 0) ?? 0) * 1e9 + ms * 1e6)
      return []
    },
  },
  'Get-Date': {
    short: 'Gets the current date and time.',
    module: 'Microsoft.PowerShell.Utility',
    parameters: { Format: value() },
    *run(g) {
      const now = yield* g.sys.clock('realtime')
      const f = g.text('Format')
      const names: Readonly<Record<string, string>> = { yyyy: '%Y', MM: '%m', dd: '%d', HH: '%H', mm: '%M', ss: '%S' }
      return f === undefined
        ? [
            new PsObject(
              'System.DateTime',
              { Year: Number(strftime('%Y', now)) },
              strftime('\n%A, %B %d, %Y %H:%M:%S\n', now),
            ),
          ]
        : [
            strftime(
              f.replace(/yyyy|MM|dd|HH|mm|ss/g, (m) => names[m] as string),
              now,
            ),
          ]
    },
  },
  'Measure-Command': {
    short: 'Measures the time it takes to run script blocks and cmdlets.',
    module: 'Microsoft.PowerShell.Utility',
    parameters: { Expression: value(0) },
    *run(g) {
      const block = g.values.get('Expression')
      const from = yield* g.sys.clock('monotonic')
      if (isBlock(block)) yield* g.shell.block(block, 'caller')
      const taken = (yield* g.sys.clock('monotonic')) - from
      return [
        new PsObject('System.TimeSpan', {
          Days: 0,
          Hours: Math.floor(taken / 3600e9),
          Minutes: Math.floor(taken / 60e9) % 60,
          Seconds: Math.floor(taken / 1e9) % 60,
          Milliseconds: Math.floor(taken / 1e6) % 1000,
          Ticks: Math.floor(taken / 100),
          TotalSeconds: taken / 1e9,
          TotalMilliseconds: taken / 1e6,
        }),
      ]
    },
  },
  'Invoke-WebRequest': {
    short: 'Gets content from a web page on the internet.',
    module: 'Microsoft.PowerShell.Utility',
    parameters: { Uri: value(0), UseBasicParsing: flag() },
    *run(g) {
      const path = yield* g.shell.find('curl.exe')
      if (path === undefined)
        throw g.error(
          'Unable to connect to the remote server',
          'InvalidOperation: (:) [Invoke-WebRequest], WebException',
          'WebCmdletWebResponseException,Microsoft.PowerShell.Commands.InvokeWebRequestCommand',
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
          `InvalidOperation: (System.Net.HttpWebRequest:HttpWebRequest) [Invoke-WebRequest], WebException`,
          'WebCmdletWebResponseException,Microsoft.PowerShell.Commands.InvokeWebRequestCommand',
        )
      const at = lines.findIndex((l) => textOf(l).trim() === '')
      g.shell.succeeded = true
      return [
        new PsObject('Microsoft.PowerShell.Commands.BasicHtmlWebResponseObject', {
          StatusCode: Number(status[1]),
          StatusDescription: (status[2] ?? '').trim(),
          Content: lines
            .slice(at + 1)
            .map(textOf)
            .join('\n'),
          RawContent: text,
          RawContentLength: text.length,
        }),
      ]
    },
  },
}
