/** Every host by its name. A page loads the one that it shows; complete.ts loads all. */
import type { Host, HostName } from './host.ts'

export const hosts: Readonly<Record<HostName, () => PromiseLike<Host>>> = {
  'linux-server': () => import('./linux-server-host.ts').then((m) => m.linuxServerHost),
  'windows-wsl2': () => import('./windows-wsl2.ts').then((m) => m.windowsWsl2),
  'windows-moby': () => import('./windows-moby.ts').then((m) => m.windowsMoby),
  'windows-containers': () => import('./windows-containers.ts').then((m) => m.windowsContainers),
  'windows-lcow': () => import('./windows-lcow.ts').then((m) => m.windowsLcow),
  'vm-type1': () => import('./vm-type1.ts').then((m) => m.vmType1),
  'vm-type2': () => import('./vm-type2.ts').then((m) => m.vmType2),
  'mac-desktop': () => import('./mac-desktop.ts').then((m) => m.macDesktop),
  'mac-container': () => import('./mac-container.ts').then((m) => m.macContainer),
  'linux-podman': () => import('./linux-podman.ts').then((m) => m.linuxPodman),
  'k8s-node': () => import('./k8s-node.ts').then((m) => m.k8sNode),
  'ci-runner': () => import('./ci-runner.ts').then((m) => m.ciRunner),
  'windows-wslc': () => import('./windows-wslc.ts').then((m) => m.windowsWslc),
}
