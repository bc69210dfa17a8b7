/** Services that a Windows machine may have, with the program that each runs. */
export interface Service {
  readonly name: string
  readonly display: string
  /** The program, as the object namespace calls it. */
  readonly path: string
}
const system = (name: string): string => `/C:/Windows/System32/${name}`
export const services: readonly Service[] = [
  {
    name: 'com.docker.service',
    display: 'Docker Desktop Service',
    path: '/C:/Program Files/Docker/Docker/com.docker.service',
  },
  { name: 'docker', display: 'Docker Engine', path: '/C:/Program Files/Docker/dockerd.exe' },
  { name: 'hns', display: 'Host Network Service', path: system('HostNetSvc.exe') },
  { name: 'LxssManager', display: 'Windows Subsystem for Linux', path: '/C:/Program Files/WSL/wslservice.exe' },
  { name: 'vmcompute', display: 'Hyper-V Host Compute Service', path: system('vmcompute.exe') },
  { name: 'vmms', display: 'Hyper-V Virtual Machine Management', path: system('vmms.exe') },
  { name: 'WSLService', display: 'WSL Service', path: '/C:/Program Files/WSL/wslservice.exe' },
]
