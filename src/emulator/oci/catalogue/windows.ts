/** Microsoft's base images for Windows containers, on mcr.microsoft.com. */
import { IMAGE_FILE_MACHINE_AMD64, pe } from '../../base/pe.ts'
import type { Program } from '../../kernel/linux/abi.ts'
import type { Platform } from '../image.ts'
import type { TarEntry } from '../tar.ts'
import { bulk, dir, file } from './files.ts'
import { bring, type Recipe } from './index.ts'

/** Releases by tag, with the version that their binaries are built for. */
export const windowsReleases = {
  ltsc2025: '10.0.26100.7171',
  ltsc2022: '10.0.20348.4405',
  ltsc2019: '10.0.17763.8027',
} as const

const executable = (path: string, name: string, size: number): TarEntry => ({
  path,
  type: 'file',
  mode: 0o755,
  uid: 0,
  gid: 0,
  mtime: 1_790_000_000,
  data: pe(IMAGE_FILE_MACHINE_AMD64, name, size),
})
const SYSTEM32 = 'Files/Windows/System32'
const idle = ['smss', 'csrss', 'wininit', 'services', 'lsass', 'svchost', 'CExecSvc']

/** Nano Server has cmd and a few tools; Server Core has PowerShell beside. Bytes of what isn't listed stand in one file. */
function root(core: boolean): TarEntry[] {
  return [
    ...[
      'Files',
      'Files/Users',
      'Files/Users/ContainerAdministrator',
      'Files/Windows',
      SYSTEM32,
      'Files/Program Files',
    ].map((p) => dir(p)),
    ...['Files/Windows/System32/drivers', 'Files/Windows/System32/drivers/etc', 'Hives'].map((p) => dir(p)),
    file('Files/Windows/System32/drivers/etc/hosts', '127.0.0.1 localhost\n'),
    file('Files/License.txt', 'To view the license terms, see https://aka.ms/mcr/osslegalnotice\n'),
    ...idle.map((n) => executable(`${SYSTEM32}/${n}.exe`, 'nt/idle', 120_000)),
    executable(`${SYSTEM32}/cmd.exe`, 'cmd', 330_000),
    ...['hostname', 'whoami', 'findstr', 'ping', 'ipconfig', 'sort', 'more', 'where', 'timeout'].map((n) =>
      executable(`${SYSTEM32}/${n}.exe`, n, 40_000),
    ),
    executable(`${SYSTEM32}/curl.exe`, 'gnu/curl', 560_000),
    ...(core
      ? [
          executable(`${SYSTEM32}/tasklist.exe`, 'tasklist', 120_000),
          executable(`${SYSTEM32}/taskkill.exe`, 'taskkill', 110_000),
          dir(`${SYSTEM32}/WindowsPowerShell`),
          dir(`${SYSTEM32}/WindowsPowerShell/v1.0`),
          executable(`${SYSTEM32}/WindowsPowerShell/v1.0/powershell.exe`, 'powershell', 450_000),
        ]
      : []),
    bulk('Files/Windows/WinSxS.bin', core ? 2_900_000_000 : 250_000_000),
  ]
}
/** Internet Information Services on Server Core: ServiceMonitor holds the container as long as the service W3SVC runs. */
function iis(version: string): Recipe {
  const platforms: readonly Platform[] = [{ architecture: 'amd64', os: 'windows', 'os.version': version }]
  const page =
    '<!DOCTYPE html>\r\n<html>\r\n<head>\r\n<title>IIS Windows Server</title>\r\n</head>\r\n<body>\r\n<a href="http://go.microsoft.com/fwlink/?linkid=66138&amp;clcid=0x409"><img src="iisstart.png" alt="IIS" /></a>\r\n</body>\r\n</html>\r\n'
  return Object.assign(
    () => ({
      created: '2026-11-10T00:00:00Z',
      config: {
        Entrypoint: ['C:\\ServiceMonitor.exe', 'w3svc'],
        ExposedPorts: { '80/tcp': {} },
      },
      layers: [
        { createdBy: 'Apply image', entries: root(true) },
        {
          createdBy: 'RUN powershell -Command Add-WindowsFeature Web-Server',
          entries: [
            executable('Files/ServiceMonitor.exe', 'ServiceMonitor', 180_000),
            dir(`${SYSTEM32}/inetsrv`),
            executable(`${SYSTEM32}/inetsrv/w3wp.exe`, 'w3wp', 40_000),
            ...['Files/inetpub', 'Files/inetpub/wwwroot'].map((p) => dir(p)),
            file('Files/inetpub/wwwroot/iisstart.htm', page),
          ],
        },
      ],
    }),
    { platforms },
  )
}
function image(version: string, core: boolean): Recipe {
  const platforms: readonly Platform[] = [{ architecture: 'amd64', os: 'windows', 'os.version': version }]
  return Object.assign(
    () => ({
      created: '2026-11-10T00:00:00Z',
      config: { Cmd: ['c:\\windows\\system32\\cmd.exe'], User: 'ContainerAdministrator' },
      layers: [{ createdBy: 'Apply image', entries: root(core) }],
    }),
    { platforms },
  )
}
const tags = (core: boolean): Readonly<Record<string, Recipe>> =>
  Object.fromEntries(Object.entries(windowsReleases).map(([tag, version]) => [tag, image(version, core)]))

/** The part `images/windows`: it hands its images to the registries. */
export const windowsImages: Program = function* () {
  bring({
    'mcr.microsoft.com/windows/nanoserver': tags(false),
    'mcr.microsoft.com/windows/servercore': tags(true),
    'mcr.microsoft.com/windows/servercore/iis': Object.fromEntries(
      Object.entries(windowsReleases).map(([tag, version]) => [`windowsservercore-${tag}`, iis(version)]),
    ),
  })
  return 0
}
