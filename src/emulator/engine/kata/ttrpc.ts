/**
 * ttRPC between the shim and the agent, over vsock. Services and methods are those of the agent's agent.proto (kata-containers,
 * src/libs/protocols/protos/agent.proto); a message is a line of JSON instead of a protocol buffer, and a call has a connection of its own.
 */
import { isErr } from '../../base/errno.ts'
import type { Run, Sys } from '../../kernel/linux/abi.ts'
import { write } from '../../userland/lib/io.ts'
import { type Methods, type Params, type Reply, readMessage, serveMethods } from '../rpc.ts'

/** Where the agent listens: `server_port` of the configuration. */
export const AGENT_PORT = 1024
export const SERVICE = 'grpc.AgentService'
/** Calls a method of the agent of the machine `cid`. `to` names the agent in the trace; calls that carry streams leave it out. */
export function* callAgent<T = Record<string, unknown>>(
  sys: Sys,
  cid: number,
  method: string,
  params: Params,
  to?: string,
): Run<Reply<T>> {
  const gone: Reply<T> = { ok: false, error: 'ttrpc err: Socket("early eof")' }
  const fd = yield* sys.socket('vsock', 'stream')
  if (isErr(fd)) return gone
  const document = JSON.stringify(params)
  if (yield* sys.connect(fd, { family: 'vsock', cid, port: AGENT_PORT })) {
    yield* sys.close(fd)
    return gone
  }
  if (to !== undefined) sys.traceMark('grpc', to, `${SERVICE}/${method}`, document)
  yield* write(sys, fd, `{"method":${JSON.stringify(method)},"params":${document}}\n`)
  const answer = yield* readMessage(sys, fd)
  yield* sys.close(fd)
  return answer === undefined ? gone : (JSON.parse(answer) as Reply<T>)
}
/** Serves methods on the agent's port, a thread a call; never returns. */
export function* serveAgent(sys: Sys, methods: Methods): Run<number> {
  const socket = yield* sys.socket('vsock', 'stream')
  if (isErr(socket)) return 1
  if ((yield* sys.bind(socket, { family: 'vsock', cid: -1, port: AGENT_PORT })) ?? (yield* sys.listen(socket))) return 1
  return yield* serveMethods(sys, socket, methods, (method) => `/${SERVICE}/${method} is not supported`)
}
