/** What a reader's browser makes of the emulator: how long a container's run takes in a tab, and how much an idle one holds. */
import { inTab } from './page.ts'

const page = `
import { openSession } from './src/emulator/complete.ts'

globalThis.runs = (warm, count) => {
  const session = openSession()
  const times = []
  for (let i = 0; i < warm + count; i++) {
    const began = performance.now()
    session.run('docker run --rm alpine true')
    times.push(performance.now() - began)
  }
  const late = times.slice(warm).sort((a, b) => a - b)
  return { first: times[0], median: late[count >> 1] }
}
let crowd
globalThis.start = (count) => {
  crowd ??= openSession()
  for (let i = 0; i < count; i++) crowd.run('docker run -d alpine sleep 1000000')
}
`

export interface TabFigures {
  /** Milliseconds: the first run in a fresh tab, and the median of later ones. */
  readonly first: number
  readonly median: number
  /** Bytes that one more idle container takes. */
  readonly idle: number
}

/** Undefined where there is no browser. */
export const tabFigures = (): Promise<TabFigures | undefined> =>
  inTab(page, '', async (tab) => {
    const { first, median } = (await tab.evaluate('runs(300, 200)')) as { first: number; median: number }
    const protocol = await tab.context().newCDPSession(tab)
    const used = async (): Promise<number> => {
      await protocol.send('HeapProfiler.collectGarbage')
      // Objects, and the bytes of files that lie outside of the heap.
      const { usedSize, backingStorageSize = 0 } = (await protocol.send('Runtime.getHeapUsage')) as {
        readonly usedSize: number
        readonly backingStorageSize?: number
      }
      return usedSize + backingStorageSize
    }
    await tab.evaluate('start(100)')
    const before = await used()
    await tab.evaluate('start(400)')
    return { first, median, idle: ((await used()) - before) / 400 }
  })
