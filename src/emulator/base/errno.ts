const byNumber = new Map<number, Errno>()
/** The error of that number; undefined where none of these has it. */
export const errnoOf = (number: number): Errno | undefined => byNumber.get(number)

/**
 * Error numbers as values. A system call answers `Errno` instead of throwing: exceptions mean a bug in our own code.
 * Numbers follow Linux's asm-generic/errno.h, texts follow strerror(3) of glibc.
 */
export class Errno {
  readonly name: string
  readonly number: number
  /** What strerror(3) prints. */
  readonly text: string
  constructor(name: string, number: number, text: string) {
    this.name = name
    this.number = number
    this.text = text
    byNumber.set(number, this)
  }
}

/** True where a system call failed. */
export const isErr = (value: unknown): value is Errno => value instanceof Errno

export const EPERM = new Errno('EPERM', 1, 'Operation not permitted')
export const ENOENT = new Errno('ENOENT', 2, 'No such file or directory')
export const ESRCH = new Errno('ESRCH', 3, 'No such process')
export const EINTR = new Errno('EINTR', 4, 'Interrupted system call')
export const EIO = new Errno('EIO', 5, 'Input/output error')
export const ENXIO = new Errno('ENXIO', 6, 'No such device or address')
export const E2BIG = new Errno('E2BIG', 7, 'Argument list too long')
export const ENOEXEC = new Errno('ENOEXEC', 8, 'Exec format error')
export const EBADF = new Errno('EBADF', 9, 'Bad file descriptor')
export const ECHILD = new Errno('ECHILD', 10, 'No child processes')
export const EAGAIN = new Errno('EAGAIN', 11, 'Resource temporarily unavailable')
export const ENOMEM = new Errno('ENOMEM', 12, 'Cannot allocate memory')
export const EACCES = new Errno('EACCES', 13, 'Permission denied')
export const ENOTBLK = new Errno('ENOTBLK', 15, 'Block device required')
export const EBUSY = new Errno('EBUSY', 16, 'Device or resource busy')
export const EEXIST = new Errno('EEXIST', 17, 'File exists')
export const EXDEV = new Errno('EXDEV', 18, 'Invalid cross-device link')
export const ENODEV = new Errno('ENODEV', 19, 'No such device')
export const ENOTDIR = new Errno('ENOTDIR', 20, 'Not a directory')
export const EISDIR = new Errno('EISDIR', 21, 'Is a directory')
export const EINVAL = new Errno('EINVAL', 22, 'Invalid argument')
export const EMFILE = new Errno('EMFILE', 24, 'Too many open files')
export const ENOTTY = new Errno('ENOTTY', 25, 'Inappropriate ioctl for device')
export const ETXTBSY = new Errno('ETXTBSY', 26, 'Text file busy')
export const EFBIG = new Errno('EFBIG', 27, 'File too large')
export const ENOSPC = new Errno('ENOSPC', 28, 'No space left on device')
export const ESPIPE = new Errno('ESPIPE', 29, 'Illegal seek')
export const EROFS = new Errno('EROFS', 30, 'Read-only file system')
export const EMLINK = new Errno('EMLINK', 31, 'Too many links')
export const EPIPE = new Errno('EPIPE', 32, 'Broken pipe')
export const ERANGE = new Errno('ERANGE', 34, 'Numerical result out of range')
export const EDEADLK = new Errno('EDEADLK', 35, 'Resource deadlock avoided')
export const ENAMETOOLONG = new Errno('ENAMETOOLONG', 36, 'File name too long')
export const ENOSYS = new Errno('ENOSYS', 38, 'Function not implemented')
export const ENOTEMPTY = new Errno('ENOTEMPTY', 39, 'Directory not empty')
export const ELOOP = new Errno('ELOOP', 40, 'Too many levels of symbolic links')
export const EOVERFLOW = new Errno('EOVERFLOW', 75, 'Value too large for defined data type')
export const EUSERS = new Errno('EUSERS', 87, 'Too many users')
export const ENOTSOCK = new Errno('ENOTSOCK', 88, 'Socket operation on non-socket')
export const EDESTADDRREQ = new Errno('EDESTADDRREQ', 89, 'Destination address required')
export const EPROTONOSUPPORT = new Errno('EPROTONOSUPPORT', 93, 'Protocol not supported')
export const EOPNOTSUPP = new Errno('EOPNOTSUPP', 95, 'Operation not supported')
export const EAFNOSUPPORT = new Errno('EAFNOSUPPORT', 97, 'Address family not supported by protocol')
export const EADDRINUSE = new Errno('EADDRINUSE', 98, 'Address already in use')
export const EADDRNOTAVAIL = new Errno('EADDRNOTAVAIL', 99, 'Cannot assign requested address')
export const ENETDOWN = new Errno('ENETDOWN', 100, 'Network is down')
export const ENETUNREACH = new Errno('ENETUNREACH', 101, 'Network is unreachable')
export const ECONNRESET = new Errno('ECONNRESET', 104, 'Connection reset by peer')
export const EISCONN = new Errno('EISCONN', 106, 'Transport endpoint is already connected')
export const ENOTCONN = new Errno('ENOTCONN', 107, 'Transport endpoint is not connected')
export const ETIMEDOUT = new Errno('ETIMEDOUT', 110, 'Connection timed out')
export const ECONNREFUSED = new Errno('ECONNREFUSED', 111, 'Connection refused')
export const EHOSTUNREACH = new Errno('EHOSTUNREACH', 113, 'No route to host')
export const EALREADY = new Errno('EALREADY', 114, 'Operation already in progress')
