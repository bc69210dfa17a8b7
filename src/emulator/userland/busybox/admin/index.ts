/** The part of busybox that looks after a system: accounts, terminals, kernel settings, who holds what. */
import type { Applet } from '../../program.ts'
import { programOf } from '../frame.ts'
import { addgroup, adduser, delgroup, deluser } from './accounts.ts'
import { fuser, lsof, pmap, pstree, pwdx } from './open.ts'
import { arch, dnsdomainname, flock, hostid, ipcalc, mountpoint, nologin, sysctl, ttysize } from './settings.ts'
import { stty } from './stty.ts'
import { time } from './time.ts'

export const adminApplets: readonly Applet[] = [
  time,
  addgroup,
  adduser,
  delgroup,
  deluser,
  fuser,
  lsof,
  pmap,
  pstree,
  pwdx,
  arch,
  dnsdomainname,
  flock,
  hostid,
  ipcalc,
  mountpoint,
  nologin,
  sysctl,
  ttysize,
  stty,
]
/** The program that hosts/parts.ts names `busybox/admin`. */
export const adminPart = programOf(adminApplets)
