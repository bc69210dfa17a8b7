/** The machines that the emulator boots, by the names of hosts, as readers call them. */
import type { Language } from './markdown/library.ts'

export const machines: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  'linux-server': { ja: 'Docker Engineを備えたDebianのサーバー', en: 'a Debian server with Docker Engine' },
  'vm-type1': { ja: 'タイプ1のハイパーバイザー', en: 'a type 1 hypervisor' },
  'vm-type2': { ja: 'タイプ2のハイパーバイザー', en: 'a type 2 hypervisor' },
  'windows-moby': { ja: 'Windows 11と、Hyper-Vを使うDocker Desktop', en: 'Windows 11 with Docker Desktop on Hyper-V' },
  'windows-lcow': { ja: 'LCOWがあったころのWindows', en: 'Windows of the time of LCOW' },
  'windows-wsl2': { ja: 'Windows 11と、WSL 2を使うDocker Desktop', en: 'Windows 11 with Docker Desktop on WSL 2' },
  'windows-wslc': { ja: 'Windows 11とWSLコンテナ', en: 'Windows 11 with WSL containers' },
  'windows-containers': { ja: 'Windowsコンテナを動かすWindows', en: 'Windows with Windows containers' },
  'k8s-node': { ja: 'containerdとCRI-Oを備えたKubernetesのノード', en: 'a Kubernetes node with containerd and CRI-O' },
  'ci-runner': { ja: 'Dockerとactを備えたCIのランナー', en: 'a CI runner with Docker and act' },
  'linux-podman': { ja: 'Podmanを備え、常駐デーモンのないLinux', en: 'a Linux machine with Podman and no daemon' },
  'mac-desktop': { ja: 'MacとDocker Desktop', en: 'a Mac with Docker Desktop' },
  'mac-container': { ja: 'MacとAppleのcontainer', en: 'a Mac with Apple’s container' },
}

/** The same where it stands alone, as in a list or a title. */
export const machineTitle = (host: string, language: Language): string =>
  machineName(host, language).replace(/^a /, 'A ')

/** What a reader calls a host; its name where nobody has given it another. */
export const machineName = (host: string, language: Language): string =>
  Object.hasOwn(machines, host) ? (machines[host]?.[language] ?? host) : host

/** What stands above a terminal on a host: PowerShell, or who sits where. */
export function terminalTitle(host: string): string {
  const users: Readonly<Record<string, string>> = {
    'k8s-node': 'root@node1',
    'ci-runner': 'root@runner',
    'linux-podman': 'user@server',
    'mac-desktop': 'zukan@Mac',
    'mac-container': 'zukan@Mac',
    'vm-type1': 'root@xen-host',
    'vm-type2': 'root@desktop',
  }
  return host.startsWith('windows') ? 'PowerShell' : (users[host] ?? 'root@server')
}
