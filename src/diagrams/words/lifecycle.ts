import type { Language, SceneWords } from '../scene/types.ts'

export type StateName = 'created' | 'running' | 'paused' | 'exited' | 'removed'
interface Words extends SceneWords {
  readonly states: Readonly<Record<StateName, readonly [title: string, detail: string]>>
  readonly moves: Readonly<Record<'start' | 'pause' | 'unpause' | 'stop' | 'restart' | 'rm', readonly string[]>>
  readonly container: string
  readonly exit: (code: number) => string
  readonly pid: (pid: number) => string
  readonly create: string
}
export const words: Readonly<Record<Language, Words>> = {
  en: {
    name: 'States of a container, and what leads from one to the next',
    caption: 'Each container of this server stands in the state that it is in. A container outlives its process.',
    actions: {
      create: 'docker create',
      start: 'docker start',
      pause: 'docker pause',
      unpause: 'docker unpause',
      stop: 'docker stop',
      rm: 'docker rm',
    },
    states: {
      created: ['Created', 'Files and settings are there; no process yet.'],
      running: ['Running', 'The main process lives.'],
      paused: ['Paused', 'Frozen by its cgroup: in memory, but given no time.'],
      exited: ['Exited', 'The main process has ended; writable layer and settings remain.'],
      removed: ['Removed', 'The writable layer is gone, the image stays.'],
    },
    moves: {
      start: ['docker start; docker run does both'],
      pause: ['docker pause'],
      unpause: ['docker unpause'],
      stop: ['docker stop, kill', 'or the process ends'],
      restart: ['docker start'],
      rm: ['docker rm'],
    },
    container: 'Container',
    exit: (code) => `exit code ${code}`,
    pid: (pid) => `PID ${pid}`,
    create: 'docker create',
  },
  ja: {
    name: 'コンテナの状態と、移り変わりの原因',
    caption: 'このサーバーのコンテナを、今の状態の箱に入れて示します。プロセスが終わってもコンテナは残ります。',
    actions: {
      create: 'docker create',
      start: 'docker start',
      pause: 'docker pause',
      unpause: 'docker unpause',
      stop: 'docker stop',
      rm: 'docker rm',
    },
    states: {
      created: ['作成済み', 'ファイルと設定はあるが、プロセスはまだない。'],
      running: ['実行中', 'メインプロセスが生きている。'],
      paused: ['一時停止', 'cgroupで凍結。メモリには残るが、CPU時間はもらえない。'],
      exited: ['終了', 'メインプロセスは終わった。書き込み層と設定は残る。'],
      removed: ['削除済み', '書き込み層は消え、イメージは残る。'],
    },
    moves: {
      start: ['docker start(docker runは作成も兼ねる)'],
      pause: ['docker pause'],
      unpause: ['docker unpause'],
      stop: ['docker stop、kill', 'またはプロセスの終了'],
      restart: ['docker start'],
      rm: ['docker rm'],
    },
    container: 'コンテナ',
    exit: (code) => `終了コード ${code}`,
    pid: (pid) => `PID ${pid}`,
    create: 'docker create',
  },
}
