/** Words of pictures that show a desktop or server system with virtual machines: Windows, the Mac. */
import type { Language } from '../scene/types.ts'

export type Role = 'engine' | 'backend' | 'wslservice' | 'hcs' | 'worker' | 'agent'
export interface SystemWords {
  readonly container: string
  readonly vm: string
  readonly client: string
  readonly clientDetail: string
  readonly service: string
  readonly roles: Readonly<Record<Role, string>>
  readonly linuxKernel: string
  readonly windowsKernel: string
  readonly vmOf: (container: string) => string
  readonly oneVm: string
  readonly ownVm: string
  readonly withOthers: string
  readonly withHost: string
  readonly alone: string
  readonly memory: (amount: string) => string
  readonly boot: (time: string) => string
  readonly pids: (pids: string) => string
  readonly more: (n: number) => string
  readonly beside: (programs: string) => string
  readonly perVm: string
  readonly engineApi: (socket: string) => string
  readonly agentCalls: (socket: string) => string
}
export const systemWords: Readonly<Record<Language, SystemWords>> = {
  en: {
    container: 'Container',
    vm: 'Virtual machine',
    client: 'Client',
    clientDetail: 'sends each command to an engine',
    service: 'Service',
    roles: {
      engine: 'Engine: images, containers, networks',
      backend: 'passes requests on to the engine in the VM',
      wslservice: 'WSL: starts and stops its VM',
      hcs: 'Host Compute Service: makes VMs and silos',
      worker: 'holds a VM: its memory and devices',
      agent: 'agent: does in the VM what is asked for from outside',
    },
    linuxKernel: 'Linux kernel',
    windowsKernel: 'Windows kernel',
    vmOf: (c) => `VM of ${c}`,
    oneVm: 'one for all containers',
    ownVm: 'one for each container',
    withOthers: 'kernel shared with all containers in this VM',
    withHost: 'kernel shared with all such containers and the host',
    alone: 'a kernel of its own',
    memory: (a) => `memory ${a}`,
    boot: (t) => `boot ${t}`,
    pids: (p) => `PID ${p}`,
    more: (n) => `and ${n} more`,
    beside: (p) => `with ${p}`,
    perVm: 'starts one for each VM',
    engineApi: (s) => `Engine API over ${s}`,
    agentCalls: (s) => `orders over ${s}`,
  },
  ja: {
    container: 'コンテナ',
    vm: '仮想マシン',
    client: 'クライアント',
    clientDetail: 'コマンドをエンジンへ送る',
    service: 'サービス',
    roles: {
      engine: 'エンジン: イメージ、コンテナ、ネットワーク',
      backend: 'VMの中のエンジンへ要求を取り次ぐ',
      wslservice: 'WSL: 専用のVMを起動し、止める',
      hcs: 'Host Compute Service: VMやサイロを作る',
      worker: 'VMのメモリと装置を受け持つ',
      agent: 'エージェント: 外からの依頼をVMの中で行う',
    },
    linuxKernel: 'Linuxカーネル',
    windowsKernel: 'Windowsカーネル',
    vmOf: (c) => `${c}のVM`,
    oneVm: '全コンテナに一つ',
    ownVm: 'コンテナごとに一つ',
    withOthers: 'カーネルはこのVMの全コンテナと共有',
    withHost: 'カーネルは同種の全コンテナ、ホストと共有',
    alone: '自分だけのカーネル',
    memory: (a) => `メモリ ${a}`,
    boot: (t) => `起動 ${t}`,
    pids: (p) => `PID ${p}`,
    more: (n) => `ほか${n}件`,
    beside: (p) => `ともに動く: ${p}`,
    perVm: 'VMごとに一つ起動',
    engineApi: (s) => `Engine APIを${s}で`,
    agentCalls: (s) => `依頼を${s}で`,
  },
}
