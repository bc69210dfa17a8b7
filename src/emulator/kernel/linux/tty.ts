/** Terminals: the line discipline between a master side (the screen) and a slave side (the programs); termios(3), pty(7). */
import { EAGAIN, EINVAL, EIO, ENOTTY, EPERM, type Errno } from '../../base/errno.ts'
import type { Run } from './abi.ts'
import { O_NONBLOCK } from './fs/flags.ts'
import type { FileOps } from './fs/inode.ts'
import type { OpenFile } from './fs/openfile.ts'
import type { Kernel } from './kernel.ts'
import type { Process, Session } from './process.ts'
import { SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGWINCH } from './signals.ts'
import { WaitQueue } from './wait.ts'

/** The termios flags that matter here, named as stty(1) does. */
export interface Termios {
  icanon: boolean
  echo: boolean
  isig: boolean
  icrnl: boolean
  opost: boolean
  onlcr: boolean
}
export const cooked: Readonly<Termios> = { icanon: true, echo: true, isig: true, icrnl: true, opost: true, onlcr: true }
export const raw: Readonly<Termios> = {
  icanon: false,
  echo: false,
  isig: false,
  icrnl: false,
  opost: false,
  onlcr: false,
}

export interface WindowSize {
  readonly rows: number
  readonly columns: number
}

const LIMIT = 65536
const decoder = new TextDecoder()

/** A terminal: bytes typed at the master arrive at the slave by the line discipline, bytes written at the slave appear at the master. */
export class Tty {
  readonly kernel: Kernel
  /** N of /dev/pts/N. */
  readonly index: number
  termios: Termios = { ...cooked }
  size: WindowSize = { rows: 24, columns: 80 }
  session: Session | undefined
  foreground: Process | undefined
  /** Lines (or raw bytes) ready to be read; an empty piece is end of file. */
  #input: Uint8Array[] = []
  #line: number[] = []
  #output: Uint8Array[] = []
  #outputLength = 0
  readonly inputReady = new WaitQueue()
  readonly outputReady = new WaitQueue()
  readonly outputRoom = new WaitQueue()
  /** The screen side is gone. */
  hungUp = false
  slaves = 0
  everOpened = false

  constructor(kernel: Kernel, index: number) {
    this.kernel = kernel
    this.index = index
  }

