import type { Language, SceneWords } from '../scene/types.ts'

interface Words extends SceneWords {
  readonly host: string
  readonly inContainer: (name: string) => string
  readonly hostPid: (pid: number) => string
  readonly ownPid: (pid: number) => string
  readonly runsAs: (uid: number) => string
  readonly zombie: string
  readonly stopped: string
}
export const words: Readonly<Record<Language, Words>> = {
  en: {
    name: 'The process tree, with both numbers',
    caption:
      'All processes of the host, each under its parent. Those of a container are ordinary processes: the host knows them by one number, the container by another.',
    actions: { run: 'Start a container', exec: 'Start one more process in it', rm: 'Remove it' },
    host: 'Processes of the host',
    inContainer: (name) => `in container ${name}`,
    hostPid: (pid) => `host PID ${pid}`,
    ownPid: (pid) => `container PID ${pid}`,
    runsAs: (uid) => `user ${uid === 0 ? 'root' : uid}`,
    zombie: 'has ended, not yet waited for',
    stopped: 'stopped',
  },
  ja: {
    name: 'プロセスの木と二つの番号',
    caption:
      'ホストのすべてのプロセスを親子の順に並べました。コンテナのプロセスも普通のプロセスで、ホストとコンテナとでは番号が違います。',
    actions: { run: 'コンテナを起動', exec: '中でもう一つ動かす', rm: 'コンテナを削除' },
    host: 'ホストのプロセス',
    inContainer: (name) => `コンテナ${name}の中`,
    hostPid: (pid) => `ホストのPID ${pid}`,
    ownPid: (pid) => `コンテナのPID ${pid}`,
    runsAs: (uid) => `ユーザー ${uid === 0 ? 'root' : uid}`,
    zombie: '終了し、回収待ち',
    stopped: '停止中',
  },
}
