/** nslookup: asks a name server. */
import { print, warn } from '../../lib/io.ts'
import { ask, nameservers } from '../../lib/resolve.ts'
import type { Applet } from '../../program.ts'

export const nslookup: Applet = {
  name: 'nslookup',
  usage: '[-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]',
  help: 'Query DNS about HOST',
  *run(sys, argv) {
    const [host = '', given] = argv.slice(1).filter((a) => !a.startsWith('-'))
    const server = given ?? (yield* nameservers(sys))[0]
    if (server === undefined) {
      yield* warn(sys, 'nslookup: no name servers\n')
      return 1
    }
    const answer = yield* ask(sys, server, host)
    if (answer === 'timeout') {
      yield* print(sys, ';; connection timed out; no servers could be reached\n\n')
      return 1
    }
    yield* print(sys, `Server:\t\t${server}\nAddress:\t${server}:53\n\n`)
    if (answer === 'nxdomain') {
      yield* print(sys, `** server can't find ${host}: NXDOMAIN\n\n`)
      return 1
    }
    yield* print(sys, `Non-authoritative answer:\n${answer.map((a) => `Name:\t${host}\nAddress: ${a}\n`).join('')}\n`)
    return 0
  },
}
