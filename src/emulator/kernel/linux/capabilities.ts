/** Capabilities by number, capabilities(7). */
export const capabilityNames: readonly string[] =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'.split(
    ' ',
  )

export type CapabilityName =
  | 'CHOWN'
  | 'DAC_OVERRIDE'
  | 'DAC_READ_SEARCH'
  | 'FOWNER'
  | 'FSETID'
  | 'KILL'
  | 'SETGID'
  | 'SETUID'
  | 'SETPCAP'
  | 'NET_BIND_SERVICE'
  | 'NET_ADMIN'
  | 'NET_RAW'
  | 'SYS_CHROOT'
  | 'SYS_PTRACE'
  | 'SYS_ADMIN'
  | 'SYS_NICE'
  | 'SYS_RESOURCE'
  | 'SYS_TIME'
  | 'MKNOD'
  | 'SETFCAP'
  | 'SYSLOG'
  | 'SYS_BOOT'

/** The bit of a capability given with or without `CAP_`; undefined where there is no such capability. */
export const capabilityBit = (name: string): bigint | undefined =>
  bits.get(name) ?? bits.get(name.toUpperCase().replace(/^(CAP_)?/, 'CAP_'))
export const allCapabilities: bigint = (1n << BigInt(capabilityNames.length)) - 1n
const bits = new Map(
  capabilityNames.flatMap((name, n) => [
    [name, 1n << BigInt(n)],
    [`CAP_${name}`, 1n << BigInt(n)],
  ]),
)
export const hasCapability = (set: bigint, name: CapabilityName): boolean => (set & (bits.get(name) as bigint)) !== 0n
