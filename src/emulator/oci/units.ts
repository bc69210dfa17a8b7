/** Sizes and ages as docker/go-units writes and reads them. */
import { general } from '../userland/lib/printf.ts'

const decimal = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB']
const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB']

/** 7.8MB */
export function humanSize(bytes: number, digits = 4): string {
  let value = bytes
  let i = 0
  while (value >= 1000 && i < decimal.length - 1) {
    value /= 1000
    i++
  }
  return `${general(value, digits)}${decimal[i]}`
}
/** 7.4MiB */
export function bytesSize(bytes: number): string {
  let value = bytes
  let i = 0
  while (value >= 1024 && i < binary.length - 1) {
    value /= 1024
    i++
  }
  return `${general(value, 4)}${binary[i]}`
}
function parse(text: string, base: number): number | undefined {
  // go-units splits at the last digit, point or blank: number before, unit behind.
  const at = Math.max(...[...'0123456789. '].map((c) => text.lastIndexOf(c)))
  if (at < 0) return undefined
  const number = text[at] === ' ' ? text.slice(0, at) : text.slice(0, at + 1)
  const unit = text.slice(at + 1).toLowerCase()
  if (!/^[-+]?(\d+\.?\d*|\.\d+)$/.test(number)) return undefined
  const value = Number(number)
  if (value < 0) return undefined
  const m = /^(?:b|([kmgtp])(?:b|ib)?)?$/.exec(unit)
  if (!m) return undefined
  return Math.trunc(Math.abs(value) * base ** (m[1] ? 'kmgtp'.indexOf(m[1]) + 1 : 0))
}
/** `32MB` as decimal bytes; undefined where it isn't a size. */
export const fromHumanSize = (text: string): number | undefined => parse(text, 1000)
/** `256m` as binary bytes, as --memory takes it. */
export const ramInBytes = (text: string): number | undefined => parse(text, 1024)

/** What go-units says of a text that is no size; of one below zero it says so before it looks at the unit. */
export function sizeComplaint(text: string): string {
  const unit = /^\+?(?:\d+\.?\d*|\.\d+) ?([^\d. ]+)$/.exec(text)?.[1]
  return unit === undefined ? `invalid size: '${text}'` : `invalid suffix: '${unit.toLowerCase()}'`
}

/** `5 seconds`, `About a minute`, `3 weeks`: of nanoseconds. */
export function humanDuration(ns: number): string {
  const seconds = Math.trunc(ns / 1e9)
  if (seconds < 1) return 'Less than a second'
  if (seconds === 1) return '1 second'
  if (seconds < 60) return `${seconds} seconds`
  const minutes = Math.trunc(seconds / 60)
  if (minutes === 1) return 'About a minute'
  if (minutes < 60) return `${minutes} minutes`
  const hours = Math.trunc(minutes / 60 + 0.5)
  if (hours === 1) return 'About an hour'
  if (hours < 48) return `${hours} hours`
  if (hours < 24 * 7 * 2) return `${Math.trunc(hours / 24)} days`
  if (hours < 24 * 30 * 2) return `${Math.trunc(hours / 24 / 7)} weeks`
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24 / 30)} months`
  return `${Math.trunc(hours / 24 / 365)} years`
}

/** Seconds since 1970 of an RFC 3339 time in UTC; 0 where it isn't one. */
export function seconds(text: string): number {
  const m = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)/.exec(text)
  if (!m) return 0
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = m.slice(1).map(Number)
  // Days from a civil date, with years that begin in March: leap days come last.
  const yy = mo <= 2 ? y - 1 : y
  const era = Math.floor(yy / 400)
  const yoe = yy - era * 400
  const doy = Math.floor((153 * (mo + (mo > 2 ? -3 : 9)) + 2) / 5) + d - 1
  const days = era * 146097 + yoe * 365 + Math.floor(yoe / 4) - Math.floor(yoe / 100) + doy - 719468
  return days * 86400 + h * 3600 + mi * 60 + s
}
