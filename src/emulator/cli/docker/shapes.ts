/**
 * The commands that a first lesson types: usage after `docker `, operands at least and at most, and flags in the order of their help.
 * A flag is `shorthand,name:type`; one without a type is a switch. Types are pflag's words; `!windows` marks what only a daemon on Windows takes.
 * The other commands' shapes are in more/shapes.ts, the flags' descriptions in help/texts.ts, in the same order.
 */
export type Shape = readonly [usage: string, least: number, most: number, flags: string]

export const shapes: Readonly<Record<string, Shape>> = {
  run: [
    'run [OPTIONS] IMAGE [COMMAND] [ARG...]',
    1,
    Infinity,
    'add-host:list annotation:map a,attach:list blkio-weight:uint16 blkio-weight-device:list cap-add:list cap-drop:list cgroup-parent:string cgroupns:string cidfile:string cpu-count:int!windows cpu-percent:int!windows cpu-period:int cpu-quota:int cpu-rt-period:int cpu-rt-runtime:int c,cpu-shares:int cpus:decimal cpuset-cpus:string cpuset-mems:string d,detach detach-keys:string device:list device-cgroup-rule:list device-read-bps:list device-read-iops:list device-write-bps:list device-write-iops:list disable-content-trust dns:list dns-option:list dns-opt:list!as=dns-option dns-search:list domainname:string entrypoint:string e,env:list env-file:list expose:list gpus:gpu-request group-add:list health-cmd:string health-interval:duration health-retries:int health-start-interval:duration health-start-period:duration health-timeout:duration help h,hostname:string init i,interactive io-maxbandwidth:bytes!windows io-maxiops:uint!windows ip:string ip6:string ipc:string isolation:string kernel-memory:bytes l,label:list label-file:list link:list link-local-ip:list log-driver:string log-opt:list mac-address:string m,memory:bytes memory-reservation:bytes memory-swap:bytes memory-swappiness:int mount:mount name:string network:network net:network!as=network network-alias:list net-alias:list!as=network-alias no-healthcheck oom-kill-disable oom-score-adj:int pid:string pids-limit:int platform:string privileged p,publish:list P,publish-all pull:string q,quiet read-only restart:string rm runtime:string security-opt:list shm-size:bytes sig-proxy stop-signal:string stop-timeout:int storage-opt:list sysctl:map tmpfs:list t,tty ulimit:ulimit use-api-socket u,user:string userns:string uts:string v,volume:list volume-driver:string volumes-from:list w,workdir:string',
  ],
  create: [
    'create [OPTIONS] IMAGE [COMMAND] [ARG...]',
    1,
    Infinity,
    'add-host:list annotation:map a,attach:list blkio-weight:uint16 blkio-weight-device:list cap-add:list cap-drop:list cgroup-parent:string cgroupns:string cidfile:string cpu-count:int!windows cpu-percent:int!windows cpu-period:int cpu-quota:int cpu-rt-period:int cpu-rt-runtime:int c,cpu-shares:int cpus:decimal cpuset-cpus:string cpuset-mems:string device:list device-cgroup-rule:list device-read-bps:list device-read-iops:list device-write-bps:list device-write-iops:list disable-content-trust dns:list dns-option:list dns-opt:list!as=dns-option dns-search:list domainname:string entrypoint:string e,env:list env-file:list expose:list gpus:gpu-request group-add:list health-cmd:string health-interval:duration health-retries:int health-start-interval:duration health-start-period:duration health-timeout:duration help h,hostname:string init i,interactive io-maxbandwidth:bytes!windows io-maxiops:uint!windows ip:string ip6:string ipc:string isolation:string kernel-memory:bytes l,label:list label-file:list link:list link-local-ip:list log-driver:string log-opt:list mac-address:string m,memory:bytes memory-reservation:bytes memory-swap:bytes memory-swappiness:int mount:mount name:string network:network net:network!as=network network-alias:list net-alias:list!as=network-alias no-healthcheck oom-kill-disable oom-score-adj:int pid:string pids-limit:int platform:string privileged p,publish:list P,publish-all pull:string q,quiet read-only restart:string rm runtime:string security-opt:list shm-size:bytes stop-signal:string stop-timeout:int storage-opt:list sysctl:map tmpfs:list t,tty ulimit:ulimit use-api-socket u,user:string userns:string uts:string v,volume:list volume-driver:string volumes-from:list w,workdir:string',
  ],
  start: [
    'start [OPTIONS] CONTAINER [CONTAINER...]',
    1,
    Infinity,
    'a,attach checkpoint:string checkpoint-dir:string detach-keys:string i,interactive',
  ],
  stop: ['stop [OPTIONS] CONTAINER [CONTAINER...]', 1, Infinity, 's,signal:string t,timeout:int time:int!was=timeout'],
  restart: [
    'restart [OPTIONS] CONTAINER [CONTAINER...]',
    1,
    Infinity,
    's,signal:string t,timeout:int time:int!was=timeout',
  ],
  kill: ['kill [OPTIONS] CONTAINER [CONTAINER...]', 1, Infinity, 's,signal:string'],
  rm: ['rm [OPTIONS] CONTAINER [CONTAINER...]', 1, Infinity, 'f,force l,link v,volumes'],
  ps: ['ps [OPTIONS]', 0, 0, 'a,all f,filter:filter format:string n,last:int l,latest no-trunc q,quiet s,size'],
  exec: [
    'exec [OPTIONS] CONTAINER COMMAND [ARG...]',
    2,
    Infinity,
    'd,detach detach-keys:string e,env:list env-file:list i,interactive privileged t,tty u,user:string w,workdir:string',
  ],
  logs: ['logs [OPTIONS] CONTAINER', 1, 1, 'details f,follow since:string n,tail:string t,timestamps until:string'],
  inspect: ['inspect [OPTIONS] NAME|ID [NAME|ID...]', 1, Infinity, 'f,format:string s,size type:string'],
  images: [
    'images [OPTIONS] [REPOSITORY[:TAG]]',
    0,
    1,
    'a,all digests f,filter:filter format:string no-trunc q,quiet tree',
  ],
  pull: ['pull [OPTIONS] NAME[:TAG|@DIGEST]', 1, 1, 'a,all-tags disable-content-trust platform:string q,quiet'],
  rmi: ['rmi [OPTIONS] IMAGE [IMAGE...]', 1, Infinity, 'f,force no-prune platform:strings'],
}
