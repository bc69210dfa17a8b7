/**
 * java, as far as it runs Jenkins: its home is made ready, among it a folder of secrets for its own user alone
 * (jenkins.security.DefaultConfidentialStore). Pages beside that of the first login aren't served.
 */
import { isErr } from '../../base/errno.ts'
import type { Program, Run, Sys } from '../../kernel/linux/abi.ts'
import { O_CREAT, O_TRUNC, O_WRONLY } from '../../kernel/linux/fs/flags.ts'
import { HttpReader, sendResponse } from '../lib/http.ts'
import { encode, warn, writeAll } from '../lib/io.ts'
import { strftime } from '../lib/time.ts'

const WAR = '/usr/share/jenkins/jenkins.war'
function* put(sys: Sys, path: string, content: string): Run<void> {
  const fd = yield* sys.open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  if (isErr(fd)) return
  yield* writeAll(sys, fd, encode(content))
  yield* sys.close(fd)
}
function* hex(sys: Sys, bytes: number): Run<string> {
  return [...(yield* sys.getrandom(bytes))].map((b) => (b + 256).toString(16).slice(1)).join('')
}

/** java [options] -jar /usr/share/jenkins/jenkins.war */
export const jenkins: Program = function* (sys, argv) {
  const jar = argv[argv.indexOf('-jar') + 1]
  if (argv[1] === '-version' || argv[1] === '--version') {
    yield* warn(sys, 'openjdk version "21.0.9" 2025-10-21 LTS\n')
    return 0
  }
  if (jar !== WAR) {
    yield* warn(sys, `zukan: not emulated: java ${argv.slice(1).join(' ')}\n`)
    return 1
  }
  const home =
    sys
      .environ()
      .find((e) => e.startsWith('JENKINS_HOME='))
      ?.slice(13) ?? '/var/jenkins_home'
  const log = function* (id: number, level: string, text: string): Run<void> {
    const now = yield* sys.clock('realtime')
    const ms = String(Math.floor(now / 1e6) % 1000).padStart(3, '0')
    yield* warn(sys, `${strftime('%F %T', now)}.${ms}+0000 [id=${id}]\t${level}\t${text}\n`)
  }
  yield* warn(sys, `Running from: ${WAR}\nwebroot: ${home}/war\n`)
  yield* sys.mkdir(`${home}/war`, 0o755)
  yield* sys.brk(420 * 1024 ** 2)
  yield* log(1, 'INFO', 'winstone.Logger#logInternal: Beginning extraction from war file')
  yield* sys.nanosleep(1_200_000_000)
  yield* log(
    1,
    'INFO',
    `hudson.WebAppMain#contextInitialized: Jenkins home directory: ${home} found at: EnvVars.masterEnvVars.get("JENKINS_HOME")`,
  )
  const socket = yield* sys.socket('inet', 'stream')
  if (isErr(socket)) return 1
  const taken =
    (yield* sys.bind(socket, { family: 'inet', address: '0.0.0.0', port: 8080 })) ?? (yield* sys.listen(socket))
  if (taken) {
    yield* log(1, 'SEVERE', `winstone.Logger#logInternal: Container startup failed\njava.io.IOException: ${taken.text}`)
    return 1
  }
  yield* log(1, 'INFO', 'winstone.Logger#logInternal: Winstone Servlet Engine running: controlPort=disabled')
  const secrets = `${home}/secrets`
  // An existing folder is left as its administrator made it.
  const made = yield* sys.mkdir(secrets, 0o755)
  const failed = made?.name === 'EEXIST' ? undefined : (made ?? (yield* sys.chmod(secrets, 0o700)))
  let page: string
  if (failed) {
    const why = `java.nio.file.${failed.name === 'EACCES' ? 'AccessDenied' : 'FileSystem'}Exception: ${secrets}${failed.name === 'EACCES' ? '' : `: ${failed.text}`}`
    yield* log(
      25,
      'SEVERE',
      `hudson.util.BootFailure#publish: Failed to initialize Jenkins\n${why}\n\tat hudson.FilePath.chmod(FilePath.java)\n\tat jenkins.security.DefaultConfidentialStore.<init>(DefaultConfidentialStore.java)\nCaused: java.lang.Error\nCaused: hudson.util.HudsonFailedToLoad`,
    )
    page = `<h1>Error</h1><pre>hudson.util.HudsonFailedToLoad: java.lang.Error: ${why}</pre>\n`
  } else {
    yield* put(sys, `${secrets}/master.key`, yield* hex(sys, 128))
    const password = yield* hex(sys, 16)
    yield* put(sys, `${secrets}/initialAdminPassword`, `${password}\n`)
    const stars = '*************************************************************\n'.repeat(3)
    yield* log(
      42,
      'INFO',
      `jenkins.install.SetupWizard#init:\n\n${stars}\nJenkins initial setup is required. An admin user has been created and a password generated.\nPlease use the following password to proceed to installation:\n\n${password}\n\nThis may also be found at: ${secrets}/initialAdminPassword\n\n${stars.trimEnd()}`,
    )
    yield* log(32, 'INFO', 'hudson.lifecycle.Lifecycle#onReady: Jenkins is fully up and running')
    page = `<html><head><title>Sign in [Jenkins]</title></head><body>Unlock Jenkins: ${secrets}/initialAdminPassword</body></html>\n`
  }
  for (;;) {
    const client = yield* sys.accept(socket)
    if (isErr(client)) continue
    sys.thread(function* (t) {
      const reader = new HttpReader(t, client)
      for (let request = yield* reader.request(); request; request = yield* reader.request())
        yield* sendResponse(
          t,
          client,
          failed ? 500 : 403,
          { 'Content-Type': 'text/html;charset=utf-8', 'X-Jenkins': '2.528.2', Server: 'Jetty(12.0.25)' },
          encode(page),
          request.method === 'HEAD',
        )
      yield* t.close(client)
    })
  }
}
