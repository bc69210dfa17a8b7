/** The programs that the first prompt and `docker run` need, by the names that executables have; parts.ts has the rest. */
import { cliPrograms } from '../cli/index.ts'
import { containerd } from '../engine/containerd.ts'
import { dockerd } from '../engine/dockerd/index.ts'
import { dockerProxy } from '../engine/proxy.ts'
import { nameServer, registry } from '../engine/registry.ts'
import { shim } from '../engine/shim.ts'
import type { Program } from '../kernel/linux/abi.ts'
import type { ProgramTable } from '../kernel/linux/kernel.ts'
import { busybox } from '../userland/busybox/index.ts'
import { debianShell } from '../userland/shell/debian.ts'

const table: Readonly<Record<string, Program>> = {
  busybox,
  // dash and bash of Debian's kind.
  sh: debianShell,
  ...cliPrograms,
  containerd,
  dockerd,
  'containerd-shim-runc-v2': shim,
  'docker-proxy': dockerProxy,
  registry,
  dns: nameServer,
}
/** The kernel's loader asks here; what isn't here must be loaded. */
export const programs: ProgramTable = (name) => (Object.hasOwn(table, name) ? table[name] : 'load')
