/** The modules Hyper-V and HostComputeService: virtual machines and compute systems. */

import { isErr } from '../../../base/errno.ts'
import { callRpc } from '../../../engine/rpc.ts'
import { type ComputeSystem, HCS_PIPE } from '../../../engine/windows/hcs.ts'
import { askVmms, type VmInformation } from '../../../engine/windows/vmms.ts'
import type { Run } from '../../../kernel/linux/abi.ts'
import { type Cmdlets, flag, type Given, rest, value } from '../cmdlet.ts'
import { like, type PsError, PsObject, textOf, type Value } from '../values.ts'

const TYPE = 'Microsoft.HyperV.PowerShell.VirtualMachine'

/** 01:02:03.4560000, as a TimeSpan writes itself. */
export function timeSpan(ns: number): string {
  const s = Math.floor(ns / 1e9)
  const two = (n: number): string => String(n).padStart(2, '0')
  const days = Math.floor(s / 86400)
  return `${days > 0 ? `${days}.` : ''}${two(Math.floor(s / 3600) % 24)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}.${String(Math.floor((ns % 1e9) / 100)).padStart(7, '0')}`
}
function* vms(g: Given): Run<readonly VmInformation[]> {
  const r = yield* askVmms<readonly VmInformation[]>(g.sys, 'Msvm_ComputerSystem.List')
  if (r.ok) return r.result
  throw g.error(
    "The Hyper-V Management Tools could not access an expected WMI class on computer 'localhost'. This may indicate that the Hyper-V Platform is not installed on the computer or that the version of the Hyper-V Platform is incompatible with these management tools.",
    `NotInstalled: (:) [${g.cmdlet}], VirtualizationException`,
    `Unspecified,Microsoft.HyperV.PowerShell.Commands.${g.cmdlet.replace('-', '')}`,
  )
}
const vmObject = (v: VmInformation): PsObject =>
  new PsObject(
    TYPE,
    {
      Name: v.name,
      VMName: v.name,
      Id: v.id.toLowerCase(),
      State: v.state,
      CPUUsage: 0,
      MemoryAssigned: v.assigned,
      MemoryStartup: v.startup,
      ProcessorCount: v.processors,
      Uptime: timeSpan(v.uptime),
      Status: v.state === 'Starting' ? 'Starting' : 'Operating normally',
      Version: '12.0',
      Generation: v.generation,
    },
    v.name,
  )
const notFound = (g: Given, name: string): PsError =>
  g.error(
    `Hyper-V was unable to find a virtual machine with name "${name}".`,
    `InvalidArgument: (${name}:String) [${g.cmdlet}], VirtualizationException`,
    `InvalidParameter,Microsoft.HyperV.PowerShell.Commands.${g.cmdlet.replace('-', '')}`,
  )
function* change(g: Given, method: string, warning: string): Run<readonly Value[]> {
  const names = [...g.list('Name'), ...g.input.filter((i) => i instanceof PsObject).map((i) => textOf(i.get('Name')))]
  for (const name of names) {
    const r = yield* askVmms<{ already?: boolean }>(g.sys, method, { name })
    if (!r.ok) {
      if (r.error.includes('unable to find')) throw notFound(g, name)
      throw g.error(
        r.error,
        `NotSpecified: (:) [${g.cmdlet}], VirtualizationException`,
        `OperationFailed,Microsoft.HyperV.PowerShell.Commands.${g.cmdlet.replace('-', '')}`,
      )
    }
    if (r.result.already) yield* g.shell.warning(`The virtual machine is already in the specified state.${warning}`)
  }
  return []
}

export const hyperVCmdlets: Cmdlets = {
  'Get-VM': {
    short: 'Gets the virtual machines from one or more Hyper-V hosts.',
    module: 'Hyper-V',
    parameters: { Name: rest(0) },
    *run(g) {
      const all = yield* vms(g)
      if (!g.has('Name')) return all.map(vmObject)
      const out: Value[] = []
      for (const name of g.list('Name')) {
        const hits = all.filter((v) => like(v.name, name))
        if (hits.length === 0 && !/[*?]/.test(name)) yield* g.shell.fail(notFound(g, name))
        out.push(...hits.map(vmObject))
      }
      return out
    },
  },
  'Start-VM': {
    short: 'Starts a virtual machine.',
    module: 'Hyper-V',
    parameters: { Name: rest(0), Passthru: flag() },
    run: (g) => change(g, 'Msvm_ComputerSystem.Start', ''),
  },
  'Stop-VM': {
    short: 'Shuts down, turns off, or saves a virtual machine.',
    module: 'Hyper-V',
    parameters: { Name: rest(0), Force: flag(), TurnOff: flag(), Passthru: flag() },
    run: (g) => change(g, 'Msvm_ComputerSystem.Stop', ''),
  },
  'Get-ComputeProcess': {
    short: 'Gets the compute systems (containers and utility virtual machines) of the host compute service.',
    module: 'HostComputeService',
    parameters: { Name: value(0), Owner: value(), Type: value() },
    *run(g) {
      if (isErr(yield* g.sys.stat(HCS_PIPE)))
        throw g.error(
          'The service vmcompute is not running.',
          'ObjectNotFound: (:) [Get-ComputeProcess], ServiceException',
          'NoService,Microsoft.PowerShell.HostCompute.GetComputeProcess',
        )
      const r = yield* callRpc<readonly ComputeSystem[]>(
        g.sys,
        HCS_PIPE,
        'vmcompute',
        'HcsEnumerateComputeSystems',
        {},
        'api',
      )
      if (!r.ok) return []
      const name = g.text('Name')
      return r.result
        .filter(
          (c) => (name === undefined || like(c.id, name)) && (!g.has('Type') || like(c.type, g.text('Type') as string)),
        )
        .map(
          (c) =>
            new PsObject('Microsoft.PowerShell.HostCompute.ComputeProcess', {
              Id: c.id,
              Type: c.type,
              Isolation: c.isolation,
              IsTemplate: false,
              RuntimeId: c.runtimeId,
              RuntimeTemplateId: '',
              Owner: c.owner,
            }),
        )
    },
  },
}
