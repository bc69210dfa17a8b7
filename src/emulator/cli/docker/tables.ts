/**
 * The commands of docker and their flags: one table from which parsing, --help, messages and completion come.
 * A flag is `shorthand|name|type|description`; a flag without a type is a switch. Types are pflag's words.
 */
export interface CommandTable {
  readonly usage: string
  readonly short: string
  readonly aliases?: string
  readonly flags: string
}
export const tables: Readonly<Record<string, CommandTable>> = {
  run: { usage: 'docker run [OPTIONS] IMAGE [COMMAND] [ARG...]', short: 'Create and run a new container from an image', aliases: 'docker container run, docker run', flags: `|add-host|list|Add a custom host-to-IP mapping (host:ip)
|annotation|map|Add an annotation to the container (passed through to the OCI runtime) (default map[])
a|attach|list|Attach to STDIN, STDOUT or STDERR
|blkio-weight|uint16|Block IO (relative weight), between 10 and 1000, or 0 to disable (default 0)
|blkio-weight-device|list|Block IO weight (relative device weight) (default [])
|cap-add|list|Add Linux capabilities
|cap-drop|list|Drop Linux capabilities
|cgroup-parent|string|Optional parent cgroup for the container
|cgroupns|string|Cgroup namespace to use (host|private) 'host':    Run the container in the Docker host's cgroup namespace 'private': Run the container in its own private cgroup namespace '':        Use the cgroup namespace as configured by the default-cgroupns-mode option on the daemon (default)
|cidfile|string|Write the container ID to the file
|cpu-count|int|CPU count (Windows only)
|cpu-percent|int|CPU percent (Windows only)
|cpu-period|int|Limit CPU CFS (Completely Fair Scheduler) period
|cpu-quota|int|Limit CPU CFS (Completely Fair Scheduler) quota
|cpu-rt-period|int|Limit CPU real-time period in microseconds
|cpu-rt-runtime|int|Limit CPU real-time runtime in microseconds
c|cpu-shares|int|CPU shares (relative weight)
|cpus|decimal|Number of CPUs
|cpuset-cpus|string|CPUs in which to allow execution (0-3, 0,1)
|cpuset-mems|string|MEMs in which to allow execution (0-3, 0,1)
d|detach||Run container in background and print container ID
|detach-keys|string|Override the key sequence for detaching a container
|device|list|Add a host device to the container
|device-cgroup-rule|list|Add a rule to the cgroup allowed devices list
|device-read-bps|list|Limit read rate (bytes per second) from a device (default [])
|device-read-iops|list|Limit read rate (IO per second) from a device (default [])
|device-write-bps|list|Limit write rate (bytes per second) to a device (default [])
|device-write-iops|list|Limit write rate (IO per second) to a device (default [])
|disable-content-trust||Skip image verification (default true)
|dns|list|Set custom DNS servers
|dns-option|list|Set DNS options
|dns-search|list|Set custom DNS search domains
|domainname|string|Container NIS domain name
|entrypoint|string|Overwrite the default ENTRYPOINT of the image
e|env|list|Set environment variables
|env-file|list|Read in a file of environment variables
|expose|list|Expose a port or a range of ports --gpus gpu-request                 GPU devices to add to the container ('all' to pass all GPUs)
|group-add|list|Add additional groups to join
|health-cmd|string|Command to run to check health
|health-interval|duration|Time between running the check (ms|s|m|h) (default 0s)
|health-retries|int|Consecutive failures needed to report unhealthy
|health-start-interval|duration|Time between running the check during the start period (ms|s|m|h) (default 0s)
|health-start-period|duration|Start period for the container to initialize before starting health-retries countdown (ms|s|m|h) (default 0s)
|health-timeout|duration|Maximum time to allow one check to run (ms|s|m|h) (default 0s)
|help||Print usage
h|hostname|string|Container host name
|init||Run an init inside the container that forwards signals and reaps processes
i|interactive||Keep STDIN open even if not attached
|io-maxbandwidth|bytes|Maximum IO bandwidth limit for the system drive (Windows only)
|io-maxiops|uint|Maximum IOps limit for the system drive (Windows only)
|ip|string|IPv4 address (e.g., 172.30.100.104)
|ip6|string|IPv6 address (e.g., 2001:db8::33)
|ipc|string|IPC mode to use
|isolation|string|Container isolation technology
|kernel-memory|bytes|Kernel memory limit
l|label|list|Set meta data on a container
|label-file|list|Read in a line delimited file of labels
|link|list|Add link to another container
|link-local-ip|list|Container IPv4/IPv6 link-local addresses
|log-driver|string|Logging driver for the container
|log-opt|list|Log driver options
|mac-address|string|Container MAC address (e.g., 92:d0:c6:0a:29:33)
m|memory|bytes|Memory limit
|memory-reservation|bytes|Memory soft limit
|memory-swap|bytes|Swap limit equal to memory plus swap: '-1' to enable unlimited swap
|memory-swappiness|int|Tune container memory swappiness (0 to 100) (default -1)
|mount|mount|Attach a filesystem mount to the container
|name|string|Assign a name to the container
|network|network|Connect a container to a network
|network-alias|list|Add network-scoped alias for the container
|no-healthcheck||Disable any container-specified HEALTHCHECK
|oom-kill-disable||Disable OOM Killer
|oom-score-adj|int|Tune host's OOM preferences (-1000 to 1000)
|pid|string|PID namespace to use
|pids-limit|int|Tune container pids limit (set -1 for unlimited)
|platform|string|Set platform if server is multi-platform capable
|privileged||Give extended privileges to this container
p|publish|list|Publish a container's port(s) to the host
P|publish-all||Publish all exposed ports to random ports
|pull|string|Pull image before running ("always", "missing", "never") (default "missing")
q|quiet||Suppress the pull output
|read-only||Mount the container's root filesystem as read only
|restart|string|Restart policy to apply when a container exits (default "no")
|rm||Automatically remove the container and its associated anonymous volumes when it exits
|runtime|string|Runtime to use for this container
|security-opt|list|Security Options
|shm-size|bytes|Size of /dev/shm
|sig-proxy||Proxy received signals to the process (default true)
|stop-signal|string|Signal to stop the container
|stop-timeout|int|Timeout (in seconds) to stop a container
|storage-opt|list|Storage driver options for the container
|sysctl|map|Sysctl options (default map[])
|tmpfs|list|Mount a tmpfs directory
t|tty||Allocate a pseudo-TTY
|ulimit|ulimit|Ulimit options (default [])
|use-api-socket||Bind mount Docker API socket and required auth
u|user|string|Username or UID (format: <name|uid>[:<group|gid>])
|userns|string|User namespace to use
|uts|string|UTS namespace to use
v|volume|list|Bind mount a volume
|volume-driver|string|Optional volume driver for the container
|volumes-from|list|Mount volumes from the specified container(s)
w|workdir|string|Working directory inside the container` },
  create: { usage: 'docker create [OPTIONS] IMAGE [COMMAND] [ARG...]', short: 'Create a new container', aliases: 'docker container create, docker create', flags: `|add-host|list|Add a custom host-to-IP mapping (host:ip)
|annotation|map|Add an annotation to the container (passed through to the OCI runtime) (default map[])
a|attach|list|Attach to STDIN, STDOUT or STDERR
|blkio-weight|uint16|Block IO (relative weight), between 10 and 1000, or 0 to disable (default 0)
|blkio-weight-device|list|Block IO weight (relative device weight) (default [])
|cap-add|list|Add Linux capabilities
|cap-drop|list|Drop Linux capabilities
|cgroup-parent|string|Optional parent cgroup for the container
|cgroupns|string|Cgroup namespace to use (host|private) 'host':    Run the container in the Docker host's cgroup namespace 'private': Run the container in its own private cgroup namespace '':        Use the cgroup namespace as configured by the default-cgroupns-mode option on the daemon (default)
|cidfile|string|Write the container ID to the file
|cpu-count|int|CPU count (Windows only)
|cpu-percent|int|CPU percent (Windows only)
|cpu-period|int|Limit CPU CFS (Completely Fair Scheduler) period
|cpu-quota|int|Limit CPU CFS (Completely Fair Scheduler) quota
|cpu-rt-period|int|Limit CPU real-time period in microseconds
|cpu-rt-runtime|int|Limit CPU real-time runtime in microseconds
c|cpu-shares|int|CPU shares (relative weight)
|cpus|decimal|Number of CPUs
|cpuset-cpus|string|CPUs in which to allow execution (0-3, 0,1)
|cpuset-mems|string|MEMs in which to allow execution (0-3, 0,1)
|device|list|Add a host device to the container
|device-cgroup-rule|list|Add a rule to the cgroup allowed devices list
|device-read-bps|list|Limit read rate (bytes per second) from a device (default [])
|device-read-iops|list|Limit read rate (IO per second) from a device (default [])
|device-write-bps|list|Limit write rate (bytes per second) to a device (default [])
|device-write-iops|list|Limit write rate (IO per second) to a device (default [])
|disable-content-trust||Skip image verification (default true)
|dns|list|Set custom DNS servers
|dns-option|list|Set DNS options
|dns-search|list|Set custom DNS search domains
|domainname|string|Container NIS domain name
|entrypoint|string|Overwrite the default ENTRYPOINT of the image
e|env|list|Set environment variables
|env-file|list|Read in a file of environment variables
|expose|list|Expose a port or a range of ports --gpus gpu-request                 GPU devices to add to the container ('all' to pass all GPUs)
|group-add|list|Add additional groups to join
|health-cmd|string|Command to run to check health
|health-interval|duration|Time between running the check (ms|s|m|h) (default 0s)
|health-retries|int|Consecutive failures needed to report unhealthy
|health-start-interval|duration|Time between running the check during the start period (ms|s|m|h) (default 0s)
|health-start-period|duration|Start period for the container to initialize before starting health-retries countdown (ms|s|m|h) (default 0s)
|health-timeout|duration|Maximum time to allow one check to run (ms|s|m|h) (default 0s)
|help||Print usage
h|hostname|string|Container host name
|init||Run an init inside the container that forwards signals and reaps processes
i|interactive||Keep STDIN open even if not attached
|io-maxbandwidth|bytes|Maximum IO bandwidth limit for the system drive (Windows only)
|io-maxiops|uint|Maximum IOps limit for the system drive (Windows only)
|ip|string|IPv4 address (e.g., 172.30.100.104)
|ip6|string|IPv6 address (e.g., 2001:db8::33)
|ipc|string|IPC mode to use
|isolation|string|Container isolation technology
|kernel-memory|bytes|Kernel memory limit
l|label|list|Set meta data on a container
|label-file|list|Read in a line delimited file of labels
|link|list|Add link to another container
|link-local-ip|list|Container IPv4/IPv6 link-local addresses
|log-driver|string|Logging driver for the container
|log-opt|list|Log driver options
|mac-address|string|Container MAC address (e.g., 92:d0:c6:0a:29:33)
m|memory|bytes|Memory limit
|memory-reservation|bytes|Memory soft limit
|memory-swap|bytes|Swap limit equal to memory plus swap: '-1' to enable unlimited swap
|memory-swappiness|int|Tune container memory swappiness (0 to 100) (default -1)
|mount|mount|Attach a filesystem mount to the container
|name|string|Assign a name to the container
|network|network|Connect a container to a network
|network-alias|list|Add network-scoped alias for the container
|no-healthcheck||Disable any container-specified HEALTHCHECK
|oom-kill-disable||Disable OOM Killer
|oom-score-adj|int|Tune host's OOM preferences (-1000 to 1000)
|pid|string|PID namespace to use
|pids-limit|int|Tune container pids limit (set -1 for unlimited)
|platform|string|Set platform if server is multi-platform capable
|privileged||Give extended privileges to this container
p|publish|list|Publish a container's port(s) to the host
P|publish-all||Publish all exposed ports to random ports
|pull|string|Pull image before creating ("always", "|missing", "never") (default "missing")
q|quiet||Suppress the pull output
|read-only||Mount the container's root filesystem as read only
|restart|string|Restart policy to apply when a container exits (default "no")
|rm||Automatically remove the container and its associated anonymous volumes when it exits
|runtime|string|Runtime to use for this container
|security-opt|list|Security Options
|shm-size|bytes|Size of /dev/shm
|stop-signal|string|Signal to stop the container
|stop-timeout|int|Timeout (in seconds) to stop a container
|storage-opt|list|Storage driver options for the container
|sysctl|map|Sysctl options (default map[])
|tmpfs|list|Mount a tmpfs directory
t|tty||Allocate a pseudo-TTY
|ulimit|ulimit|Ulimit options (default [])
|use-api-socket||Bind mount Docker API socket and required auth
u|user|string|Username or UID (format: <name|uid>[:<group|gid>])
|userns|string|User namespace to use
|uts|string|UTS namespace to use
v|volume|list|Bind mount a volume
|volume-driver|string|Optional volume driver for the container
|volumes-from|list|Mount volumes from the specified container(s)
w|workdir|string|Working directory inside the container` },
  start: { usage: 'docker start [OPTIONS] CONTAINER [CONTAINER...]', short: 'Start one or more stopped containers', aliases: 'docker container start, docker start', flags: `a|attach||Attach STDOUT/STDERR and forward signals
|checkpoint|string|Restore from this checkpoint
|checkpoint-dir|string|Use a custom checkpoint storage directory
|detach-keys|string|Override the key sequence for detaching a container
i|interactive||Attach container's STDIN` },
  stop: { usage: 'docker stop [OPTIONS] CONTAINER [CONTAINER...]', short: 'Stop one or more running containers', aliases: 'docker container stop, docker stop', flags: `s|signal|string|Signal to send to the container
t|timeout|int|Seconds to wait before killing the container` },
  restart: { usage: 'docker restart [OPTIONS] CONTAINER [CONTAINER...]', short: 'Restart one or more containers', aliases: 'docker container restart, docker restart', flags: `s|signal|string|Signal to send to the container
t|timeout|int|Seconds to wait before killing the container` },
  kill: { usage: 'docker kill [OPTIONS] CONTAINER [CONTAINER...]', short: 'Kill one or more running containers', aliases: 'docker container kill, docker kill', flags: `s|signal|string|Signal to send to the container` },
  rm: { usage: 'docker rm [OPTIONS] CONTAINER [CONTAINER...]', short: 'Remove one or more containers', aliases: 'docker container rm, docker container remove, docker rm', flags: `f|force||Force the removal of a running container (uses SIGKILL)
l|link||Remove the specified link
v|volumes||Remove anonymous volumes associated with the container` },
  ps: { usage: 'docker ps [OPTIONS]', short: 'List containers', aliases: 'docker container ls, docker container list, docker container ps, docker ps', flags: `a|all||Show all containers (default shows just running)
f|filter|filter|Filter output based on conditions provided
|format|string|~t
n|last|int|Show n last created containers (includes all states) (default -1)
l|latest||Show the latest created container (includes all states)
|no-trunc||Don't truncate output
q|quiet||Only display container IDs
s|size||Display total file sizes` },
  exec: { usage: 'docker exec [OPTIONS] CONTAINER COMMAND [ARG...]', short: 'Execute a command in a running container', aliases: 'docker container exec, docker exec', flags: `d|detach||Detached mode: run command in the background
|detach-keys|string|Override the key sequence for detaching a container
e|env|list|Set environment variables
|env-file|list|Read in a file of environment variables
i|interactive||Keep STDIN open even if not attached
|privileged||Give extended privileges to the command
t|tty||Allocate a pseudo-TTY
u|user|string|Username or UID (format: "<name|uid>[:<group|gid>]")
w|workdir|string|Working directory inside the container` },
  logs: { usage: 'docker logs [OPTIONS] CONTAINER', short: 'Fetch the logs of a container', aliases: 'docker container logs, docker logs', flags: `|details||Show extra details provided to logs
f|follow||Follow log output
|since|string|Show logs since timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)
n|tail|string|Number of lines to show from the end of the logs (default "all")
t|timestamps||Show timestamps
|until|string|Show logs before a timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)` },
  inspect: { usage: 'docker inspect [OPTIONS] NAME|ID [NAME|ID...]', short: 'Return low-level information on Docker objects', flags: `f|format|string|~
s|size||Display total file sizes if the type is container
|type|string|Only inspect objects of the given type` },
  images: { usage: 'docker images [OPTIONS] [REPOSITORY[:TAG]]', short: 'List images', aliases: 'docker image ls, docker image list, docker images', flags: `a|all||Show all images (default hides intermediate images)
|digests||Show digests
f|filter|filter|Filter output based on conditions provided
|format|string|~t
|no-trunc||Don't truncate output
q|quiet||Only show image IDs
|tree||List multi-platform images as a tree (EXPERIMENTAL)` },
  pull: { usage: 'docker pull [OPTIONS] NAME[:TAG|@DIGEST]', short: 'Download an image from a registry', aliases: 'docker image pull, docker pull', flags: `a|all-tags||Download all tagged images in the repository
|disable-content-trust||Skip image verification (default true)
|platform|string|Set platform if server is multi-platform capable
q|quiet||Suppress verbose output` },
  rmi: { usage: 'docker rmi [OPTIONS] IMAGE [IMAGE...]', short: 'Remove one or more images', aliases: 'docker image rm, docker image remove, docker rmi', flags: `f|force||Force removal of the image
|no-prune||Do not delete untagged parents
|platform|strings|Remove only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")` },
  tag: { usage: 'docker tag SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]', short: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE', aliases: 'docker image tag, docker tag', flags: `` },
  version: { usage: 'docker version [OPTIONS]', short: 'Show the Docker version information', flags: `f|format|string|~` },
  info: { usage: 'docker info [OPTIONS]', short: 'Display system-wide information', aliases: 'docker system info, docker info', flags: `f|format|string|~` },
  top: { usage: 'docker top CONTAINER [ps OPTIONS]', short: 'Display the running processes of a container', aliases: 'docker container top, docker top', flags: `` },
  port: { usage: 'docker port CONTAINER [PRIVATE_PORT[/PROTO]]', short: 'List port mappings or a specific mapping for the container', aliases: 'docker container port, docker port', flags: `` },
  wait: { usage: 'docker wait CONTAINER [CONTAINER...]', short: 'Block until one or more containers stop, then print their exit codes', aliases: 'docker container wait, docker wait', flags: `` },
  rename: { usage: 'docker rename CONTAINER NEW_NAME', short: 'Rename a container', aliases: 'docker container rename, docker rename', flags: `` },
  pause: { usage: 'docker pause CONTAINER [CONTAINER...]', short: 'Pause all processes within one or more containers', aliases: 'docker container pause, docker pause', flags: `` },
  unpause: { usage: 'docker unpause CONTAINER [CONTAINER...]', short: 'Unpause all processes within one or more containers', aliases: 'docker container unpause, docker unpause', flags: `` },
  attach: { usage: 'docker attach [OPTIONS] CONTAINER', short: 'Attach local standard input, output, and error streams to a running container', aliases: 'docker container attach, docker attach', flags: `|detach-keys|string|Override the key sequence for detaching a container
|no-stdin||Do not attach STDIN
|sig-proxy||Proxy all received signals to the process (default true)` },
  stats: { usage: 'docker stats [OPTIONS] [CONTAINER...]', short: 'Display a live stream of container(s) resource usage statistics', aliases: 'docker container stats, docker stats', flags: `a|all||Show all containers (default shows just running)
|format|string|~t
|no-stream||Disable streaming stats and only pull the first result
|no-trunc||Do not truncate output` },
  events: { usage: 'docker events [OPTIONS]', short: 'Get real time events from the server', aliases: 'docker system events, docker events', flags: `f|filter|filter|Filter output based on conditions provided
|format|string|~
|since|string|Show all events created since timestamp
|until|string|Stream events until this timestamp` },
  history: { usage: 'docker history [OPTIONS] IMAGE', short: 'Show the history of an image', aliases: 'docker image history, docker history', flags: `|format|string|~t
H|human||Print sizes and dates in human readable format (default true)
|no-trunc||Don't truncate output
|platform|string|Show history for the given platform. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")
q|quiet||Only show image IDs` },
  login: { usage: 'docker login [OPTIONS] [SERVER]', short: 'Authenticate to a registry.', flags: `p|password|string|Password or Personal Access Token (PAT)
|password-stdin||Take the Password or Personal Access Token (PAT) from stdin
u|username|string|Username` },
  logout: { usage: 'docker logout [SERVER]', short: 'Log out from a registry.', flags: `` },
  push: { usage: 'docker push [OPTIONS] NAME[:TAG]', short: 'Upload an image to a registry', aliases: 'docker image push, docker push', flags: `a|all-tags||Push all tags of an image to the repository
|disable-content-trust||Skip image signing (default true)
|platform|string|Push a platform-specific manifest as a single-platform image to the registry. Image index won't be pushed, meaning that other manifests, including attestations won't be preserved. 'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)
q|quiet||Suppress verbose output` },
  build: { usage: 'docker build [OPTIONS] PATH | URL | -', short: 'Build an image from a Dockerfile', aliases: 'docker image build, docker build, docker builder build', flags: `|add-host|list|Add a custom host-to-IP mapping ("host:ip")
|build-arg|list|Set build-time variables
|cache-from|strings|Images to consider as cache sources
|cgroup-parent|string|Set the parent cgroup for the "RUN" instructions during build
|compress||Compress the build context using gzip
|cpu-period|int|Limit the CPU CFS (Completely Fair Scheduler) period
|cpu-quota|int|Limit the CPU CFS (Completely Fair Scheduler) quota
c|cpu-shares|int|CPU shares (relative weight)
|cpuset-cpus|string|CPUs in which to allow execution (0-3, 0,1)
|cpuset-mems|string|MEMs in which to allow execution (0-3, 0,1)
|disable-content-trust||Skip image verification (default true)
f|file|string|Name of the Dockerfile (Default is "PATH/Dockerfile")
|force-rm||Always remove intermediate containers
|iidfile|string|Write the image ID to the file
|isolation|string|Container isolation technology
|label|list|Set metadata for an image
m|memory|bytes|Memory limit
|memory-swap|bytes|Swap limit equal to memory plus swap: -1 to enable unlimited swap
|load||Shorthand for "--output=type=docker"
|network|string|Set the networking mode for the RUN instructions during build (default "default")
|no-cache||Do not use cache when building the image
|platform|string|Set platform if server is multi-platform capable
|progress|string|Set type of progress output ("auto", "none", "plain", "quiet", "rawjson", "tty"). Use plain to show container output (default "auto")
|pull||Always attempt to pull a newer version of the image
q|quiet||Suppress the build output and print image ID on success
|rm||Remove intermediate containers after a successful build (default true)
|security-opt|strings|Security options
|shm-size|bytes|Size of "/dev/shm"
|squash||Squash newly built layers into a single new layer
t|tag|list|Name and optionally a tag in the "name:tag" format
|target|string|Set the target build stage to build.
|ulimit|ulimit|Ulimit options (default [])` },
  commit: { usage: 'docker commit [OPTIONS] CONTAINER [REPOSITORY[:TAG]]', short: 'Create a new image from a container\'s changes', aliases: 'docker container commit, docker commit', flags: `a|author|string|Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")
c|change|list|Apply Dockerfile instruction to the created image
m|message|string|Commit message
p|pause||Pause container during commit (default true)` },
  cp: { usage: 'docker cp [OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n\tdocker cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH', short: 'Copy files/folders between a container and the local filesystem', aliases: 'docker container cp, docker cp', flags: `a|archive||Archive mode (copy all uid/gid information)
L|follow-link||Always follow symbol link in SRC_PATH
q|quiet||Suppress progress output during copy. Progress output is automatically suppressed if no terminal is attached` },
  diff: { usage: 'docker diff CONTAINER', short: 'Inspect changes to files or directories on a container\'s filesystem', aliases: 'docker container diff, docker diff', flags: `` },
  export: { usage: 'docker export [OPTIONS] CONTAINER', short: 'Export a container\'s filesystem as a tar archive', aliases: 'docker container export, docker export', flags: `o|output|string|Write to a file, instead of STDOUT` },
  save: { usage: 'docker save [OPTIONS] IMAGE [IMAGE...]', short: 'Save one or more images to a tar archive (streamed to STDOUT by default)', aliases: 'docker image save, docker save', flags: `o|output|string|Write to a file, instead of STDOUT
|platform|string|Save only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")` },
  import: { usage: 'docker import [OPTIONS] file|URL|- [REPOSITORY[:TAG]]', short: 'Import the contents from a tarball to create a filesystem image', aliases: 'docker image import, docker import', flags: `c|change|list|Apply Dockerfile instruction to the created image
m|message|string|Set commit message for imported image
|platform|string|Set platform if server is multi-platform capable` },
  'manifest inspect': { usage: 'docker manifest inspect [OPTIONS] [MANIFEST_LIST] MANIFEST', short: 'Display an image manifest, or manifest list', flags: `|insecure||Allow communication with an insecure registry
v|verbose||Output additional info including layers and platform` },
  load: { usage: 'docker load [OPTIONS]', short: 'Load an image from a tar archive or STDIN', aliases: 'docker image load, docker load', flags: `i|input|string|Read from tar archive file, instead of STDIN
|platform|string|Load only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")
q|quiet||Suppress the load output` },
  search: { usage: 'docker search [OPTIONS] TERM', short: 'Search Docker Hub for images', flags: `f|filter|filter|Filter output based on conditions provided
|format|string|Pretty-print search using a Go template
|limit|int|Max number of search results
|no-trunc||Don't truncate output` },
  update: { usage: 'docker update [OPTIONS] CONTAINER [CONTAINER...]', short: 'Update configuration of one or more containers', aliases: 'docker container update, docker update', flags: `|blkio-weight|uint16|Block IO (relative weight), between 10 and 1000, or 0 to disable (default 0)
|cpu-period|int|Limit CPU CFS (Completely Fair Scheduler) period
|cpu-quota|int|Limit CPU CFS (Completely Fair Scheduler) quota
|cpu-rt-period|int|Limit the CPU real-time period in microseconds
|cpu-rt-runtime|int|Limit the CPU real-time runtime in microseconds
c|cpu-shares|int|CPU shares (relative weight)
|cpus|decimal|Number of CPUs
|cpuset-cpus|string|CPUs in which to allow execution (0-3, 0,1)
|cpuset-mems|string|MEMs in which to allow execution (0-3, 0,1)
m|memory|bytes|Memory limit
|memory-reservation|bytes|Memory soft limit
|memory-swap|bytes|Swap limit equal to memory plus swap: -1 to enable unlimited swap
|pids-limit|int|Tune container pids limit (set -1 for unlimited)
|restart|string|Restart policy to apply when a container exits` },
  'network create': { usage: 'docker network create [OPTIONS] NETWORK', short: 'Create a network', flags: `|attachable||Enable manual container attachment
|aux-address|map|Auxiliary IPv4 or IPv6 addresses used by Network driver (default map[])
|config-from|string|The network from which to copy the configuration
|config-only||Create a configuration only network
d|driver|string|Driver to manage the Network (default "bridge")
|gateway|strings|IPv4 or IPv6 Gateway for the master subnet
|ingress||Create swarm routing-mesh network
|internal||Restrict external access to the network
|ip-range|strings|Allocate container ip from a sub-range
|ipam-driver|string|IP Address Management Driver (default "default")
|ipam-opt|map|Set IPAM driver specific options (default map[])
|ipv4||Enable or disable IPv4 address assignment (default true)
|ipv6||Enable or disable IPv6 address assignment
|label|list|Set metadata on a network
o|opt|map|Set driver specific options (default map[])
|scope|string|Control the network's scope
|subnet|strings|Subnet in CIDR format that represents a network segment` },
  'network ls': { usage: 'docker network ls [OPTIONS]', short: 'List networks', aliases: 'docker network ls, docker network list', flags: `f|filter|filter|Provide filter values (e.g. "driver=bridge")
|format|string|~t
|no-trunc||Do not truncate the output
q|quiet||Only display network IDs` },
  'network rm': { usage: 'docker network rm NETWORK [NETWORK...]', short: 'Remove one or more networks', aliases: 'docker network rm, docker network remove', flags: `f|force||Do not error if the network does not exist` },
  'network inspect': { usage: 'docker network inspect [OPTIONS] NETWORK [NETWORK...]', short: 'Display detailed information on one or more networks', flags: `f|format|string|~
v|verbose||Verbose output for diagnostics` },
  'network connect': { usage: 'docker network connect [OPTIONS] NETWORK CONTAINER', short: 'Connect a container to a network', flags: `|alias|strings|Add network-scoped alias for the container
|driver-opt|strings|driver options for the network
|gw-priority|int|Highest gw-priority provides the default gateway. Accepts positive and negative values.
|ip|string|IPv4 address (e.g., "172.30.100.104")
|ip6|string|IPv6 address (e.g., "2001:db8::33")
|link|list|Add link to another container
|link-local-ip|strings|Add a link-local address for the container` },
  'network disconnect': { usage: 'docker network disconnect [OPTIONS] NETWORK CONTAINER', short: 'Disconnect a container from a network', flags: `f|force||Force the container to disconnect from a network` },
  'network prune': { usage: 'docker network prune [OPTIONS]', short: 'Remove all unused networks', flags: `|filter|filter|Provide filter values (e.g. "until=<timestamp>")
f|force||Do not prompt for confirmation` },
  'volume create': { usage: 'docker volume create [OPTIONS] [VOLUME]', short: 'Create a volume', flags: `|availability|string|Cluster Volume availability ("active", "pause", "drain") (default "active")
d|driver|string|Specify volume driver name (default "local")
|group|string|Cluster Volume group (cluster volumes)
|label|list|Set metadata for a volume
|limit-bytes|bytes|Minimum size of the Cluster Volume in bytes
o|opt|map|Set driver specific options (default map[])
|required-bytes|bytes|Maximum size of the Cluster Volume in bytes
|scope|string|Cluster Volume access scope ("single", "multi") (default "single")
|secret|map|Cluster Volume secrets (default map[])
|sharing|string|Cluster Volume access sharing ("none", "readonly", "onewriter", "all") (default "none")
|topology-preferred|list|A topology that the Cluster Volume would be preferred in
|topology-required|list|A topology that the Cluster Volume must be accessible from
|type|string|Cluster Volume access type ("mount", "block") (default "block")` },
  'volume ls': { usage: 'docker volume ls [OPTIONS]', short: 'List volumes', aliases: 'docker volume ls, docker volume list', flags: `|cluster||Display only cluster volumes, and use cluster volume list formatting
f|filter|filter|Provide filter values (e.g. "dangling=true")
|format|string|~t
q|quiet||Only display volume names` },
  'volume rm': { usage: 'docker volume rm [OPTIONS] VOLUME [VOLUME...]', short: 'Remove one or more volumes. You cannot remove a volume that is in use by a container.', aliases: 'docker volume rm, docker volume remove', flags: `f|force||Force the removal of one or more volumes` },
  'volume inspect': { usage: 'docker volume inspect [OPTIONS] VOLUME [VOLUME...]', short: 'Display detailed information on one or more volumes', flags: `f|format|string|~` },
  'volume prune': { usage: 'docker volume prune [OPTIONS]', short: 'Remove unused local volumes', flags: `a|all||Remove all unused volumes, not just anonymous ones
|filter|filter|Provide filter values (e.g. "label=<label>")
f|force||Do not prompt for confirmation` },
  'image inspect': { usage: 'docker image inspect [OPTIONS] IMAGE [IMAGE...]', short: 'Display detailed information on one or more images', flags: `f|format|string|~
|platform|string|Inspect a specific platform of the multi-platform image. If the image or the server is not multi-platform capable, the command will error out if the platform does not match. 'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)` },
  'image prune': { usage: 'docker image prune [OPTIONS]', short: 'Remove unused images', flags: `a|all||Remove all unused images, not just dangling ones
|filter|filter|Provide filter values (e.g. "until=<timestamp>")
f|force||Do not prompt for confirmation` },
  'container prune': { usage: 'docker container prune [OPTIONS]', short: 'Remove all stopped containers', flags: `|filter|filter|Provide filter values (e.g. "until=<timestamp>")
f|force||Do not prompt for confirmation` },
  'container inspect': { usage: 'docker container inspect [OPTIONS] CONTAINER [CONTAINER...]', short: 'Display detailed information on one or more containers', flags: `f|format|string|~
s|size||Display total file sizes` },
  'system df': { usage: 'docker system df [OPTIONS]', short: 'Show docker disk usage', flags: `|format|string|~t
v|verbose||Show detailed information on space usage` },
  'system prune': { usage: 'docker system prune [OPTIONS]', short: 'Remove unused data', flags: `a|all||Remove all unused images not just dangling ones
|filter|filter|Provide filter values (e.g. "label=<key>=<value>")
f|force||Do not prompt for confirmation
|volumes||Prune anonymous volumes` },
}