  /** Bytes from the keyboard. */
  type(bytes: Uint8Array): void {
    const t = this.termios
    for (let byte of bytes) {
      if (t.isig && this.#signalFor(byte)) continue
      if (byte === 13 && t.icrnl) byte = 10
      if (!t.icanon) {
        this.#input.push(Uint8Array.of(byte))
        if (t.echo) this.#echo([byte])
        continue
      }
      switch (byte) {
        case 127:
        case 8:
          this.#erase()
          break
        case 21:
          while (this.#line.length > 0) this.#erase()
          break
        case 23: {
          while (this.#line.at(-1) === 32) this.#erase()
          while (this.#line.length > 0 && this.#line.at(-1) !== 32) this.#erase()
          break
        }
        case 4:
          this.#input.push(Uint8Array.from(this.#line))
          this.#line = []
          break
        case 10:
          this.#line.push(10)
          if (t.echo) this.#echo([10])
          this.#input.push(Uint8Array.from(this.#line))
          this.#line = []
          break
        default:
          // The line discipline holds one line of at most 4095 bytes; what is beyond is dropped, termios(3).
          if (this.#line.length < 4095) {
            this.#line.push(byte)
            if (t.echo) this.#echo(byte < 32 && byte !== 9 ? [94, byte + 64] : [byte])
          }
      }
    }
    if (this.#input.length > 0) this.inputReady.wake()
  }
  #signalFor(byte: number): boolean {
    const signal = byte === 3 ? SIGINT : byte === 28 ? SIGQUIT : byte === 26 ? SIGTSTP : undefined
    if (signal === undefined) return false
    if (this.termios.echo) this.#echo([94, byte + 64])
    this.#line = []
    if (signal !== SIGTSTP) this.#input = []
    if (this.foreground) this.foreground.kernel.signalGroup(this.foreground, signal)
    return true
  }
  #erase(): void {
    if (this.#line.length === 0) return
    // One character, which may be several bytes of UTF-8 and two columns wide.
    let bytes = [this.#line.pop() as number]
    while (((bytes[0] as number) & 0xc0) === 0x80 && this.#line.length > 0)
      bytes = [this.#line.pop() as number, ...bytes]
    if (!this.termios.echo) return
    const code = decoder.decode(Uint8Array.from(bytes)).codePointAt(0) ?? 0
    const columns =
      code < 32
        ? 2
        : code >= 0x1100 && (code <= 0x115f || (code >= 0x2e80 && code <= 0xffdc) || code >= 0x1f300)
          ? 2
          : 1
    for (let i = 0; i < columns; i++) this.#echo([8, 32, 8])
  }
  #echo(bytes: readonly number[]): void {
    this.#put(this.#process(Uint8Array.from(bytes)))
  }
  #process(bytes: Uint8Array): Uint8Array {
    if (!this.termios.opost || !this.termios.onlcr || !bytes.includes(10)) return bytes
    const out: number[] = []
    for (const b of bytes) {
      if (b === 10) out.push(13)
      out.push(b)
    }
    return Uint8Array.from(out)
  }
  #put(bytes: Uint8Array): void {
    this.#output.push(bytes)
    this.#outputLength += bytes.length
    this.outputReady.wake()
  }

  /** Takes what was written to the screen. */
  takeOutput(count = Infinity): Uint8Array {
    const parts: Uint8Array[] = []
    let length = 0
    while (this.#output.length > 0 && length < count) {
      const part = this.#output[0] as Uint8Array
      if (length + part.length <= count) {
        parts.push(part)
        length += part.length
        this.#output.shift()
      } else {
        parts.push(part.subarray(0, count - length))
        this.#output[0] = part.subarray(count - length)
        length = count
      }
    }
    this.#outputLength -= length
    const all = new Uint8Array(length)
    let at = 0
    for (const part of parts) {
      all.set(part, at)
      at += part.length
    }
    if (length > 0) this.outputRoom.wake()
    return all
  }
  get outputPending(): boolean {
    return this.#outputLength > 0
  }
  /** True while a program waits for a key: then virtual time goes with the reader's. */
  get awaited(): boolean {
    return this.#input.length === 0 && !this.inputReady.empty
  }

  resize(size: WindowSize): void {
    this.size = size
    if (this.foreground) this.foreground.kernel.signalGroup(this.foreground, SIGWINCH)
  }
  hangUp(): void {
    this.hungUp = true
    if (this.session) {
      this.session.leader.kernel.signal(this.session.leader, SIGHUP, undefined)
      this.session.leader.kernel.signal(this.session.leader, SIGCONT, undefined)
    }
    if (this.foreground) this.foreground.kernel.signalGroup(this.foreground, SIGHUP)
    this.inputReady.wake()
    this.outputReady.wake()
    this.outputRoom.wake()
  }

  *read(file: OpenFile, count: number, p: Process): Run<Uint8Array | Errno> {
    for (;;) {
      if (this.hungUp) return new Uint8Array(0)
      if (p.session.tty === this && this.foreground && this.foreground !== p.group) {
        if (p.action(SIGTTIN) === 'ignore') return EIO
        p.kernel.signalGroup(p.group, SIGTTIN)
        yield { kind: 'preempt' }
        continue
      }
      const first = this.#input[0]
      if (first) {
        if (first.length <= count) this.#input.shift()
        else this.#input[0] = first.subarray(count)
        if (this.termios.icanon || first.length >= count) return first.subarray(0, count)
        // Raw mode: as many keys as are there.
        const bytes = [...first]
        while (this.#input[0] && bytes.length + this.#input[0].length <= count)
          bytes.push(...(this.#input.shift() as Uint8Array))
        return Uint8Array.from(bytes)
      }
      if (file.flags & O_NONBLOCK) return EAGAIN
      yield { kind: 'sleep', queues: [this.inputReady] }
    }
  }
  *write(file: OpenFile, bytes: Uint8Array): Run<number | Errno> {
    let written = 0
    while (written < bytes.length) {
      if (this.hungUp) return EIO
      if (this.#outputLength < LIMIT) {
        const part = bytes.slice(written, written + LIMIT)
        this.#put(this.#process(part))
        written += part.length
        continue
      }
      if (file.flags & O_NONBLOCK) return written || EAGAIN
      yield { kind: 'sleep', queues: [this.outputRoom] }
    }
    return written
  }

  /** tty_ioctl(4). */
  ioctl(request: string, arg: unknown, p: Process): unknown {
    switch (request) {
      case 'TCGETS':
        return { ...this.termios }
      case 'TCSETS':
        this.termios = { ...this.termios, ...(arg as Partial<Termios>) }
        // What was typed of a line can be read at once without ICANON.
        if (!this.termios.icanon && this.#line.length > 0) {
          this.#input.push(Uint8Array.from(this.#line))
          this.#line = []
          this.inputReady.wake()
        }
        return undefined
      case 'TIOCGWINSZ':
        return this.size
      case 'TIOCSWINSZ':
        this.resize(arg as WindowSize)
        return undefined
      case 'TIOCGPGRP':
        return this.foreground?.pidIn(p.ns.pid) ?? 0
      case 'TIOCSPGRP': {
        if (p.session.tty !== this) return ENOTTY
        const leader = p.ns.pid.processes.get(arg as number)
        if (!leader || leader.session !== p.session) return EPERM
        this.foreground = leader
        return undefined
      }
      case 'TIOCSCTTY':
        if (p.session.leader !== p || (this.session && this.session !== p.session)) return EPERM
        p.session.tty = this
        this.session = p.session
        this.foreground = p.group
        return undefined
      case 'TIOCNOTTY':
        if (p.session.tty !== this) return ENOTTY
        p.session.tty = undefined
        this.session = undefined
        return undefined
      case 'TIOCGPTN':
        return this.index
      case 'FIONREAD':
        return this.#input.reduce((n, part) => n + part.length, 0)
      default:
        return EINVAL
    }
  }

  /** The programs' side, /dev/pts/N. */
  slaveOps(): FileOps {
    this.slaves++
    this.everOpened = true
    return {
      stream: true,
      read: (file, count, p) => this.read(file, count, p),
      write: (file, bytes) => this.write(file, bytes),
      ioctl: (_file, request, arg, p) => this.ioctl(request, arg, p),
      poll: () => ({
        readable: this.#input.length > 0 || this.hungUp,
        writable: this.#outputLength < LIMIT,
        queues: [this.inputReady, this.outputRoom],
      }),
      release: () => {
        this.slaves--
        this.outputReady.wake()
      },
    }
  }
  /** The screen's side, got by opening /dev/ptmx. */
  masterOps(): FileOps {
    const tty = this
    return {
      stream: true,
      *read(file, count): Run<Uint8Array | Errno> {
        while (tty.#outputLength === 0) {
          // The last slave was closed: EIO, as on Linux.
          if (tty.everOpened && tty.slaves === 0) return EIO
          if (file.flags & O_NONBLOCK) return EAGAIN
          yield { kind: 'sleep', queues: [tty.outputReady] }
        }
        return tty.takeOutput(count)
      },
      write: (_file, bytes) => {
        tty.type(bytes)
        return bytes.length
      },
      ioctl: (_file, request, arg, p) => tty.ioctl(request, arg, p),
      poll: () => ({
        readable: tty.#outputLength > 0 || (tty.everOpened && tty.slaves === 0),
        writable: true,
        queues: [tty.outputReady],
      }),
      release: () => tty.hangUp(),
    }
  }
}
