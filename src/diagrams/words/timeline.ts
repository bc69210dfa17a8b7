import type { Language, SceneWords } from '../scene/types.ts'

/** id, date as printed, what happened, source, lane. Days only where a source gives the day. */
export type Entry = readonly [
  date: string,
  title: string,
  detail: string,
  lane: 'kernel' | 'container' | 'document' | 'vm',
]
interface Words extends SceneWords {
  readonly entries: Readonly<Record<string, Entry>>
  readonly year: (year: string) => string
  /** What a date is about, a word each. */
  readonly lanes: Readonly<Record<Entry[3], string>>
}
export const words: Readonly<Record<Language, Words>> = {
  en: {
    name: 'Eighteen years of containers',
    caption:
      'Kernel features, engines, specifications and virtual machines around containers; colours as in the other pictures.',
    choices: { all: 'All', container: 'Engines', document: 'Specifications', vm: 'With virtual machines' },
    year: (y) => y,
    lanes: { kernel: 'kernel', container: 'engine', document: 'specification', vm: 'virtual machines' },
    entries: {
      lxc: ['2008', 'LXC', 'Containers by the kernel’s own namespaces and cgroups', 'container'],
      docker: ['2013-03', 'Docker 0.1', 'dotCloud puts an easy command line around LXC', 'container'],
      libcontainer: ['2014-03-10', 'Docker 0.9', 'libcontainer takes LXC’s place', 'container'],
      docker1: ['2014-06', 'Docker 1.0', '', 'container'],
      oci: ['2015-06-22', 'OCI', 'Open Container Initiative, at the Linux Foundation', 'document'],
      swarm: ['2016-07-28', 'Docker 1.12', 'swarm mode comes with the engine', 'container'],
      windows: ['2016-09-26', 'Windows containers', 'announced with Windows Server 2016', 'vm'],
      cri: ['2016-12', 'CRI', 'Kubernetes 1.5 gives runtimes an interface', 'document'],
      cncf: ['2017-03', 'containerd joins the CNCF', '', 'container'],
      moby: ['2017-04', 'Moby and LinuxKit', 'shown at DockerCon, with LCOW', 'vm'],
      spec: ['2017-07-19', 'OCI specifications 1.0', 'runtime and image', 'document'],
      criPlugin: ['2018-05-24', 'containerd 1.1', 'Kubernetes’ CRI built in', 'container'],
      mirantis: ['2019-11-13', 'Docker Enterprise sold', 'to Mirantis; Docker turns to developers', 'container'],
      dockershim: ['2020-12-08', 'dockershim deprecated', 'Kubernetes 1.20; removed in 1.24 (2022-05-03)', 'document'],
      distribution: ['2021-04-26', 'distribution-spec 1.0', 'the registry’s API', 'document'],
      desktop: ['2021-08-31', 'Docker Desktop’s new terms', 'payment for larger companies', 'container'],
      lcow: ['2023-01-31', 'Docker Engine 23.0', 'LCOW is gone; WSL 2 took its place', 'vm'],
      watch: ['2023-09', 'Compose Watch', 'with Compose 2.22', 'container'],
      scout: ['2023-10', 'Docker Scout', 'looks for known vulnerabilities', 'container'],
      containerd2: ['2024-11-05', 'containerd 2.0', '', 'container'],
      apple: ['2025-06', 'Apple container', 'a virtual machine for each container', 'vm'],
      runtime13: ['2025-11-04', 'runtime-spec 1.3', 'adds FreeBSD', 'document'],
      engine29: ['2025-11-10', 'Docker Engine 29', 'fresh installations use the containerd image store', 'container'],
      time: [
        '2026-05-14',
        'Docker Engine 29.5',
        'a time namespace for each container, where the kernel has them',
        'kernel',
      ],
      wslc: ['2026-09-29', 'WSL containers', 'Windows’ own command for Linux containers', 'vm'],
    },
  },
  ja: {
    name: 'コンテナの十八年',
    caption: 'コンテナをめぐるカーネルの機能、エンジン、仕様、仮想マシンの出来事。色の意味はほかの図と同じです。',
    choices: { all: 'すべて', container: 'エンジン', document: '仕様', vm: '仮想マシンとの関わり' },
    year: (y) => y,
    lanes: { kernel: 'カーネル', container: 'エンジン', document: '仕様', vm: '仮想マシン' },
    entries: {
      lxc: ['2008', 'LXC', 'カーネル自身の名前空間とcgroupによるコンテナ', 'container'],
      docker: ['2013-03', 'Docker 0.1', 'dotCloudがLXCを使いやすいコマンドで包む', 'container'],
      libcontainer: ['2014-03-10', 'Docker 0.9', 'LXCに代わりlibcontainerが既定に', 'container'],
      docker1: ['2014-06', 'Docker 1.0', '', 'container'],
      oci: ['2015-06-22', 'OCI', 'Linux FoundationにOpen Container Initiative発足', 'document'],
      swarm: ['2016-07-28', 'Docker 1.12', 'エンジンにswarmモードが入る', 'container'],
      windows: ['2016-09-26', 'Windowsコンテナ', 'Windows Server 2016とともに発表', 'vm'],
      cri: ['2016-12', 'CRI', 'Kubernetes 1.5がランタイムの窓口を定める', 'document'],
      cncf: ['2017-03', 'containerdがCNCFへ', '', 'container'],
      moby: ['2017-04', 'MobyとLinuxKit', 'DockerConでLCOWとともに披露', 'vm'],
      spec: ['2017-07-19', 'OCI仕様 1.0', 'ランタイムとイメージ', 'document'],
      criPlugin: ['2018-05-24', 'containerd 1.1', 'KubernetesのCRIを内蔵', 'container'],
      mirantis: ['2019-11-13', 'Docker Enterpriseを売却', 'Mirantisへ。Docker社は開発者向けに専念', 'container'],
      dockershim: ['2020-12-08', 'dockershimが非推奨に', 'Kubernetes 1.20。1.24(2022-05-03)で削除', 'document'],
      distribution: ['2021-04-26', 'distribution-spec 1.0', 'レジストリのAPI', 'document'],
      desktop: ['2021-08-31', 'Docker Desktopの条件変更', '大きな会社は有料に', 'container'],
      lcow: ['2023-01-31', 'Docker Engine 23.0', 'LCOWを削除。後継はWSL 2', 'vm'],
      watch: ['2023-09', 'Compose Watch', 'Compose 2.22から', 'container'],
      scout: ['2023-10', 'Docker Scout', '既知の脆弱性を調べる', 'container'],
      containerd2: ['2024-11-05', 'containerd 2.0', '', 'container'],
      apple: ['2025-06', 'Appleのcontainer', 'コンテナごとに仮想マシン', 'vm'],
      runtime13: ['2025-11-04', 'runtime-spec 1.3', 'FreeBSDが加わる', 'document'],
      engine29: ['2025-11-10', 'Docker Engine 29', '新規導入の既定がcontainerdイメージストアに', 'container'],
      time: ['2026-05-14', 'Docker Engine 29.5', '対応カーネルでは時間名前空間もコンテナごとに', 'kernel'],
      wslc: ['2026-09-29', 'WSLコンテナ', 'Windows標準のLinuxコンテナ用コマンド', 'vm'],
    },
  },
}
