/** `linux-server` as a host to choose: the one that a page has from the start. */
import type { Host } from './host.ts'
import { linuxServer } from './linux-server.ts'
import { linuxShell } from './linux-shell.ts'

export const linuxServerHost: Host = {
  name: 'linux-server',
  shell: linuxShell,
  programs: {},
  boot: linuxServer,
  ready: (machine) =>
    [...(machine.kernel?.initial.net.sockets ?? [])].some(
      (s) => s.path === '/var/run/docker.sock' && s.state === 'listening',
    ),
  // The image that every example starts from is on its disk, as on a machine that was used before.
  prepare: '',
}
