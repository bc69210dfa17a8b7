/** What the help of docker 28 says of its commands: a line on each, its other names, and a description for every flag, in the order of the shapes. */
export interface Texts {
  readonly short: string
  readonly aliases?: string
  /** One line a flag; \v is a line break within. ~ and ~t stand for the two texts on --format. */
  readonly flags: string
}
export const formatTexts: Readonly<Record<string, string>> = {
  '~': "Format output using a custom template:\n'json':             Print in JSON format\n'TEMPLATE':         Print output using the given Go template.\nRefer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates",
  '~t': "Format output using a custom template:\n'table':            Print output in table format with column headers (default)\n'table TEMPLATE':   Print output in table format using the given Go template\n'json':             Print in JSON format\n'TEMPLATE':         Print output using the given Go template.\nRefer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates",
}
export const texts: Readonly<Record<string, Texts>> = {
  run: {
    short: 'Create and run a new container from an image',
    aliases: 'docker container run, docker run',
    flags:
      "Add a custom host-to-IP mapping (host:ip)\nAdd an annotation to the container (passed through to the OCI runtime) (default map[])\nAttach to STDIN, STDOUT or STDERR\nBlock IO (relative weight), between 10 and 1000, or 0 to disable (default 0)\nBlock IO weight (relative device weight) (default [])\nAdd Linux capabilities\nDrop Linux capabilities\nOptional parent cgroup for the container\nCgroup namespace to use (host|private)\v'host':    Run the container in the Docker host's cgroup namespace\v'private': Run the container in its own private cgroup namespace\v'':        Use the cgroup namespace as configured by the\v           default-cgroupns-mode option on the daemon (default)\nWrite the container ID to the file\nCPU count (Windows only)\nCPU percent (Windows only)\nLimit CPU CFS (Completely Fair Scheduler) period\nLimit CPU CFS (Completely Fair Scheduler) quota\nLimit CPU real-time period in microseconds\nLimit CPU real-time runtime in microseconds\nCPU shares (relative weight)\nNumber of CPUs\nCPUs in which to allow execution (0-3, 0,1)\nMEMs in which to allow execution (0-3, 0,1)\nRun container in background and print container ID\nOverride the key sequence for detaching a container\nAdd a host device to the container\nAdd a rule to the cgroup allowed devices list\nLimit read rate (bytes per second) from a device (default [])\nLimit read rate (IO per second) from a device (default [])\nLimit write rate (bytes per second) to a device (default [])\nLimit write rate (IO per second) to a device (default [])\nSkip image verification (default true)\nSet custom DNS servers\nSet DNS options\nSet custom DNS search domains\nContainer NIS domain name\nOverwrite the default ENTRYPOINT of the image\nSet environment variables\nRead in a file of environment variables\nExpose a port or a range of ports\nGPU devices to add to the container ('all' to pass all GPUs)\nAdd additional groups to join\nCommand to run to check health\nTime between running the check (ms|s|m|h) (default 0s)\nConsecutive failures needed to report unhealthy\nTime between running the check during the start period (ms|s|m|h) (default 0s)\nStart period for the container to initialize before starting health-retries countdown (ms|s|m|h) (default 0s)\nMaximum time to allow one check to run (ms|s|m|h) (default 0s)\nPrint usage\nContainer host name\nRun an init inside the container that forwards signals and reaps processes\nKeep STDIN open even if not attached\nMaximum IO bandwidth limit for the system drive (Windows only)\nMaximum IOps limit for the system drive (Windows only)\nIPv4 address (e.g., 172.30.100.104)\nIPv6 address (e.g., 2001:db8::33)\nIPC mode to use\nContainer isolation technology\nKernel memory limit\nSet meta data on a container\nRead in a line delimited file of labels\nAdd link to another container\nContainer IPv4/IPv6 link-local addresses\nLogging driver for the container\nLog driver options\nContainer MAC address (e.g., 92:d0:c6:0a:29:33)\nMemory limit\nMemory soft limit\nSwap limit equal to memory plus swap: '-1' to enable unlimited swap\nTune container memory swappiness (0 to 100) (default -1)\nAttach a filesystem mount to the container\nAssign a name to the container\nConnect a container to a network\nAdd network-scoped alias for the container\nDisable any container-specified HEALTHCHECK\nDisable OOM Killer\nTune host's OOM preferences (-1000 to 1000)\nPID namespace to use\nTune container pids limit (set -1 for unlimited)\nSet platform if server is multi-platform capable\nGive extended privileges to this container\nPublish a container's port(s) to the host\nPublish all exposed ports to random ports\nPull image before running (\"always\", \"missing\", \"never\") (default \"missing\")\nSuppress the pull output\nMount the container's root filesystem as read only\nRestart policy to apply when a container exits (default \"no\")\nAutomatically remove the container and its associated anonymous volumes when it exits\nRuntime to use for this container\nSecurity Options\nSize of /dev/shm\nProxy received signals to the process (default true)\nSignal to stop the container\nTimeout (in seconds) to stop a container\nStorage driver options for the container\nSysctl options (default map[])\nMount a tmpfs directory\nAllocate a pseudo-TTY\nUlimit options (default [])\nBind mount Docker API socket and required auth\nUsername or UID (format: <name|uid>[:<group|gid>])\nUser namespace to use\nUTS namespace to use\nBind mount a volume\nOptional volume driver for the container\nMount volumes from the specified container(s)\nWorking directory inside the container",
  },
  create: {
    short: 'Create a new container',
    aliases: 'docker container create, docker create',
    flags:
      "Add a custom host-to-IP mapping (host:ip)\nAdd an annotation to the container (passed through to the OCI runtime) (default map[])\nAttach to STDIN, STDOUT or STDERR\nBlock IO (relative weight), between 10 and 1000, or 0 to disable (default 0)\nBlock IO weight (relative device weight) (default [])\nAdd Linux capabilities\nDrop Linux capabilities\nOptional parent cgroup for the container\nCgroup namespace to use (host|private)\v'host':    Run the container in the Docker host's cgroup namespace\v'private': Run the container in its own private cgroup namespace\v'':        Use the cgroup namespace as configured by the\v           default-cgroupns-mode option on the daemon (default)\nWrite the container ID to the file\nCPU count (Windows only)\nCPU percent (Windows only)\nLimit CPU CFS (Completely Fair Scheduler) period\nLimit CPU CFS (Completely Fair Scheduler) quota\nLimit CPU real-time period in microseconds\nLimit CPU real-time runtime in microseconds\nCPU shares (relative weight)\nNumber of CPUs\nCPUs in which to allow execution (0-3, 0,1)\nMEMs in which to allow execution (0-3, 0,1)\nAdd a host device to the container\nAdd a rule to the cgroup allowed devices list\nLimit read rate (bytes per second) from a device (default [])\nLimit read rate (IO per second) from a device (default [])\nLimit write rate (bytes per second) to a device (default [])\nLimit write rate (IO per second) to a device (default [])\nSkip image verification (default true)\nSet custom DNS servers\nSet DNS options\nSet custom DNS search domains\nContainer NIS domain name\nOverwrite the default ENTRYPOINT of the image\nSet environment variables\nRead in a file of environment variables\nExpose a port or a range of ports\nGPU devices to add to the container ('all' to pass all GPUs)\nAdd additional groups to join\nCommand to run to check health\nTime between running the check (ms|s|m|h) (default 0s)\nConsecutive failures needed to report unhealthy\nTime between running the check during the start period (ms|s|m|h) (default 0s)\nStart period for the container to initialize before starting health-retries countdown (ms|s|m|h) (default 0s)\nMaximum time to allow one check to run (ms|s|m|h) (default 0s)\nPrint usage\nContainer host name\nRun an init inside the container that forwards signals and reaps processes\nKeep STDIN open even if not attached\nMaximum IO bandwidth limit for the system drive (Windows only)\nMaximum IOps limit for the system drive (Windows only)\nIPv4 address (e.g., 172.30.100.104)\nIPv6 address (e.g., 2001:db8::33)\nIPC mode to use\nContainer isolation technology\nKernel memory limit\nSet meta data on a container\nRead in a line delimited file of labels\nAdd link to another container\nContainer IPv4/IPv6 link-local addresses\nLogging driver for the container\nLog driver options\nContainer MAC address (e.g., 92:d0:c6:0a:29:33)\nMemory limit\nMemory soft limit\nSwap limit equal to memory plus swap: '-1' to enable unlimited swap\nTune container memory swappiness (0 to 100) (default -1)\nAttach a filesystem mount to the container\nAssign a name to the container\nConnect a container to a network\nAdd network-scoped alias for the container\nDisable any container-specified HEALTHCHECK\nDisable OOM Killer\nTune host's OOM preferences (-1000 to 1000)\nPID namespace to use\nTune container pids limit (set -1 for unlimited)\nSet platform if server is multi-platform capable\nGive extended privileges to this container\nPublish a container's port(s) to the host\nPublish all exposed ports to random ports\nPull image before creating (\"always\", \"|missing\", \"never\") (default \"missing\")\nSuppress the pull output\nMount the container's root filesystem as read only\nRestart policy to apply when a container exits (default \"no\")\nAutomatically remove the container and its associated anonymous volumes when it exits\nRuntime to use for this container\nSecurity Options\nSize of /dev/shm\nSignal to stop the container\nTimeout (in seconds) to stop a container\nStorage driver options for the container\nSysctl options (default map[])\nMount a tmpfs directory\nAllocate a pseudo-TTY\nUlimit options (default [])\nBind mount Docker API socket and required auth\nUsername or UID (format: <name|uid>[:<group|gid>])\nUser namespace to use\nUTS namespace to use\nBind mount a volume\nOptional volume driver for the container\nMount volumes from the specified container(s)\nWorking directory inside the container",
  },
  start: {
    short: 'Start one or more stopped containers',
    aliases: 'docker container start, docker start',
    flags:
      "Attach STDOUT/STDERR and forward signals\nRestore from this checkpoint\nUse a custom checkpoint storage directory\nOverride the key sequence for detaching a container\nAttach container's STDIN",
  },
  stop: {
    short: 'Stop one or more running containers',
    aliases: 'docker container stop, docker stop',
    flags: 'Signal to send to the container\nSeconds to wait before killing the container',
  },
  restart: {
    short: 'Restart one or more containers',
    aliases: 'docker container restart, docker restart',
    flags: 'Signal to send to the container\nSeconds to wait before killing the container',
  },
  kill: {
    short: 'Kill one or more running containers',
    aliases: 'docker container kill, docker kill',
    flags: 'Signal to send to the container',
  },
  rm: {
    short: 'Remove one or more containers',
    aliases: 'docker container rm, docker container remove, docker rm',
    flags:
      'Force the removal of a running container (uses SIGKILL)\nRemove the specified link\nRemove anonymous volumes associated with the container',
  },
  ps: {
    short: 'List containers',
    aliases: 'docker container ls, docker container list, docker container ps, docker ps',
    flags:
      "Show all containers (default shows just running)\nFilter output based on conditions provided\n~t\nShow n last created containers (includes all states) (default -1)\nShow the latest created container (includes all states)\nDon't truncate output\nOnly display container IDs\nDisplay total file sizes",
  },
  exec: {
    short: 'Execute a command in a running container',
    aliases: 'docker container exec, docker exec',
    flags:
      'Detached mode: run command in the background\nOverride the key sequence for detaching a container\nSet environment variables\nRead in a file of environment variables\nKeep STDIN open even if not attached\nGive extended privileges to the command\nAllocate a pseudo-TTY\nUsername or UID (format: "<name|uid>[:<group|gid>]")\nWorking directory inside the container',
  },
  logs: {
    short: 'Fetch the logs of a container',
    aliases: 'docker container logs, docker logs',
    flags:
      'Show extra details provided to logs\nFollow log output\nShow logs since timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)\nNumber of lines to show from the end of the logs (default "all")\nShow timestamps\nShow logs before a timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)',
  },
  inspect: {
    short: 'Return low-level information on Docker objects',
    flags: '~\nDisplay total file sizes if the type is container\nOnly inspect objects of the given type',
  },
  images: {
    short: 'List images',
    aliases: 'docker image ls, docker image list, docker images',
    flags:
      "Show all images (default hides intermediate images)\nShow digests\nFilter output based on conditions provided\n~t\nDon't truncate output\nOnly show image IDs\nList multi-platform images as a tree (EXPERIMENTAL)",
  },
  pull: {
    short: 'Download an image from a registry',
    aliases: 'docker image pull, docker pull',
    flags:
      'Download all tagged images in the repository\nSkip image verification (default true)\nSet platform if server is multi-platform capable\nSuppress verbose output',
  },
  rmi: {
    short: 'Remove one or more images',
    aliases: 'docker image rm, docker image remove, docker rmi',
    flags:
      'Force removal of the image\nDo not delete untagged parents\nRemove only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
  },
  build: {
    short: 'Build an image from a Dockerfile',
    aliases: 'docker image build, docker build, docker builder build',
    flags:
      'Add a custom host-to-IP mapping ("host:ip")\nSet build-time variables\nImages to consider as cache sources\nSet the parent cgroup for the "RUN" instructions during build\nCompress the build context using gzip\nLimit the CPU CFS (Completely Fair Scheduler) period\nLimit the CPU CFS (Completely Fair Scheduler) quota\nCPU shares (relative weight)\nCPUs in which to allow execution (0-3, 0,1)\nMEMs in which to allow execution (0-3, 0,1)\nSkip image verification (default true)\nName of the Dockerfile (Default is "PATH/Dockerfile")\nAlways remove intermediate containers\nWrite the image ID to the file\nContainer isolation technology\nSet metadata for an image\nMemory limit\nSwap limit equal to memory plus swap: -1 to enable unlimited swap\nShorthand for "--output=type=docker"\nSet the networking mode for the RUN instructions during build (default "default")\nDo not use cache when building the image\nSet platform if server is multi-platform capable\nSet type of progress output ("auto", "none", "plain", "quiet", "rawjson", "tty"). Use plain to show container output (default "auto")\nAlways attempt to pull a newer version of the image\nShorthand for "--output=type=registry"\nSuppress the build output and print image ID on success\nRemove intermediate containers after a successful build (default true)\nSecret to expose to the build (format: "id=mysecret[,src=/local/secret]")\nSecurity options\nSize of "/dev/shm"\nSquash newly built layers into a single new layer\nName and optionally a tag in the "name:tag" format\nSet the target build stage to build.\nUlimit options (default [])',
  },
  push: {
    short: 'Upload an image to a registry',
    aliases: 'docker image push, docker push',
    flags:
      "Push all tags of an image to the repository\nSkip image signing (default true)\nPush a platform-specific manifest as a single-platform image to the registry.\vImage index won't be pushed, meaning that other manifests, including attestations won't be preserved.\v'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)\nSuppress verbose output",
  },
  login: {
    short: 'Authenticate to a registry.\nDefaults to Docker Hub if no server is specified.',
    flags:
      'Password or Personal Access Token (PAT)\nTake the Password or Personal Access Token (PAT) from stdin\nUsername',
  },
  logout: {
    short: 'Log out from a registry.\nIf no server is specified, the default is defined by the daemon.',
    flags: '',
  },
  search: {
    short: 'Search Docker Hub for images',
    flags:
      "Filter output based on conditions provided\nPretty-print search using a Go template\nMax number of search results\nDon't truncate output",
  },
  version: {
    short: 'Show the Docker version information',
    flags: '~',
  },
  info: {
    short: 'Display system-wide information',
    aliases: 'docker system info, docker info',
    flags: '~',
  },
  'builder prune': {
    short: 'Remove build cache',
    flags:
      'Remove all unused build cache, not just dangling ones\nProvide filter values (e.g. "until=24h")\nDo not prompt for confirmation\nAmount of disk space to keep for cache',
  },
  'container inspect': {
    short: 'Display detailed information on one or more containers',
    flags: '~\nDisplay total file sizes',
  },
  'container prune': {
    short: 'Remove all stopped containers',
    flags: 'Provide filter values (e.g. "until=<timestamp>")\nDo not prompt for confirmation',
  },
  'context create': {
    short:
      'Create a context\n\nDocker endpoint config:\n\nNAME                DESCRIPTION\nfrom                Copy named context\'s Docker endpoint configuration\nhost                Docker endpoint on which to connect\nca                  Trust certs signed only by this CA\ncert                Path to TLS certificate file\nkey                 Path to TLS key file\nskip-tls-verify     Skip TLS certificate validation\n\nExample:\n\n$ docker context create my-context --description "some description" --docker "host=tcp://myserver:2376,ca=~/ca-file,cert=~/cert-file,key=~/key-file"',
    flags: 'Description of the context\nset the docker endpoint (default [])\ncreate context from a named context',
  },
  'context export': {
    short: 'Export a context to a tar archive FILE or a tar stream on STDOUT.',
    flags: '',
  },
  'context import': {
    short: 'Import a context from a tar or zip file',
    flags: '',
  },
  'context inspect': {
    short: 'Display detailed information on one or more contexts',
    flags: '~',
  },
  'context ls': {
    short: 'List contexts',
    aliases: 'docker context ls, docker context list',
    flags: '~t\nOnly show context names',
  },
  'context rm': {
    short: 'Remove one or more contexts',
    aliases: 'docker context rm, docker context remove',
    flags: 'Force the removal of a context in use',
  },
  'context show': {
    short: 'Print the name of the current context',
    flags: '',
  },
  'context update': {
    short:
      'Update a context\n\nDocker endpoint config:\n\nNAME                DESCRIPTION\nfrom                Copy named context\'s Docker endpoint configuration\nhost                Docker endpoint on which to connect\nca                  Trust certs signed only by this CA\ncert                Path to TLS certificate file\nkey                 Path to TLS key file\nskip-tls-verify     Skip TLS certificate validation\n\nExample:\n\n$ docker context update my-context --description "some description" --docker "host=tcp://myserver:2376,ca=~/ca-file,cert=~/cert-file,key=~/key-file"',
    flags: 'Description of the context\nset the docker endpoint (default [])',
  },
  'context use': {
    short: 'Set the current docker context',
    flags: '',
  },
  'image inspect': {
    short: 'Display detailed information on one or more images',
    flags:
      "~\nInspect a specific platform of the multi-platform image.\vIf the image or the server is not multi-platform capable, the command will error out if the platform does not match.\v'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)",
  },
  'image prune': {
    short: 'Remove unused images',
    flags:
      'Remove all unused images, not just dangling ones\nProvide filter values (e.g. "until=<timestamp>")\nDo not prompt for confirmation',
  },
  'manifest annotate': {
    short: 'Add additional information to a local image manifest',
    flags:
      'Set architecture\nSet operating system\nSet operating system feature\nSet operating system version\nSet architecture variant',
  },
  'manifest create': {
    short: 'Create a local manifest list for annotating and pushing to a registry',
    flags: 'Amend an existing manifest list\nAllow communication with an insecure registry',
  },
  'manifest inspect': {
    short: 'Display an image manifest, or manifest list',
    flags: 'Allow communication with an insecure registry\nOutput additional info including layers and platform',
  },
  'manifest push': {
    short: 'Push a manifest list to a repository',
    flags: 'Allow push to an insecure registry\nRemove the local manifest list after push',
  },
  'manifest rm': {
    short: 'Delete one or more manifest lists from local storage',
    flags: '',
  },
  'network connect': {
    short: 'Connect a container to a network',
    flags:
      'Add network-scoped alias for the container\ndriver options for the network\nHighest gw-priority provides the default gateway. Accepts positive and negative values.\nIPv4 address (e.g., "172.30.100.104")\nIPv6 address (e.g., "2001:db8::33")\nAdd link to another container\nAdd a link-local address for the container',
  },
  'network create': {
    short: 'Create a network',
    flags:
      'Enable manual container attachment\nAuxiliary IPv4 or IPv6 addresses used by Network driver (default map[])\nThe network from which to copy the configuration\nCreate a configuration only network\nDriver to manage the Network (default "bridge")\nIPv4 or IPv6 Gateway for the master subnet\nCreate swarm routing-mesh network\nRestrict external access to the network\nAllocate container ip from a sub-range\nIP Address Management Driver (default "default")\nSet IPAM driver specific options (default map[])\nEnable or disable IPv4 address assignment (default true)\nEnable or disable IPv6 address assignment\nSet metadata on a network\nSet driver specific options (default map[])\nControl the network\'s scope\nSubnet in CIDR format that represents a network segment',
  },
  'network disconnect': {
    short: 'Disconnect a container from a network',
    flags: 'Force the container to disconnect from a network',
  },
  'network inspect': {
    short: 'Display detailed information on one or more networks',
    flags: '~\nVerbose output for diagnostics',
  },
  'network ls': {
    short: 'List networks',
    aliases: 'docker network ls, docker network list',
    flags: 'Provide filter values (e.g. "driver=bridge")\n~t\nDo not truncate the output\nOnly display network IDs',
  },
  'network prune': {
    short: 'Remove all unused networks',
    flags: 'Provide filter values (e.g. "until=<timestamp>")\nDo not prompt for confirmation',
  },
  'network rm': {
    short: 'Remove one or more networks',
    aliases: 'docker network rm, docker network remove',
    flags: 'Do not error if the network does not exist',
  },
  'config ls': {
    short: 'List configs',
    aliases: 'docker config ls, docker config list',
    flags: 'Filter output based on conditions provided\n~t\nOnly display IDs',
  },
  'node ls': {
    short: 'List nodes in the swarm',
    aliases: 'docker node ls, docker node list',
    flags: 'Filter output based on conditions provided\n~t\nOnly display IDs',
  },
  'plugin ls': {
    short: 'List plugins',
    aliases: 'docker plugin ls, docker plugin list',
    flags: 'Provide filter values (e.g. "enabled=true")\n~t\nDon\'t truncate output\nOnly display plugin IDs',
  },
  'secret ls': {
    short: 'List secrets',
    aliases: 'docker secret ls, docker secret list',
    flags: 'Filter output based on conditions provided\n~t\nOnly display IDs',
  },
  'service ls': {
    short: 'List services',
    aliases: 'docker service ls, docker service list',
    flags: 'Filter output based on conditions provided\n~t\nOnly display IDs',
  },
  'stack ls': { short: 'List stacks', aliases: 'docker stack ls, docker stack list', flags: '~t' },
  'swarm join-token': { short: 'Manage join tokens', flags: 'Only display token\nRotate join token' },
  'swarm leave': {
    short: 'Leave the swarm',
    flags: 'Force this node to leave the swarm, ignoring warnings',
  },
  'swarm unlock-key': { short: 'Manage the unlock key', flags: 'Only display token\nRotate unlock key' },
  'system df': {
    short: 'Show docker disk usage',
    flags: '~t\nShow detailed information on space usage',
  },
  'system prune': {
    short: 'Remove unused data',
    flags:
      'Remove all unused images not just dangling ones\nProvide filter values (e.g. "label=<key>=<value>")\nDo not prompt for confirmation\nPrune anonymous volumes',
  },
  'volume create': {
    short: 'Create a volume',
    flags:
      'Cluster Volume availability ("active", "pause", "drain") (default "active")\nSpecify volume driver name (default "local")\nCluster Volume group (cluster volumes)\nSet metadata for a volume\nMinimum size of the Cluster Volume in bytes\nSet driver specific options (default map[])\nMaximum size of the Cluster Volume in bytes\nCluster Volume access scope ("single", "multi") (default "single")\nCluster Volume secrets (default map[])\nCluster Volume access sharing ("none", "readonly", "onewriter", "all") (default "none")\nA topology that the Cluster Volume would be preferred in\nA topology that the Cluster Volume must be accessible from\nCluster Volume access type ("mount", "block") (default "block")',
  },
  'volume inspect': {
    short: 'Display detailed information on one or more volumes',
    flags: '~',
  },
  'volume ls': {
    short: 'List volumes',
    aliases: 'docker volume ls, docker volume list',
    flags:
      'Display only cluster volumes, and use cluster volume list formatting\nProvide filter values (e.g. "dangling=true")\n~t\nOnly display volume names',
  },
  'volume prune': {
    short: 'Remove unused local volumes',
    flags:
      'Remove all unused volumes, not just anonymous ones\nProvide filter values (e.g. "label=<label>")\nDo not prompt for confirmation',
  },
  'volume rm': {
    short: 'Remove one or more volumes. You cannot remove a volume that is in use by a container.',
    aliases: 'docker volume rm, docker volume remove',
    flags: 'Force the removal of one or more volumes',
  },
  'volume update': {
    short: 'Update a volume (cluster volumes only)',
    flags: 'Cluster Volume availability ("active", "pause", "drain") (default "active")',
  },
  attach: {
    short: 'Attach local standard input, output, and error streams to a running container',
    aliases: 'docker container attach, docker attach',
    flags:
      'Override the key sequence for detaching a container\nDo not attach STDIN\nProxy all received signals to the process (default true)',
  },
  commit: {
    short: "Create a new image from a container's changes",
    aliases: 'docker container commit, docker commit',
    flags:
      'Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")\nApply Dockerfile instruction to the created image\nCommit message\nPause container during commit (default true)',
  },
  cp: {
    short:
      "Copy files/folders between a container and the local filesystem\n\nUse '-' as the source to read a tar archive from stdin\nand extract it to a directory destination in a container.\nUse '-' as the destination to stream a tar archive of a\ncontainer source to stdout.",
    aliases: 'docker container cp, docker cp',
    flags:
      'Archive mode (copy all uid/gid information)\nAlways follow symbol link in SRC_PATH\nSuppress progress output during copy. Progress output is automatically suppressed if no terminal is attached',
  },
  diff: {
    short: "Inspect changes to files or directories on a container's filesystem",
    aliases: 'docker container diff, docker diff',
    flags: '',
  },
  events: {
    short: 'Get real time events from the server',
    aliases: 'docker system events, docker events',
    flags:
      'Filter output based on conditions provided\n~\nShow all events created since timestamp\nStream events until this timestamp',
  },
  export: {
    short: "Export a container's filesystem as a tar archive",
    aliases: 'docker container export, docker export',
    flags: 'Write to a file, instead of STDOUT',
  },
  history: {
    short: 'Show the history of an image',
    aliases: 'docker image history, docker history',
    flags:
      '~t\nPrint sizes and dates in human readable format (default true)\nDon\'t truncate output\nShow history for the given platform. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")\nOnly show image IDs',
  },
  import: {
    short: 'Import the contents from a tarball to create a filesystem image',
    aliases: 'docker image import, docker import',
    flags:
      'Apply Dockerfile instruction to the created image\nSet commit message for imported image\nSet platform if server is multi-platform capable',
  },
  load: {
    short: 'Load an image from a tar archive or STDIN',
    aliases: 'docker image load, docker load',
    flags:
      'Read from tar archive file, instead of STDIN\nLoad only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")\nSuppress the load output',
  },
  pause: {
    short: 'Pause all processes within one or more containers',
    aliases: 'docker container pause, docker pause',
    flags: '',
  },
  port: {
    short: 'List port mappings or a specific mapping for the container',
    aliases: 'docker container port, docker port',
    flags: '',
  },
  rename: {
    short: 'Rename a container',
    aliases: 'docker container rename, docker rename',
    flags: '',
  },
  save: {
    short: 'Save one or more images to a tar archive (streamed to STDOUT by default)',
    aliases: 'docker image save, docker save',
    flags:
      'Write to a file, instead of STDOUT\nSave only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
  },
  stats: {
    short: 'Display a live stream of container(s) resource usage statistics',
    aliases: 'docker container stats, docker stats',
    flags:
      'Show all containers (default shows just running)\n~t\nDisable streaming stats and only pull the first result\nDo not truncate output',
  },
  tag: {
    short: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
    aliases: 'docker image tag, docker tag',
    flags: '',
  },
  top: {
    short: 'Display the running processes of a container',
    aliases: 'docker container top, docker top',
    flags: '',
  },
  unpause: {
    short: 'Unpause all processes within one or more containers',
    aliases: 'docker container unpause, docker unpause',
    flags: '',
  },
  update: {
    short: 'Update configuration of one or more containers',
    aliases: 'docker container update, docker update',
    flags:
      'Block IO (relative weight), between 10 and 1000, or 0 to disable (default 0)\nLimit CPU CFS (Completely Fair Scheduler) period\nLimit CPU CFS (Completely Fair Scheduler) quota\nLimit the CPU real-time period in microseconds\nLimit the CPU real-time runtime in microseconds\nCPU shares (relative weight)\nNumber of CPUs\nCPUs in which to allow execution (0-3, 0,1)\nMEMs in which to allow execution (0-3, 0,1)\nMemory limit\nMemory soft limit\nSwap limit equal to memory plus swap: -1 to enable unlimited swap\nTune container pids limit (set -1 for unlimited)\nRestart policy to apply when a container exits',
  },
  wait: {
    short: 'Block until one or more containers stop, then print their exit codes',
    aliases: 'docker container wait, docker wait',
    flags: '',
  },
}
