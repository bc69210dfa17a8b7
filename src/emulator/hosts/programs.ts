/** Every program that executables of hosts and images may name. */

import { cliPrograms } from '../cli/index.ts'
import { containerd } from '../engine/containerd.ts'
import { dockerd } from '../engine/dockerd/index.ts'
import { dockerProxy } from '../engine/proxy.ts'
import { nameServer, registry } from '../engine/registry.ts'
import { shim } from '../engine/shim.ts'
import type { Program } from '../kernel/linux/abi.ts'
import { busybox } from '../userland/busybox/index.ts'
import { gnuPrograms } from '../userland/gnu/index.ts'
import { serverPrograms } from '../userland/servers/index.ts'

const table: Readonly<Record<string, Program>> = {
  busybox,
  ...Object.fromEntries(Object.entries(gnuPrograms).map(([name, p]) => [`gnu/${name}`, p])),
  ...serverPrograms,
  ...cliPrograms,
  containerd,
  dockerd,
  'containerd-shim-runc-v2': shim,
  'docker-proxy': dockerProxy,
  registry,
  dns: nameServer,
}
/** The kernel's loader asks here. */
export const programs = (name: string): Program | undefined => (Object.hasOwn(table, name) ? table[name] : undefined)
