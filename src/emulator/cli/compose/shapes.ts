/** The commands of docker compose: usage, what each is for, and its flags, `shorthand,name:type|description` a line. */
export interface ComposeShape {
  readonly usage: string
  readonly short: string
  readonly least: number
  readonly most: number
  /** What follows the first operand is the container's. */
  readonly operandsFirst?: boolean
  readonly flags: string
}
const timeout = 't,timeout:int|Specify a shutdown timeout in seconds'
export const globals = `all-resources|Include all resources, even those not used by services
ansi:string|Control when to print ANSI control characters ("never"|"always"|"auto") (default "auto")
compatibility|Run compose in backward compatibility mode
dry-run|Execute command in dry run mode
env-file:stringArray|Specify an alternate environment file
f,file:stringArray|Compose configuration files
parallel:int|Control max parallelism, -1 for unlimited (default -1)
profile:stringArray|Specify a profile to enable
progress:string|Set type of progress output (auto, tty, plain, json, quiet)
project-directory:string|Specify an alternate working directory\v(default: the path of the, first specified, Compose file)
p,project-name:string|Project name
v,version|Show the Docker Compose version information`

export const shapes: Readonly<Record<string, ComposeShape>> = {
  build: {
    usage: 'build [OPTIONS] [SERVICE...]',
    short: 'Build or rebuild services',
    least: 0,
    most: Infinity,
    flags: `build-arg:stringArray|Set build-time variables for services
no-cache|Do not use cache when building the image
pull|Always attempt to pull a newer version of the image
q,quiet|Suppress the build output`,
  },
  config: {
    usage: 'config [OPTIONS] [SERVICE...]',
    short: 'Parse, resolve and render compose file in canonical format',
    least: 0,
    most: Infinity,
    flags: `environment|Print environment used for interpolation
format:string|Format the output. Values: [yaml | json]
hash:string|Print the service config hash, one per line
images|Print the image names, one per line
networks|Print the network names, one per line
no-interpolate|Don't interpolate environment variables
o,output:string|Save to file (default to stdout)
profiles|Print the profile names, one per line
q,quiet|Only validate the configuration, don't print anything
services|Print the service names, one per line
volumes|Print the volume names, one per line`,
  },
  create: {
    usage: 'create [OPTIONS] [SERVICE...]',
    short: 'Creates containers for a service',
    least: 0,
    most: Infinity,
    flags: `build|Build images before starting containers
force-recreate|Recreate containers even if their configuration and image haven't changed
no-build|Don't build an image, even if it's policy
no-recreate|If containers already exist, don't recreate them. Incompatible with --force-recreate.
pull:string|Pull image before running ("always"|"missing"|"never"|"build") (default "policy")
remove-orphans|Remove containers for services not defined in the Compose file
scale:stringArray|Scale SERVICE to NUM instances. Overrides the \`scale\` setting in the Compose file if present.`,
  },
  down: {
    usage: 'down [OPTIONS] [SERVICES]',
    short: 'Stop and remove containers, networks',
    least: 0,
    most: Infinity,
    flags: `remove-orphans|Remove containers for services not defined in the Compose file
rmi:string|Remove images used by services. "local" remove only images that don't have a custom tag ("local"|"all")
${timeout}
v,volumes|Remove named volumes declared in the "volumes" section of the Compose file and anonymous volumes attached to containers`,
  },
  exec: {
    usage: 'exec [OPTIONS] SERVICE COMMAND [ARGS...]',
    short: 'Execute a command in a running container',
    least: 2,
    most: Infinity,
    operandsFirst: true,
    flags: `d,detach|Detached mode: Run command in the background
e,env:stringArray|Set environment variables
index:int|Index of the container if service has multiple replicas
T,no-tty|Disable pseudo-TTY allocation. By default 'docker compose exec' allocates a TTY. (default true)
privileged|Give extended privileges to the process
u,user:string|Run the command as this user
w,workdir:string|Path to workdir directory for this command`,
  },
  images: {
    usage: 'images [OPTIONS] [SERVICE...]',
    short: 'List images used by the created containers',
    least: 0,
    most: Infinity,
    flags: `format:string|Format the output. Values: [table | json] (default "table")
q,quiet|Only display IDs`,
  },
  kill: {
    usage: 'kill [OPTIONS] [SERVICE...]',
    short: 'Force stop service containers',
    least: 0,
    most: Infinity,
    flags: `remove-orphans|Remove containers for services not defined in the Compose file
s,signal:string|SIGNAL to send to the container (default "SIGKILL")`,
  },
  logs: {
    usage: 'logs [OPTIONS] [SERVICE...]',
    short: 'View output from containers',
    least: 0,
    most: Infinity,
    flags: `f,follow|Follow log output
index:int|index of the container if service has multiple replicas
no-color|Produce monochrome output
no-log-prefix|Don't print prefix in logs
since:string|Show logs since timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)
n,tail:string|Number of lines to show from the end of the logs for each container (default "all")
t,timestamps|Show timestamps
until:string|Show logs before a timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)`,
  },
  ls: {
    usage: 'ls [OPTIONS]',
    short: 'List running compose projects',
    least: 0,
    most: 0,
    flags: `a,all|Show all stopped Compose projects
format:string|Format the output. Values: [table | json] (default "table")
q,quiet|Only display project names`,
  },
  pause: { usage: 'pause [SERVICE...]', short: 'Pause services', least: 0, most: Infinity, flags: '' },
  port: {
    usage: 'port [OPTIONS] SERVICE PRIVATE_PORT',
    short: 'Print the public port for a port binding',
    least: 2,
    most: 2,
    flags: `index:int|Index of the container if service has multiple replicas
protocol:string|tcp or udp (default "tcp")`,
  },
  ps: {
    usage: 'ps [OPTIONS] [SERVICE...]',
    short: 'List containers',
    least: 0,
    most: Infinity,
    flags: `a,all|Show all stopped containers (including those created by the run command)
filter:string|Filter services by a property (supported filters: status)
format:string|Format output using a custom template:\v'table':            Print output in table format with column headers (default)\v'table TEMPLATE':   Print output in table format using the given Go template\v'json':             Print in JSON format\v'TEMPLATE':         Print output using the given Go template.\vRefer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates (default "table")
no-trunc|Don't truncate output
q,quiet|Only display IDs
services|Display services
status:stringArray|Filter services by status. Values: [paused | restarting | removing | running | dead | created | exited]`,
  },
  pull: {
    usage: 'pull [OPTIONS] [SERVICE...]',
    short: 'Pull service images',
    least: 0,
    most: Infinity,
    flags: `ignore-buildable|Ignore images that can be built
ignore-pull-failures|Pull what it can and ignores images with pull failures
include-deps|Also pull services declared as dependencies
policy:string|Apply pull policy ("missing"|"always")
q,quiet|Pull without printing progress information`,
  },
  restart: {
    usage: 'restart [OPTIONS] [SERVICE...]',
    short: 'Restart service containers',
    least: 0,
    most: Infinity,
    flags: `no-deps|Don't restart dependent services
${timeout}`,
  },
  attach: {
    usage: 'attach [OPTIONS] SERVICE',
    short: "Attach local standard input, output, and error streams to a service's running container",
    least: 1,
    most: 1,
    flags: `detach-keys:string|Override the key sequence for detaching from a container.
index:int|index of the container if service has multiple replicas.
no-stdin|Do not attach STDIN
sig-proxy|Proxy all received signals to the process (default true)`,
  },
  commit: {
    usage: 'commit [OPTIONS] SERVICE [REPOSITORY[:TAG]]',
    short: "Create a new image from a service container's changes",
    least: 1,
    most: 2,
    flags: `a,author:string|Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")
c,change:list|Apply Dockerfile instruction to the created image
index:int|index of the container if service has multiple replicas.
m,message:string|Commit message
p,pause|Pause container during commit (default true)`,
  },
  cp: {
    usage: 'cp [OPTIONS] SERVICE:SRC_PATH DEST_PATH|-\n\tdocker compose cp [OPTIONS] SRC_PATH|- SERVICE:DEST_PATH',
    short: 'Copy files/folders between a service container and the local filesystem',
    least: 2,
    most: 2,
    flags: `all|Include containers created by the run command
a,archive|Archive mode (copy all uid/gid information)
L,follow-link|Always follow symbol link in SRC_PATH
index:int|Index of the container if service has multiple replicas`,
  },
  events: {
    usage: 'events [OPTIONS] [SERVICE...]',
    short: 'Receive real time events from containers',
    least: 0,
    most: Infinity,
    flags: `json|Output events as a stream of json objects
since:string|Show all events created since timestamp
until:string|Stream events until this timestamp`,
  },
  export: {
    usage: 'export [OPTIONS] SERVICE',
    short: "Export a service container's filesystem as a tar archive",
    least: 1,
    most: 1,
    flags: `index:int|index of the container if service has multiple replicas.
o,output:string|Write to a file, instead of STDOUT`,
  },
  scale: {
    usage: 'scale [SERVICE=REPLICAS...]',
    short: 'Scale services',
    least: 1,
    most: Infinity,
    flags: `no-deps|Don't start linked services`,
  },
  stats: {
    usage: 'stats [OPTIONS] [SERVICE]',
    short: 'Display a live stream of container(s) resource usage statistics',
    least: 0,
    most: 1,
    flags: `a,all|Show all containers (default shows just running)
format:string|Format output using a custom template:\v'table':            Print output in table format with column headers (default)\v'table TEMPLATE':   Print output in table format using the given Go template\v'json':             Print in JSON format\v'TEMPLATE':         Print output using the given Go template.\vRefer to https://docs.docker.com/engine/cli/formatting/ for more information about formatting output with templates
no-stream|Disable streaming stats and only pull the first result
no-trunc|Do not truncate output`,
  },
  volumes: {
    usage: 'volumes [OPTIONS] [SERVICE...]',
    short: 'List volumes',
    least: 0,
    most: Infinity,
    flags: `format:string|Format output using a custom template
q,quiet|Only display volume names`,
  },
  wait: {
    usage: 'wait SERVICE [SERVICE...] [OPTIONS]',
    short: 'Block until containers of all (or specified) services stop.',
    least: 1,
    most: Infinity,
    flags: `down-project|Drops project when the first container stops`,
  },
  rm: {
    usage: 'rm [OPTIONS] [SERVICE...]',
    short: 'Removes stopped service containers',
    least: 0,
    most: Infinity,
    flags: `f,force|Don't ask to confirm removal
s,stop|Stop the containers, if required, before removing
v,volumes|Remove any anonymous volumes attached to containers`,
  },
  run: {
    usage: 'run [OPTIONS] SERVICE [COMMAND] [ARGS...]',
    short: 'Run a one-off command on a service',
    least: 1,
    most: Infinity,
    operandsFirst: true,
    flags: `build|Build image before starting container
d,detach|Run container in background and print container ID
entrypoint:string|Override the entrypoint of the image
e,env:stringArray|Set environment variables
i,interactive|Keep STDIN open even if not attached (default true)
l,label:stringArray|Add or override a label
name:string|Assign a name to the container
T,no-TTY|Disable pseudo-TTY allocation (default: auto-detected)
no-deps|Don't start linked services
p,publish:stringArray|Publish a container's port(s) to the host
q,quiet|Don't print anything to STDOUT
quiet-pull|Pull without printing progress information
rm|Automatically remove the container when it exits
P,service-ports|Run command with all service's ports enabled and mapped to the host
u,user:string|Run as specified username or uid
v,volume:stringArray|Bind mount a volume
w,workdir:string|Working directory inside the container`,
  },
  start: { usage: 'start [SERVICE...]', short: 'Start services', least: 0, most: Infinity, flags: '' },
  stop: {
    usage: 'stop [OPTIONS] [SERVICE...]',
    short: 'Stop services',
    least: 0,
    most: Infinity,
    flags: timeout,
  },
  top: { usage: 'top [SERVICES...]', short: 'Display the running processes', least: 0, most: Infinity, flags: '' },
  unpause: { usage: 'unpause [SERVICE...]', short: 'Unpause services', least: 0, most: Infinity, flags: '' },
  up: {
    usage: 'up [OPTIONS] [SERVICE...]',
    short: 'Create and start containers',
    least: 0,
    most: Infinity,
    flags: `abort-on-container-exit|Stops all containers if any container was stopped. Incompatible with -d
build|Build images before starting containers
d,detach|Detached mode: Run containers in the background
exit-code-from:string|Return the exit code of the selected service container. Implies --abort-on-container-exit
force-recreate|Recreate containers even if their configuration and image haven't changed
no-build|Don't build an image, even if it's policy
no-color|Produce monochrome output
no-deps|Don't start linked services
no-log-prefix|Don't print prefix in logs
no-recreate|If containers already exist, don't recreate them. Incompatible with --force-recreate.
no-start|Don't start the services after creating them
pull:string|Pull image before running ("always"|"missing"|"never") (default "policy")
quiet-pull|Pull without printing progress information
remove-orphans|Remove containers for services not defined in the Compose file
scale:stringArray|Scale SERVICE to NUM instances. Overrides the \`scale\` setting in the Compose file if present.
t,timeout:int|Use this timeout in seconds for container shutdown when attached or when containers are already running
timestamps|Show timestamps
wait|Wait for services to be running|healthy. Implies detached mode.`,
  },
  version: {
    usage: 'version [OPTIONS]',
    short: 'Show the Docker Compose version information',
    least: 0,
    most: 0,
    flags: `f,format:string|Format the output. Values: [pretty | json]. (Default: pretty)
short|Shows only Compose's version number`,
  },
}
/** Commands that Compose has and the emulator hasn't. */
export const others = 'bridge convert publish push watch'.split(' ')
