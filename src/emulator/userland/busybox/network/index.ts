/** The part of busybox that looks at and uses the network. */
import type { Applet } from '../../program.ts'
import { programOf } from '../frame.ts'
import { ifconfig } from './ifconfig.ts'
import { ip } from './ip.ts'
import { nc } from './nc.ts'
import { netstat } from './netstat.ts'
import { nslookup } from './nslookup.ts'
import { ping } from './ping.ts'
import { route } from './route.ts'
import { traceroute } from './traceroute.ts'
import { wget } from './wget.ts'

export const networkApplets: readonly Applet[] = [ip, ifconfig, netstat, route, ping, traceroute, nslookup, wget, nc]
export const networkPart = programOf(networkApplets)
