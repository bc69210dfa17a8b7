/** Hosts beside `linux-server`, by their name: each is a file of its own in the built site, and comes when it is chosen. */
import type { Host, HostName } from './host.ts'

export const hostLoaders: Readonly<Partial<Record<HostName, () => PromiseLike<Host>>>> = {
  'windows-containers': () => import('./windows-containers.ts').then((m) => m.windowsContainers),
  'windows-lcow': () => import('./windows-lcow.ts').then((m) => m.windowsLcow),
  'windows-wsl2': () => import('./windows-wsl2.ts').then((m) => m.windowsWsl2),
  'windows-moby': () => import('./windows-moby.ts').then((m) => m.windowsMoby),
}
