import type { Language, SceneWords } from '../scene/types.ts'

interface Words extends SceneWords {
  readonly client: string
  readonly clientDetail: string
  readonly host: string
  readonly nat: string
  readonly natDetail: string
  readonly forward: (port: number, to: string) => string
  readonly masquerade: (source: string) => string
  readonly noForward: string
  readonly bridge: string
  readonly veth: string
  readonly container: string
  readonly namespace: string
  readonly interface: string
  readonly packets: (n: number) => string
  readonly ports: (ports: string) => string
  readonly down: string
  readonly peer: string
  readonly carrierDetail: string
  readonly carried: string
  readonly proxyDetail: string
  readonly local: string
  readonly toProxy: string
  readonly newConnection: string
  readonly pids: (pids: string) => string
  readonly rewritten: string
  readonly outside: string
}
export const words: Readonly<Record<Language, Words>> = {
  en: {
    name: 'The way of a packet',
    caption:
      'Each container has interfaces, routes and ports of its own. A virtual cable leads from its eth0 to a bridge on the host; rules rewrite addresses on the way in and out.',
    actions: {
      run: 'Start a server on port 8080',
      curl: 'Ask it for a page',
      ping: 'Ping from inside',
      rm: 'Remove it',
    },
    client: 'Client',
    clientDetail: 'a program on the host',
    host: 'Host',
    nat: 'Address translation (NAT)',
    natDetail: 'netfilter rules of the host’s kernel',
    forward: (port, to) => `in: port ${port} → ${to}`,
    masquerade: (source) => `out: ${source} → the host’s address`,
    noForward: 'no port is published',
    bridge: 'Bridge: a switch in the kernel',
    veth: 'Virtual cable (veth)',
    container: 'Container',
    namespace: 'network namespace',
    interface: 'Interface',
    packets: (n) => `${n} ${n === 1 ? 'packet' : 'packets'}`,
    ports: (p) => `listens on ${p}`,
    down: 'down',
    peer: 'other end',
    carrierDetail: 'a process carries packets in and out: this user may not make interfaces here',
    carried: 'copied by the process',
    proxyDetail: 'a process that passes on what comes to localhost',
    local: 'From this machine',
    toProxy: '127.0.0.1, port 8080',
    newConnection: 'a new connection to the container',
    pids: (p) => `PID ${p}`,
    rewritten: 'destination rewritten',
    outside: 'From outside, and to it',
  },
  ja: {
    name: 'パケットの道',
    caption:
      'コンテナにはそれぞれ専用のインターフェイス・経路・ポートがあります。eth0からは仮想のケーブルがホストのブリッジへ通じ、出入りの途中で規則がアドレスを書き換えます。',
    actions: { run: '8080番でサーバーを起動', curl: 'ページを取りに行く', ping: '中からpingを打つ', rm: '削除' },
    client: 'クライアント',
    clientDetail: 'ホスト上のプログラム',
    host: 'ホスト',
    nat: 'アドレス変換(NAT)',
    natDetail: 'ホストのカーネルのnetfilter規則',
    forward: (port, to) => `入: ポート${port} → ${to}`,
    masquerade: (source) => `出: ${source} → ホストのアドレス`,
    noForward: '公開したポートはありません',
    bridge: 'ブリッジ: カーネルの中のスイッチ',
    veth: '仮想ケーブル(veth)',
    container: 'コンテナ',
    namespace: 'ネットワーク名前空間',
    interface: 'インターフェイス',
    packets: (n) => `パケット${n}個`,
    ports: (p) => `待ち受け ${p}`,
    down: '停止',
    peer: '反対側',
    carrierDetail: 'パケットを出し入れするプロセス。一般ユーザーはここにインターフェイスを作れない',
    carried: 'プロセスが写す',
    proxyDetail: 'localhostに届いた通信を中継するプロセス',
    local: 'このマシンから',
    toProxy: '127.0.0.1の8080番',
    newConnection: 'コンテナへの新しい接続',
    pids: (p) => `PID ${p}`,
    rewritten: '宛先を書き換え',
    outside: '外から、または外へ',
  },
}
