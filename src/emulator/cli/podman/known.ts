/** Commands that podman has and that aren't emulated: their flags and help, as Debian 12's version prints it; see texts.ts for the form. */
export const knownShapes: Readonly<Record<string, string>> = {
  'auto-update': 'authfile:string dry-run format:string rollback',
  'container checkpoint':
    'a,all c,compress:string create-image:string e,export:string file-locks ignore-rootfs ignore-volumes k,keep l,latest R,leave-running P,pre-checkpoint print-stats tcp-established with-previous',
  'container clone':
    'blkio-weight:string blkio-weight-device:DEVICE%NAME~WEIGHT cpu-period:uint cpu-quota:int cpu-rt-period:uint cpu-rt-runtime:int c,cpu-shares:uint cpus:float cpuset-cpus:string cpuset-mems:string destroy device-read-bps:strings device-write-bps:strings f,force m,memory:<number>[<unit>] memory-reservation:<number>[<unit>] memory-swap:string memory-swappiness:int name:string pod:string run',
  'container restore':
    'a,all file-locks ignore-rootfs ignore-static-ip ignore-static-mac ignore-volumes i,import:string import-previous:string k,keep l,latest n,name:string pod:string print-stats p,publish:strings tcp-established',
  'container runlabel':
    'authfile:string cert-dir:Pathname creds:Credentials display n,name:string q,quiet replace tls-verify',
  'generate spec': 'c,compact f,filename:string n,name',
  'healthcheck run': '',
  'image diff': 'format:string',
  'image mount': 'a,all format:string',
  'image scp': 'q,quiet',
  'image search': 'authfile:string compatible f,filter:strings format:string limit:int list-tags no-trunc tls-verify',
  'image sign': 'a,all authfile:string cert-dir:Pathname d,directory:string sign-by:string',
  'image trust set': 'f,pubkeysfile:strings t,type:string',
  'image trust show': 'j,json n,noheading raw',
  'image unmount': 'a,all f,force',
  init: 'a,all l,latest',
  'machine info': 'f,format:string',
  'machine init':
    'cpus:uint disk-size:uint ignition-path:string image-path:string m,memory:uint now rootful timezone:string username:string v,volume:stringArray volume-driver:string',
  'machine inspect': 'format:string',
  'machine list': 'format:string noheading q,quiet',
  'machine rm': 'f,force save-ignition save-image save-keys',
  'machine set': 'cpus:uint disk-size:uint m,memory:uint rootful',
  'machine ssh': 'username:string',
  'machine start': '',
  'machine stop': '',
  'manifest add':
    'all annotation:annotation arch:architecture authfile:string cert-dir:string creds:[username[~password]] features:features os:OS os-version:version tls-verify variant:Variant',
  'manifest annotate':
    'annotation:annotation arch:architecture features:features os:OS os-features:features os-version:version variant:Variant',
  'manifest create': 'all a,amend tls-verify',
  'manifest exists': '',
  'manifest inspect': '',
  'manifest push':
    'all authfile:string cert-dir:string compression-format:string creds:[username[~password]] digestfile:string f,format:string q,quiet remove-signatures rm sign-by:FINGERPRINT sign-by-sigstore-private-key:PATH sign-passphrase-file:PATH tls-verify',
  'manifest remove': '',
  'manifest rm': '',
  'network disconnect': 'f,force',
  'network reload': 'a,all l,latest',
  'pod clone':
    'blkio-weight:string blkio-weight-device:DEVICE%NAME~WEIGHT cgroup-parent:string c,cpu-shares:uint cpus:float cpuset-cpus:string cpuset-mems:string destroy device:strings device-read-bps:strings device-write-bps:strings gidmap:strings help h,hostname:string infra-command:string infra-conmon-pidfile:string infra-name:string l,label:stringArray label-file:strings m,memory:<number>[<unit>] memory-swap:string n,name:string pid:string security-opt:stringArray shm-size:<number>[<unit>] start subgidname:string subuidname:string sysctl:strings uidmap:strings userns:string uts:string v,volume:stringArray volumes-from:stringArray',
  'pod logs': 'color c,container:string f,follow l,latest n,names since:string tail:int t,timestamps until:string',
  'pod pause': 'a,all l,latest',
  'pod stats': 'a,all format:string l,latest no-reset no-stream',
  'pod top': 'l,latest',
  'pod unpause': 'a,all l,latest',
  search: 'authfile:string compatible f,filter:strings format:string limit:int list-tags no-trunc tls-verify',
  'system connection add': 'd,default identity:string p,port:int socket-path:string',
  'system connection default': '',
  'system connection list': 'f,format:string q,quiet',
  'system connection remove': 'a,all',
  'system connection rename': '',
  'system renumber': '',
  'system reset': 'f,force',
  'system service': 'cors:string t,time:uint',
  update:
    'blkio-weight:string blkio-weight-device:DEVICE%NAME~WEIGHT cpu-period:uint cpu-quota:int cpu-rt-period:uint cpu-rt-runtime:int c,cpu-shares:uint cpus:float cpuset-cpus:string cpuset-mems:string device-read-bps:strings device-read-iops:strings device-write-bps:strings device-write-iops:strings m,memory:<number>[<unit>] memory-reservation:<number>[<unit>] memory-swap:string memory-swappiness:int',
  'volume export': 'o,output:string',
  'volume import': '',
  'volume mount': '',
  'volume reload': '',
  'volume unmount': '',
}
export const knownTexts: Readonly<Record<string, { readonly head: string; readonly flags: string }>> = {
  'auto-update': {
    head: 'Auto update containers according to their auto-update policy\n\nDescription:\n  Auto update containers according to their auto-update policy.\n\n  Auto-update policies are specified with the "io.containers.autoupdate" label.\n  Containers are expected to run in systemd units created with "podman-generate-systemd --new",\n  or similar units that create new containers in order to run the updated images.\n  Please refer to the podman-auto-update(1) man page for details.\n\nUsage:\n  podman auto-update [options]\n\nExamples:\n  podman auto-update\n  podman auto-update --authfile ~/authfile.json',
    flags:
      'Path to the authentication file. Use REGISTRY_AUTH_FILE environment variable to override\nCheck for pending updates\nChange the output format to JSON or a Go template\nRollback to previous image if update fails (default true)',
  },
  'container checkpoint': {
    head: 'Checkpoints one or more containers\n\nDescription:\n  \n   podman container checkpoint\n\n   Checkpoints one or more running containers. The container name or ID can be used.\n\n\nUsage:\n  podman container checkpoint [options] CONTAINER [CONTAINER...]\n\nExamples:\n  podman container checkpoint --keep ctrID\n  podman container checkpoint --all\n  podman container checkpoint --leave-running --latest',
    flags:
      'Checkpoint all running containers\nSelect compression algorithm (gzip, none, zstd) for checkpoint archive. (default "zstd")\nCreate checkpoint image with specified name\nExport the checkpoint image to a tar.gz\nCheckpoint a container with file locks\nDo not include root file-system changes when exporting\nDo not export volumes associated with container\nKeep all temporary checkpoint files\nAct on the latest container podman is aware of\vNot supported with the "--remote" flag\nLeave the container running after writing checkpoint to disk\nDump container\'s memory information only, leave the container running\nDisplay checkpoint statistics\nCheckpoint a container with established TCP connections\nCheckpoint container with pre-checkpoint images',
  },
  'container clone': {
    head: 'Clone an existing container\n\nDescription:\n  Creates a copy of an existing container.\n\nUsage:\n  podman container clone [options] CONTAINER NAME IMAGE\n\nExamples:\n  podman container clone container_name new_name image_name',
    flags:
      "Block IO weight (relative weight) accepts a weight value between 10 and 1000.\nBlock IO weight (relative device weight, format: DEVICE_NAME:WEIGHT)\nLimit the CPU CFS (Completely Fair Scheduler) period\nLimit the CPU CFS (Completely Fair Scheduler) quota\nLimit the CPU real-time period in microseconds\nLimit the CPU real-time runtime in microseconds\nCPU shares (relative weight)\nNumber of CPUs. The default is 0.000 which means no limit\nCPUs in which to allow execution (0-3, 0,1)\nMemory nodes (MEMs) in which to allow execution (0-3, 0,1). Only effective on NUMA systems.\ndestroy the original container\nLimit read rate (bytes per second) from a device (e.g. --device-read-bps=/dev/sda:1mb)\nLimit write rate (bytes per second) to a device (e.g. --device-write-bps=/dev/sda:1mb)\nforce the existing container to be destroyed\nMemory limit (format: <number>[<unit>], where unit = b (bytes), k (kibibytes), m (mebibytes), or g (gibibytes))\nMemory soft limit (format: <number>[<unit>], where unit = b (bytes), k (kibibytes), m (mebibytes), or g (gibibytes))\nSwap limit equal to memory plus swap: '-1' to enable unlimited swap\nTune container memory swappiness (0 to 100, or -1 for system default) (default -1)\nAssign a name to the container\nRun container in an existing pod\nrun the new container",
  },
  'container restore': {
    head: 'Restores one or more containers from a checkpoint\n\nDescription:\n  \n   podman container restore\n\n   Restores a container from a checkpoint. The container name or ID can be used.\n\n\nUsage:\n  podman container restore [options] CONTAINER|IMAGE [CONTAINER|IMAGE...]\n\nExamples:\n  podman container restore ctrID\n  podman container restore imageID\n  podman container restore --latest\n  podman container restore --all',
    flags:
      'Restore all checkpointed containers\nRestore a container with file locks\nDo not apply root file-system changes when importing from exported checkpoint\nIgnore IP address set via --static-ip\nIgnore MAC address set via --mac-address\nDo not export volumes associated with container\nRestore from exported checkpoint archive (tar.gz)\nRestore from exported pre-checkpoint archive (tar.gz)\nKeep all temporary checkpoint files\nAct on the latest container podman is aware of\vNot supported with the "--remote" flag\nSpecify new name for container restored from exported checkpoint (only works with image or --import)\nRestore container into existing Pod (only works with image or --import)\nDisplay restore statistics\nPublish a container\'s port, or a range of ports, to the host (default [])\nRestore a container with established TCP connections',
  },
  'container runlabel': {
    head: 'Execute the command described by an image label\n\nDescription:\n  Executes a command as described by a container image label.\n\nUsage:\n  podman container runlabel [options] LABEL IMAGE [ARG...]\n\nExamples:\n  podman container runlabel run imageID\n  podman container runlabel install imageID arg1 arg2\n  podman container runlabel --display run myImage',
    flags:
      'Path of the authentication file. Use REGISTRY_AUTH_FILE environment variable to override\nPathname of a directory containing TLS certificates and keys\nCredentials (USERNAME:PASSWORD) to use for authenticating to a registry\nPreview the command that the label would run\nAssign a name to the container\nSuppress output information when installing images\nReplace existing container with a new one from the image\nRequire HTTPS and verify certificates when contacting registries (default true)',
  },
  'generate spec': {
    head: 'Generate Specgen JSON based on containers or pods\n\nDescription:\n  Generate Specgen JSON based on containers or pods\n\nUsage:\n  podman generate spec [options] {CONTAINER|POD}\n\nExamples:\n  podman generate spec ctrID',
    flags:
      'Print the json in a compact format for consumption\nWrite output to the specified path\nSpecify a new name for the generated spec (default true)',
  },
  'healthcheck run': {
    head: 'run the health check of a container\n\nDescription:\n  run the health check of a container\n\nUsage:\n  podman healthcheck run CONTAINER\n\nExamples:\n  podman healthcheck run mywebapp',
    flags: '',
  },
  'image diff': {
    head: "Inspect changes to the image's file systems\n\nDescription:\n  Displays changes to the image's filesystem.  The image will be compared to its parent layer or the second argument when given.\n\nUsage:\n  podman image diff [options] IMAGE [IMAGE]\n\nExamples:\n  podman image diff myImage\n  podman image diff --format json redis:alpine",
    flags: 'Change the output format (json)',
  },
  'image mount': {
    head: "Mount an image's root filesystem\n\nDescription:\n  podman image mount\n    Lists all mounted images mount points if no images is specified\n\n  podman image mount IMAGE-NAME-OR-ID\n    Mounts the specified image and prints the mountpoint\n\n\nUsage:\n  podman image mount [options] [IMAGE...]\n\nExamples:\n  podman image mount imgID\n  podman image mount imgID1 imgID2 imgID3\n  podman image mount\n  podman image mount --all",
    flags: 'Mount all images\nPrint the mounted images in specified format (json)',
  },
  'image scp': {
    head: 'securely copy images\n\nDescription:\n  Securely copy an image from one host to another.\n\nUsage:\n  podman image scp [options] IMAGE [HOST::]\n\nExamples:\n  podman image scp myimage:latest otherhost::',
    flags: 'Suppress the output',
  },
  'image search': {
    head: 'Search registry for image\n\nDescription:\n  Search registries for a given image. Can search all the default registries or a specific registry.\n\n\tUsers can limit the number of results, and filter the output based on certain conditions.\n\nUsage:\n  podman image search [options] TERM\n\nExamples:\n  podman image search --filter=is-official --limit 3 alpine\n  podman image search registry.fedoraproject.org/  # only works with v2 registries\n  podman image search --format "table {{.Index}} {{.Name}}" registry.fedoraproject.org/fedora',
    flags:
      'Path of the authentication file. Use REGISTRY_AUTH_FILE environment variable to override\nList stars, official and automated columns (Docker compatibility)\nFilter output based on conditions provided (default [])\nChange the output format to JSON or a Go template\nLimit the number of results\nList the tags of the input registry\nDo not truncate the output\nRequire HTTPS and verify certificates when contacting registries (default true)',
  },
  'image sign': {
    head: 'Sign an image\n\nDescription:\n  Create a signature file that can be used later to verify the image.\n\nUsage:\n  podman image sign [options] IMAGE [IMAGE...]\n\nExamples:\n  podman image sign --sign-by mykey imageID\n  podman image sign --sign-by mykey --directory ./mykeydir imageID',
    flags:
      'Sign all the manifests of the multi-architecture image\nPath of the authentication file. Use REGISTRY_AUTH_FILE environment variable to override\nPathname of a directory containing TLS certificates and keys\nDefine an alternate directory to store signatures\nName of the signing key',
  },
  'image trust set': {
    head: 'Set default trust policy or a new trust policy for a registry\n\nDescription:\n  Set default trust policy or add a new trust policy for a registry\n\nUsage:\n  podman image trust set [options] REGISTRY',
    flags:
      'Path of installed public key(s) to trust for TARGET.\vAbsolute path to keys is added to policy.json. May\vused multiple times to define multiple public keys.\vFile(s) must exist before using this command\nTrust type, accept values: signedBy(default), accept, reject (default "signedBy")',
  },
  'image trust show': {
    head: 'Display trust policy for the system\n\nDescription:\n  Display trust policy for the system\n\nUsage:\n  podman image trust show [options] [REGISTRY]',
    flags: 'Output as json\nDo not print column headings\nOutput raw policy file',
  },
  'image unmount': {
    head: "Unmount an image's root filesystem\n\nDescription:\n  Image storage increments a mount counter each time an image is mounted.\n\n  When an image is unmounted, the mount counter is decremented. The image's root filesystem is physically unmounted only when the mount counter reaches zero indicating no other processes are using the mount.\n\n  An unmount can be forced with the --force flag.\n\n\nUsage:\n  podman image unmount [options] IMAGE [IMAGE...]\n\nAliases:\n  unmount, umount\n\nExamples:\n  podman unmount imgID\n  podman unmount imgID1 imgID2 imgID3\n  podman unmount --all",
    flags: 'Unmount all of the currently mounted images\nForce the complete unmount of the specified mounted images',
  },
  init: {
    head: 'Initialize one or more containers\n\nDescription:\n  Initialize one or more containers, creating the OCI spec and mounts for inspection. Container names or IDs can be used.\n\nUsage:\n  podman init [options] CONTAINER [CONTAINER...]\n\nExamples:\n  podman init --latest\n  podman init 3c45ef19d893\n  podman init test1',
    flags:
      'Initialize all containers\nAct on the latest container podman is aware of\vNot supported with the "--remote" flag',
  },
  'machine info': {
    head: 'Display machine host info\n\nDescription:\n  Display information pertaining to the machine host.\n\nUsage:\n  podman machine info [options]\n\nExamples:\n  podman machine info',
    flags: 'Change the output format to JSON or a Go template',
  },
  'machine init': {
    head: 'Initialize a virtual machine\n\nDescription:\n  initialize a virtual machine \n\nUsage:\n  podman machine init [options] [NAME]\n\nExamples:\n  podman machine init myvm',
    flags:
      'Number of CPUs (default 1)\nDisk size in GB (default 100)\nPath to ignition file\nPath to qcow image (default "testing")\nMemory in MB (default 2048)\nStart machine now\nWhether this machine should prefer rootful container execution\nSet timezone (default "local")\nUsername used in qcow image (default "core")\nVolumes to mount, source:target (default [$HOME:$HOME])\nOptional volume driver',
  },
  'machine inspect': {
    head: 'Inspect an existing machine\n\nDescription:\n  Provide details on a managed virtual machine\n\nUsage:\n  podman machine inspect [options] [MACHINE...]\n\nExamples:\n  podman machine inspect myvm',
    flags: 'Format volume output using JSON or a Go template',
  },
  'machine list': {
    head: 'List machines\n\nDescription:\n  List managed virtual machines.\n\nUsage:\n  podman machine list [options]\n\nAliases:\n  list, ls\n\nExamples:\n  podman machine list,\n  podman machine list --format json\n  podman machine ls',
    flags:
      'Format volume output using JSON or a Go template (default "{{range .}}{{.Name}}\\t{{.VMType}}\\t{{.Created}}\\t{{.LastUp}}\\t{{.CPUs}}\\t{{.Memory}}\\t{{.DiskSize}}\\n{{end -}}")\nDo not print headers\nShow only machine names',
  },
  'machine rm': {
    head: 'Remove an existing machine\n\nDescription:\n  Remove a managed virtual machine \n\nUsage:\n  podman machine rm [options] [MACHINE]\n\nExamples:\n  podman machine rm myvm',
    flags:
      'Stop and do not prompt before rming\nDo not delete ignition file\nDo not delete the image file\nDo not delete SSH keys',
  },
  'machine set': {
    head: 'Sets a virtual machine setting\n\nDescription:\n  Sets an updatable virtual machine setting\n\nUsage:\n  podman machine set [options] [NAME]\n\nExamples:\n  podman machine set --rootful=false',
    flags:
      'Number of CPUs\nDisk size in GB\nMemory in MB\nWhether this machine should prefer rootful container execution',
  },
  'machine ssh': {
    head: 'SSH into an existing machine\n\nDescription:\n  SSH into a managed virtual machine \n\nUsage:\n  podman machine ssh [options] [NAME] [COMMAND [ARG ...]]\n\nExamples:\n  podman machine ssh myvm\n  podman machine ssh myvm echo hello',
    flags: 'Username to use when ssh-ing into the VM.',
  },
  'machine start': {
    head: 'Start an existing machine\n\nDescription:\n  Start a managed virtual machine \n\nUsage:\n  podman machine start [MACHINE]\n\nExamples:\n  podman machine start myvm',
    flags: '',
  },
  'machine stop': {
    head: 'Stop an existing machine\n\nDescription:\n  Stop a managed virtual machine \n\nUsage:\n  podman machine stop [MACHINE]\n\nExamples:\n  podman machine stop myvm',
    flags: '',
  },
  'manifest add': {
    head: 'Add images to a manifest list or image index\n\nDescription:\n  Adds an image to a manifest list or image index.\n\nUsage:\n  podman manifest add [options] LIST IMAGE [IMAGE...]\n\nExamples:\n  podman manifest add mylist:v1.11 image:v1.11-amd64\n\t\tpodman manifest add mylist:v1.11 transport:imageName',
    flags:
      "add all of the list's images if the image is a list\nset an annotation for the specified image\noverride the architecture of the specified image\npath of the authentication file. Use REGISTRY_AUTH_FILE environment variable to override\nuse certificates at the specified path to access the registry\nuse [username[:password]] for accessing the registry\noverride the features of the specified image\noverride the OS of the specified image\noverride the OS version of the specified image\nrequire HTTPS and verify certificates when accessing the registry (default true)\noverride the Variant of the specified image",
  },
  'manifest annotate': {
    head: 'Add or update information about an entry in a manifest list or image index\n\nDescription:\n  Adds or updates information about an entry in a manifest list or image index.\n\nUsage:\n  podman manifest annotate [options] LIST IMAGE\n\nExamples:\n  podman manifest annotate --annotation left=right mylist:v1.11 image:v1.11-amd64',
    flags:
      'set an annotation for the specified image\noverride the architecture of the specified image\noverride the features of the specified image\noverride the OS of the specified image\noverride the OS features of the specified image\noverride the OS version of the specified image\noverride the Variant of the specified image',
  },
  'manifest create': {
    head: 'Create manifest list or image index\n\nDescription:\n  Creates manifest lists or image indexes.\n\nUsage:\n  podman manifest create [options] LIST [IMAGE...]\n\nExamples:\n  podman manifest create mylist:v1.11\n  podman manifest create mylist:v1.11 arch-specific-image-to-add\n  podman manifest create mylist:v1.11 arch-specific-image-to-add another-arch-specific-image-to-add\n  podman manifest create --all mylist:v1.11 transport:tagged-image-to-add',
    flags:
      "add all of the lists' images if the images to add are lists\nmodify an existing list if one with the desired name already exists\nrequire HTTPS and verify certificates when accessing the registry (default true)",
  },
  'manifest exists': {
    head: 'Check if a manifest list exists in local storage\n\nDescription:\n  If the manifest list exists in local storage, podman manifest exists exits with 0, otherwise the exit code will be 1.\n\nUsage:\n  podman manifest exists MANIFEST\n\nExamples:\n  podman manifest exists mylist',
    flags: '',
  },
  'manifest inspect': {
    head: 'Display the contents of a manifest list or image index\n\nDescription:\n  Display the contents of a manifest list or image index.\n\nUsage:\n  podman manifest inspect IMAGE\n\nExamples:\n  podman manifest inspect localhost/list',
    flags: '',
  },
  'manifest push': {
    head: 'Push a manifest list or image index to a registry\n\nDescription:\n  Pushes manifest lists and image indexes to registries.\n\nUsage:\n  podman manifest push [options] LIST DESTINATION\n\nExamples:\n  podman manifest push mylist:v1.11 docker://quay.io/myuser/image:v1.11',
    flags:
      "also push the images in the list (default true)\npath of the authentication file. Use REGISTRY_AUTH_FILE environment variable to override\nuse certificates at the specified path to access the registry\ncompression format to use\nuse [username[:password]] for accessing the registry\nafter copying the image, write the digest of the resulting digest to the file\nmanifest type (oci or v2s2) to attempt to use when pushing the manifest list (default is manifest type of source)\ndon't output progress information when pushing lists\ndon't copy signatures when pushing images\nremove the manifest list if push succeeds\nsign the image using a GPG key with the specified FINGERPRINT\nSign the image using a sigstore private key at PATH\nRead a passphrase for signing an image from PATH\nrequire HTTPS and verify certificates when accessing the registry (default true)",
  },
  'manifest remove': {
    head: 'Remove an entry from a manifest list or image index\n\nDescription:\n  Removes an image from a manifest list or image index.\n\nUsage:\n  podman manifest remove LIST IMAGE\n\nExamples:\n  podman manifest remove mylist:v1.11 sha256:15352d97781ffdf357bf3459c037be3efac4133dc9070c2dce7eca7c05c3e736',
    flags: '',
  },
  'manifest rm': {
    head: 'Remove manifest list or image index from local storage\n\nDescription:\n  Remove manifest list or image index from local storage.\n\nUsage:\n  podman manifest rm LIST [LIST...]\n\nExamples:\n  podman manifest rm mylist:v1.11',
    flags: '',
  },
  'network disconnect': {
    head: 'network rm\n\nDescription:\n  Remove container from a network\n\nUsage:\n  podman network disconnect [options] NETWORK CONTAINER\n\nExamples:\n  podman network disconnect web secondary',
    flags: 'force removal of container from network',
  },
  'network reload': {
    head: 'Reload firewall rules for one or more containers\n\nDescription:\n  reload container networks, recreating firewall rules\n\nUsage:\n  podman network reload [options] [CONTAINER...]\n\nExamples:\n  podman network reload --latest\n  podman network reload 3c13ef6dd843\n  podman network reload test1 test2',
    flags:
      'Reload network configuration of all containers\nAct on the latest container podman is aware of\vNot supported with the "--remote" flag',
  },
  'pod clone': {
    head: 'Clone an existing pod\n\nDescription:\n  Create an exact copy of a pod and the containers within it\n\nUsage:\n  podman pod clone [options] POD NAME\n\nExamples:\n  podman pod clone pod_name new_name',
    flags:
      'Block IO weight (relative weight) accepts a weight value between 10 and 1000.\nBlock IO weight (relative device weight, format: DEVICE_NAME:WEIGHT)\nOptional parent cgroup for the container\nCPU shares (relative weight)\nNumber of CPUs. The default is 0.000 which means no limit\nCPUs in which to allow execution (0-3, 0,1)\nMemory nodes (MEMs) in which to allow execution (0-3, 0,1). Only effective on NUMA systems.\ndestroy the original pod\nAdd a host device to the container\nLimit read rate (bytes per second) from a device (e.g. --device-read-bps=/dev/sda:1mb)\nLimit write rate (bytes per second) to a device (e.g. --device-write-bps=/dev/sda:1mb)\nGID map to use for the user namespace\n\nSet container hostname\nOverwrite the default ENTRYPOINT of the image\nPath to the file that will receive the PID of conmon\nAssign a name to the container\nSet metadata on container\nRead in a line delimited file of labels\nMemory limit (format: <number>[<unit>], where unit = b (bytes), k (kibibytes), m (mebibytes), or g (gibibytes))\nSwap limit equal to memory plus swap: \'-1\' to enable unlimited swap\nname the new pod\nPID namespace to use\nSecurity Options\nSize of /dev/shm (format: <number>[<unit>], where unit = b (bytes), k (kibibytes), m (mebibytes), or g (gibibytes)) (default "65536k")\nstart the new pod\nName of range listed in /etc/subgid for use in user namespace\nName of range listed in /etc/subuid for use in user namespace\nSysctl options\nUID map to use for the user namespace\nUser namespace to use\nUTS namespace to use\nBind mount a volume into the container\nMount volumes from the specified container(s)',
  },
  'pod logs': {
    head: 'Fetch logs for pod with one or more containers\n\nDescription:\n  Displays logs for pod with one or more containers.\n\nUsage:\n  podman pod logs [options] POD\n\nExamples:\n  podman pod logs podID\n\t\tpodman pod logs -c ctrname podName\n\t\tpodman pod logs --tail 2 mywebserver\n\t\tpodman pod logs --follow=true --since 10m podID\n\t\tpodman pod logs mywebserver',
    flags:
      'Output the containers within a pod with different colors in the log\nFilter logs by container name or id which belongs to pod\nFollow log output.\nAct on the latest container podman is aware of\vNot supported with the "--remote" flag\nOutput container names instead of container IDs in the log\nShow logs since TIMESTAMP\nOutput the specified number of LINES at the end of the logs. (default -1)\nOutput the timestamps in the log\nShow logs until TIMESTAMP',
  },
  'pod pause': {
    head: 'Pause one or more pods\n\nDescription:\n  The pod name or ID can be used.\n\n  All running containers within each specified pod will then be paused.\n\nUsage:\n  podman pod pause [options] POD [POD...]\n\nExamples:\n  podman pod pause podID1 podID2\n  podman pod pause --latest\n  podman pod pause --all',
    flags:
      'Pause all running pods\nAct on the latest container podman is aware of\vNot supported with the "--remote" flag',
  },
  'pod stats': {
    head: "Display a live stream of resource usage statistics for the containers in one or more pods\n\nDescription:\n  Display the containers' resource-usage statistics of one or more running pod\n\nUsage:\n  podman pod stats [options] [POD...]\n\nExamples:\n  podman pod stats\n  podman pod stats a69b23034235 named-pod\n  podman pod stats --latest\n  podman pod stats --all",
    flags:
      'Provide stats for all pods\nPretty-print container statistics to JSON or using a Go template\nAct on the latest container podman is aware of\vNot supported with the "--remote" flag\nDisable resetting the screen when streaming\nDisable streaming stats and only pull the first result',
  },
  'pod top': {
    head: 'Display the running processes of containers in a pod\n\nDescription:\n  Specify format descriptors to alter the output.\n\n  You may run "podman pod top -l pid pcpu seccomp" to print the process ID, the CPU percentage and the seccomp mode of each process of the latest pod.\n\n  Format Descriptors:\n    args,capamb,capbnd,capeff,capinh,capprm,comm,etime,group,groups,hgroup,hgroups,hpid,huser,label,nice,pcpu,pgid,pid,ppid,rgroup,rss,ruser,seccomp,state,stime,time,tty,user,vsz\n\nUsage:\n  podman pod top [options] POD [FORMAT-DESCRIPTORS|ARGS...]\n\nExamples:\n  podman pod top podID\npodman pod top --latest\npodman pod top podID pid seccomp args %C\npodman pod top podID -eo user,pid,comm',
    flags: 'Act on the latest container podman is aware of\vNot supported with the "--remote" flag',
  },
  'pod unpause': {
    head: 'Unpause one or more pods\n\nDescription:\n  The podman unpause command will unpause all "paused" containers assigned to the pod.\n\n  The pod name or ID can be used.\n\nUsage:\n  podman pod unpause [options] POD [POD...]\n\nExamples:\n  podman pod unpause podID1 podID2\n  podman pod unpause --all\n  podman pod unpause --latest',
    flags:
      'Unpause all running pods\nAct on the latest container podman is aware of\vNot supported with the "--remote" flag',
  },
  search: {
    head: 'Search registry for image\n\nDescription:\n  Search registries for a given image. Can search all the default registries or a specific registry.\n\n\tUsers can limit the number of results, and filter the output based on certain conditions.\n\nUsage:\n  podman search [options] TERM\n\nExamples:\n  podman search --filter=is-official --limit 3 alpine\n  podman search registry.fedoraproject.org/  # only works with v2 registries\n  podman search --format "table {{.Index}} {{.Name}}" registry.fedoraproject.org/fedora',
    flags:
      'Path of the authentication file. Use REGISTRY_AUTH_FILE environment variable to override\nList stars, official and automated columns (Docker compatibility)\nFilter output based on conditions provided (default [])\nChange the output format to JSON or a Go template\nLimit the number of results\nList the tags of the input registry\nDo not truncate the output\nRequire HTTPS and verify certificates when contacting registries (default true)',
  },
  'system connection add': {
    head: 'Record destination for the Podman service\n\nDescription:\n  Add destination to podman configuration.\n  "destination" is one of the form:\n    [user@]hostname (will default to ssh)\n    ssh://[user@]hostname[:port][/path] (will obtain socket path from service, if not given.)\n    tcp://hostname:port (not secured)\n    unix://path (absolute path required)\n\n\nUsage:\n  podman system connection add [options] NAME DESTINATION\n\nExamples:\n  podman system connection add laptop server.fubar.com\n  podman system connection add --identity ~/.ssh/dev_rsa testing ssh://root@server.fubar.com:2222\n  podman system connection add --identity ~/.ssh/dev_rsa --port 22 production root@server.fubar.com\n  podman system connection add debug tcp://localhost:8080\n  ',
    flags:
      "Set connection to be default\npath to SSH identity file\nSSH port number for destination (default 22)\npath to podman socket on remote host. (default '/run/podman/podman.sock' or '/run/user/{uid}/podman/podman.sock)",
  },
  'system connection default': {
    head: 'Set named destination as default\n\nDescription:\n  Set named destination as default for the Podman service\n\nUsage:\n  podman system connection default NAME\n\nExamples:\n  podman system connection default testing',
    flags: '',
  },
  'system connection list': {
    head: 'List destination for the Podman service(s)\n\nDescription:\n  List destination information for the Podman service(s) in podman configuration\n\nUsage:\n  podman system connection list [options]\n\nAliases:\n  list, ls\n\nExamples:\n  podman system connection list\n  podman system connection ls\n  podman system connection ls --format=json',
    flags: 'Custom Go template for printing connections\nCustom Go template for printing connections',
  },
  'system connection remove': {
    head: 'Delete named destination\n\nDescription:\n  Delete named destination from podman configuration\n\nUsage:\n  podman system connection remove [options] NAME\n\nAliases:\n  remove, rm\n\nExamples:\n  podman system connection remove devl\n  podman system connection rm devl',
    flags: 'Remove all connections',
  },
  'system connection rename': {
    head: 'Rename "old" to "new"\n\nDescription:\n  Rename destination for the Podman service from "old" to "new"\n\nUsage:\n  podman system connection rename OLD NEW\n\nAliases:\n  rename, mv\n\nExamples:\n  podman system connection rename laptop devl,\n  podman system connection mv laptop devl',
    flags: '',
  },
  'system renumber': {
    head: 'Migrate lock numbers\n\nDescription:\n  \n        podman system renumber\n\n        Migrate lock numbers to handle a change in maximum number of locks.\n        Mandatory after the number of locks in containers.conf is changed.\n\n\nUsage:\n  podman system renumber',
    flags: '',
  },
  'system reset': {
    head: 'Reset podman storage\n\nDescription:\n  Reset podman storage back to default state"\n\n  All containers will be stopped and removed, and all images, volumes, networks and container content will be removed.\n\n\nUsage:\n  podman system reset [options]',
    flags: 'Do not prompt for confirmation',
  },
  'system service': {
    head: 'Run API service\n\nDescription:\n  Run an API service\n\nEnable a listening service for API access to Podman commands.\n\n\nUsage:\n  podman system service [options] [URI]\n\nExamples:\n  podman system service --time=0 unix:///tmp/podman.sock\n  podman system service --time=0 tcp://localhost:8888',
    flags:
      'Set CORS Headers\nTime until the service session expires in seconds.  Use 0 to disable the timeout (default 5)',
  },
  update: {
    head: 'update an existing container\n\nDescription:\n  Updates the cgroup configuration of a given container\n\nUsage:\n  podman update [options] CONTAINER\n\nExamples:\n  podman update --cpus=5 foobar_container',
    flags:
      "Block IO weight (relative weight) accepts a weight value between 10 and 1000.\nBlock IO weight (relative device weight, format: DEVICE_NAME:WEIGHT)\nLimit the CPU CFS (Completely Fair Scheduler) period\nLimit the CPU CFS (Completely Fair Scheduler) quota\nLimit the CPU real-time period in microseconds\nLimit the CPU real-time runtime in microseconds\nCPU shares (relative weight)\nNumber of CPUs. The default is 0.000 which means no limit\nCPUs in which to allow execution (0-3, 0,1)\nMemory nodes (MEMs) in which to allow execution (0-3, 0,1). Only effective on NUMA systems.\nLimit read rate (bytes per second) from a device (e.g. --device-read-bps=/dev/sda:1mb)\nLimit read rate (IO per second) from a device (e.g. --device-read-iops=/dev/sda:1000)\nLimit write rate (bytes per second) to a device (e.g. --device-write-bps=/dev/sda:1mb)\nLimit write rate (IO per second) to a device (e.g. --device-write-iops=/dev/sda:1000)\nMemory limit (format: <number>[<unit>], where unit = b (bytes), k (kibibytes), m (mebibytes), or g (gibibytes))\nMemory soft limit (format: <number>[<unit>], where unit = b (bytes), k (kibibytes), m (mebibytes), or g (gibibytes))\nSwap limit equal to memory plus swap: '-1' to enable unlimited swap\nTune container memory swappiness (0 to 100, or -1 for system default) (default -1)",
  },
  'volume export': {
    head: 'Export volumes\n\nDescription:\n  \npodman volume export\n\nAllow content of volume to be exported into external tar.\n\nUsage:\n  podman volume export [options] VOLUME',
    flags: 'Write to a specified file (default: stdout, which must be redirected) (default "/dev/stdout")',
  },
  'volume import': {
    head: 'Import a tarball contents into a podman volume\n\nDescription:\n  Imports contents into a podman volume from specified tarball (.tar, .tar.gz, .tgz, .bzip, .tar.xz, .txz).\n\nUsage:\n  podman volume import VOLUME [SOURCE]\n\nExamples:\n  podman volume import my_vol /home/user/import.tar\n  cat ctr.tar | podman import volume my_vol -',
    flags: '',
  },
  'volume mount': {
    head: 'Mount volume\n\nDescription:\n  Mount a volume and return the mountpoint\n\nUsage:\n  podman volume mount NAME\n\nExamples:\n  podman volume mount myvol',
    flags: '',
  },
  'volume reload': {
    head: 'reload all volumes from volume plugins\n\nDescription:\n  Check all configured volume plugins and update the libpod database with all available volumes.\n\n  Existing volumes are also removed from the database when they are no longer present in the plugin.\n\nUsage:\n  podman volume reload',
    flags: '',
  },
  'volume unmount': {
    head: 'Unmount volume\n\nDescription:\n  Unmount a volume\n\nUsage:\n  podman volume unmount NAME\n\nExamples:\n  podman volume unmount myvol',
    flags: '',
  },
}
export const knownGroups: Readonly<Record<string, string>> = {
  healthcheck:
    'Manage health checks on containers\n\nDescription:\n  Run health checks on containers\n\nUsage:\n  podman healthcheck [command]\n\nAvailable Commands:\n  run         run the health check of a container',
  'image trust':
    'Manage container image trust policy\n\nDescription:\n  Manages which registries you trust as a source of container images based on their location.\n  The location is determined by the transport and the registry host of the image.  Using this container image docker://quay.io/podman/stable as an example, docker is the transport and quay.io is the registry host.\n\nUsage:\n  podman image trust [command]\n\nAvailable Commands:\n  set         Set default trust policy or a new trust policy for a registry\n  show        Display trust policy for the system',
  machine:
    'Manage a virtual machine\n\nDescription:\n  Manage a virtual machine. Virtual machines are used to run Podman.\n\nUsage:\n  podman machine [command]\n\nAvailable Commands:\n  info        Display machine host info\n  init        Initialize a virtual machine\n  inspect     Inspect an existing machine\n  list        List machines\n  rm          Remove an existing machine\n  set         Sets a virtual machine setting\n  ssh         SSH into an existing machine\n  start       Start an existing machine\n  stop        Stop an existing machine',
  manifest:
    'Manipulate manifest lists and image indexes\n\nDescription:\n  Creates, modifies, and pushes manifest lists and image indexes.\n\nUsage:\n  podman manifest [command]\n\nExamples:\n  podman manifest add mylist:v1.11 image:v1.11-amd64\n  podman manifest create localhost/list\n  podman manifest inspect localhost/list\n  podman manifest annotate --annotation left=right mylist:v1.11 image:v1.11-amd64\n  podman manifest push mylist:v1.11 docker://quay.io/myuser/image:v1.11\n  podman manifest remove mylist:v1.11 sha256:15352d97781ffdf357bf3459c037be3efac4133dc9070c2dce7eca7c05c3e736\n  podman manifest rm mylist:v1.11\n\nAvailable Commands:\n  add         Add images to a manifest list or image index\n  annotate    Add or update information about an entry in a manifest list or image index\n  create      Create manifest list or image index\n  exists      Check if a manifest list exists in local storage\n  inspect     Display the contents of a manifest list or image index\n  push        Push a manifest list or image index to a registry\n  remove      Remove an entry from a manifest list or image index\n  rm          Remove manifest list or image index from local storage',
  'system connection':
    'Manage remote API service destinations\n\nDescription:\n  Manage remote API service destination information in podman configuration\n\nUsage:\n  podman system connection [command]\n\nAvailable Commands:\n  add         Record destination for the Podman service\n  default     Set named destination as default\n  list        List destination for the Podman service(s)\n  remove      Delete named destination\n  rename      Rename "old" to "new"',
}
