/** strerror(3) of musl, Alpine's C library: its texts differ from glibc's in places. */
import type { Errno } from '../../base/errno.ts'

const musl: Readonly<Record<string, string>> = {
  ECHILD: 'No child process',
  EIO: 'I/O error',
  EBUSY: 'Resource busy',
  EXDEV: 'Cross-device link',
  EMFILE: 'No file descriptors available',
  ENOMEM: 'Out of memory',
  ENOTTY: 'Not a tty',
  ESPIPE: 'Invalid seek',
  ERANGE: 'Result not representable',
  EDEADLK: 'Resource deadlock would occur',
  ENAMETOOLONG: 'Filename too long',
  ELOOP: 'Symbolic link loop',
  EOVERFLOW: 'Value too large for data type',
  ENOTSOCK: 'Not a socket',
  EOPNOTSUPP: 'Not supported',
  EADDRINUSE: 'Address in use',
  EADDRNOTAVAIL: 'Address not available',
  ENETUNREACH: 'Network unreachable',
  EISCONN: 'Socket is connected',
  ENOTCONN: 'Socket not connected',
  ETIMEDOUT: 'Operation timed out',
  EHOSTUNREACH: 'Host is unreachable',
}

/** What musl's strerror(3) prints for an error. */
export const strerror = (error: Errno): string => musl[error.name] ?? error.text
