import type { Language, SceneWords } from '../scene/types.ts'

interface Words extends SceneWords {
  readonly tag: string
  readonly kinds: Readonly<Record<'mnt' | 'pid' | 'net' | 'uts' | 'ipc' | 'user' | 'cgroup' | 'time', string>>
  readonly hides: Readonly<Record<'mnt' | 'pid' | 'net' | 'uts' | 'ipc' | 'user' | 'cgroup' | 'time', string>>
  readonly host: string
  readonly container: string
  readonly shared: string
  readonly own: string
  readonly members: (names: string) => string
  readonly sees: (n: number) => string
  readonly calledItself: (name: string) => string
  readonly same: string
}
export const words: Readonly<Record<Language, Words>> = {
  en: {
    name: 'Which process sees what',
    caption:
      'A namespace limits what a process sees; a cgroup, what it may use. What stands together in a box sees the same; the number is the namespace’s, as /proc/PID/ns shows it.',
    actions: {
      run: 'Start a container',
      share: 'Start one in the host’s network',
      unshare: 'Only a host name of its own',
      rm: 'Remove them',
    },
    tag: 'Namespaces',
    kinds: {
      mnt: 'Mounts',
      pid: 'Process numbers',
      net: 'Network',
      uts: 'Host name',
      ipc: 'IPC',
      user: 'Users',
      cgroup: 'Cgroup view',
      time: 'Boot clock',
    },
    hides: {
      mnt: 'which files are there',
      pid: 'which processes are there',
      net: 'interfaces, routes, ports',
      uts: 'what the system calls itself',
      ipc: 'shared memory, queues',
      user: 'who is root',
      cgroup: 'where the cgroup tree begins',
      time: 'how long the system has been up',
    },
    host: 'Host',
    container: 'Container',
    shared: 'shared with the host',
    own: 'its own',
    members: (names) => `in it: ${names}`,
    sees: (n) => `sees ${n} ${n === 1 ? 'process' : 'processes'}`,
    calledItself: (name) => `host name ${name}`,
    same: 'the host’s',
  },
  ja: {
    name: 'どのプロセスに何が見えるか',
    caption:
      '名前空間は見える範囲を、cgroupは使える量を限ります。同じ箱の中にあるプロセスには同じものが見えます。番号は/proc/PID/nsに出る名前空間の番号です。',
    actions: {
      run: 'コンテナを起動',
      share: 'ホストのネットワークで起動',
      unshare: 'ホスト名だけ分ける',
      rm: 'すべて削除',
    },
    tag: '名前空間',
    kinds: {
      mnt: 'マウント',
      pid: 'プロセス番号',
      net: 'ネットワーク',
      uts: 'ホスト名',
      ipc: 'IPC',
      user: 'ユーザー',
      cgroup: 'cgroupの見え方',
      time: '起動からの時計',
    },
    hides: {
      mnt: 'どのファイルがあるか',
      pid: 'どのプロセスがいるか',
      net: 'インターフェイス、経路、ポート',
      uts: 'システムが名乗る名前',
      ipc: '共有メモリ、メッセージキュー',
      user: '誰がrootか',
      cgroup: 'cgroupの木がどこから始まるか',
      time: '起動からの経過時間',
    },
    host: 'ホスト',
    container: 'コンテナ',
    shared: 'ホストと共有',
    own: '専用',
    members: (names) => `中のプロセス: ${names}`,
    sees: (n) => `見えるプロセス ${n}個`,
    calledItself: (name) => `ホスト名 ${name}`,
    same: 'ホストのもの',
  },
}
