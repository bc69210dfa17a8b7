/** The flags of buildah's commands in the order of its help; `shorthand,name:type`, a type's colons written as `~`. */
export const globals =
  'cgroup-manager:string h,help log-level:string registries-conf:string registries-conf-dir:string root:string runroot:string short-name-alias-conf:string storage-driver:string storage-opt:strings userns-gid-map:ctrID~hostID~length userns-uid-map:ctrID~hostID~length v,version'
/** Commands that are carried out, by name. */
export const shapes: Readonly<Record<string, string>> = {
  add: 'add-history chmod:string chown:string contextdir:string from:string h,help ignorefile:string q,quiet retry:int retry-delay:string',
  build:
    'add-host:host~ip all-platforms annotation:stringArray arch:string authfile:string build-arg:argument=value build-context:argument=value cache-from:string cache-to:string cache-ttl:string cap-add:strings cap-drop:strings cert-dir:string cgroup-parent:string cgroupns:string compress cpp-flag:stringArray cpu-period:uint cpu-quota:int c,cpu-shares:uint cpuset-cpus:string cpuset-mems:string creds:[username[~password]] decryption-key:strings device:stringArray D,disable-compression disable-content-trust dns:/etc/resolv.conf dns-option:strings dns-search:strings env:stringArray f,file:pathname_or_URL force-rm format:format from:string h,help hooks-dir:stringArray http-proxy identity-label ignorefile:string iidfile:file ipc:path isolation:type jobs:int label:stringArray layers logfile:file logsplit manifest:string m,memory:string memory-swap:string network:string no-cache no-hosts omit-history os:string os-feature:feature os-version:version o,output:string pid:path platform:linux/arm pull:string[="true"] q,quiet retry:int retry-delay:string rm runtime:path runtime-flag:strings secret:stringArray security-opt:stringArray shm-size:<number><unit> sign-by:FINGERPRINT skip-unused-stages squash ssh:stringArray stdin t,tag:name target:string timestamp:int tls-verify ulimit:strings unsetenv:strings userns:path userns-gid-map:containerGID~hostGID~length userns-gid-map-group:name userns-uid-map:containerUID~hostUID~length userns-uid-map-user:name uts:path variant:variant v,volume:stringArray',
  commit:
    'authfile:string cert-dir:string creds:[username[~password]] D,disable-compression encrypt-layer:ints encryption-key:strings f,format:format h,help identity-label iidfile:string manifest:string omit-history q,quiet rm sign-by:FINGERPRINT squash timestamp:int tls-verify unsetenv:strings',
  config:
    'add-history a,annotation:annotation arch:architecture author:information cmd:command comment:comment created-by:description domainname:name entrypoint:entry_point e,env:environment_variable healthcheck:healthcheck healthcheck-interval:interval healthcheck-retries:number healthcheck-start-period:time healthcheck-timeout:time h,help history-comment:comment hostname:name l,label:label onbuild:strings os:operating_system os-feature:feature os-version:version p,port:port shell:shell stop-signal:stop_signal u,user:user variant:variant v,volume:volume workingdir:directory',
  containers: 'a,all f,filter:string format:string h,help json n,noheading notruncate q,quiet',
  copy: 'add-history chmod:string chown:string contextdir:string from:string h,help ignorefile:string q,quiet retry:int retry-delay:string',
  from: 'add-host:host~ip arch:string authfile:string cap-add:strings cap-drop:strings cert-dir:string cgroup-parent:string cgroupns:string cidfile:string cpu-period:uint cpu-quota:int c,cpu-shares:uint cpuset-cpus:string cpuset-mems:string creds:[username[~password]] decryption-key:strings device:stringArray dns:/etc/resolv.conf dns-option:strings dns-search:strings f,format:format h,help http-proxy ipc:path isolation:type m,memory:string memory-swap:string name:name network:string os:OS pid:path platform:linux/arm pull:string[="true"] q,quiet retry:int retry-delay:string security-opt:stringArray shm-size:<number><unit> tls-verify ulimit:strings userns:path userns-gid-map:containerGID~hostGID~length userns-gid-map-group:name userns-uid-map:containerUID~hostUID~length userns-uid-map-user:name uts:path variant:variant v,volume:stringArray',
  images: 'a,all digests f,filter:strings format:string h,help history json no-trunc n,noheading q,quiet',
  info: 'd,debug format:format h,help',
  inspect: 'f,format:format h,help t,type:type',
  login:
    'authfile:string cert-dir:string get-login h,help p,password:string password-stdin tls-verify u,username:string v,verbose',
  logout: 'a,all authfile:string h,help',
  mount: 'h,help json',
  pull: 'a,all-tags arch:ARCH authfile:string cert-dir:string creds:[username[~password]] decryption-key:strings h,help os:OS platform:strings policy:string q,quiet remove-signatures retry:int retry-delay:string tls-verify variant:variant',
  push: 'all authfile:string cert-dir:string compression-format:string compression-level:int creds:[username[~password]] digestfile:string D,disable-compression encrypt-layer:ints encryption-key:strings f,format:string h,help q,quiet remove-signatures retry:int retry-delay:string rm sign-by:FINGERPRINT tls-verify',
  rename: 'h,help',
  rm: 'a,all h,help',
  rmi: 'a,all f,force h,help p,prune',
  run: 'add-history cap-add:strings cap-drop:strings cgroupns:string contextdir:string e,env:stringArray h,help hostname:string ipc:path isolation:type mount:stringArray network:string no-hosts no-pivot pid:path runtime:path runtime-flag:strings t,terminal user:user[~group] uts:path v,volume:stringArray workingdir:string',
  tag: 'h,help',
  umount: 'a,all h,help',
  unshare: 'h,help m,mount:strings',
  version: 'h,help json',
}
/** Commands that buildah has and that aren't emulated. */
export const others: readonly string[] = ''.split('|')
