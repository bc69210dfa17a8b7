/** Cmdlets on processes, services and time. */
import { isErr } from '../../../base/errno.ts'
import { SIGKILL } from '../../../kernel/linux/signals.ts'
import { ntProcesses, type ProcessInformation } from '../../../kernel/nt/abi.ts'
import { strftime } from '../../../userland/lib/time.ts'
import { type Cmdlets, flag, rest, value } from '../cmdlet.ts'
import { dateObject, formatDate, spanObject } from '../dates.ts'
import { enumerate, isBlock, like, numberOf, PsObject, textOf } from '../values.ts'
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
    parameters: { Format: value(), UFormat: value() },
    *run(g) {
      const now = yield* g.sys.clock('realtime')
      const unix = g.text('UFormat')
      if (unix !== undefined) return [strftime(unix, now)]
      const format = g.text('Format')
      return [format === undefined ? dateObject(now) : formatDate(now, format)]
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
      return [spanObject(taken)]
    },
  },
}
