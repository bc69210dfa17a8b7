/**
 * The help of runc and its commands, as urfave/cli lays it out: texts of runc's manual pages, spacing as `runc COMMAND --help` prints it.
 */

/** Its version, as `runc --version` prints it after the name. */
export const runcVersion = '1.4.3\ncommit: v1.4.3-0-g1e5d8a6\nspec: 1.3.0\ngo: go1.26.5\nlibseccomp: 2.6.0'

type Option = readonly [name: string, text: string]
/** Summary, usage with what stands below it, description, options. */
type Help = readonly [summary: string, usage: string, description: string, options: readonly Option[]]

const container = `Where "<container-id>" is your name for the instance of the container that you
are starting. The name you provide for the container instance must be unique on
your host.`
const bundle = `The bundle
is a directory with a specification file named "config.json" and a root
filesystem.

The specification file includes an args parameter. The args parameter is used
to specify command(s) that get run when the container is started. To change the
command(s) that get executed on start, edit the args parameter of the spec. See
"runc spec --help" for more explanation.`
const bundleOption: Option = [
  '--bundle value, -b value',
  'path to the root of the bundle directory, defaults to the current directory',
]
const consoles: Option = [
  '--console-socket value',
  "path to an AF_UNIX socket which will receive a file descriptor referencing the master end of the console's pseudoterminal",
]
const pidFile: Option = ['--pid-file value', 'specify the file to write the process id to']
const detach: Option = ['--detach, -d', "detach from the container's process"]
const creation: readonly Option[] = [
  [
    '--no-pivot',
    'do not use pivot root to jail process inside rootfs.  This should be used whenever the rootfs is on top of a ramdisk',
  ],
  [
    '--no-new-keyring',
    'do not create a new session keyring for the container.  This will cause the container to inherit the calling processes session key',
  ],
  [
    '--preserve-fds value',
    'Pass N additional file descriptors to the container (stdio + $LISTEN_FDS + N in total) (default: 0)',
  ],
]
const commands: Readonly<Record<string, Help>> = {
  checkpoint: [
    'checkpoint a running container',
    `[command options] <container-id>

Where "<container-id>" is the name for the instance of the container to be
checkpointed.`,
    'The checkpoint command saves the state of the container instance.',
    [
      ['--image-path value', 'path for saving criu image files'],
      ['--work-path value', 'path for saving work files and logs'],
      ['--parent-path value', 'path for previous criu image files in pre-dump'],
      ['--leave-running', 'leave the process running after checkpointing'],
      ['--tcp-established', 'allow open tcp connections'],
      ['--ext-unix-sk', 'allow external unix sockets'],
      ['--shell-job', 'allow shell jobs'],
      ['--lazy-pages', 'use userfaultfd to lazily restore memory pages'],
      ['--status-fd value', 'criu writes \\0 to this FD once lazy-pages is ready (default: -1)'],
      ['--page-server value', 'ADDRESS:PORT of the page server'],
      ['--file-locks', 'handle file locks, for safety'],
      ['--pre-dump', `dump container's memory information only, leave the container running after this`],
      ['--manage-cgroups-mode value', `cgroups mode: 'soft' (default), 'full' and 'strict'`],
      ['--empty-ns value', `create a namespace, but don't restore its properties`],
      ['--auto-dedup', 'enable auto deduplication of memory images'],
    ],
  ],
  create: [
    'create a container',
    `[command options] <container-id>

${container}`,
    `The create command creates an instance of a container for a bundle. ${bundle}`,
    [bundleOption, consoles, pidFile, ...creation],
  ],
  delete: [
    'delete any resources held by the container often used with detached container',
    `[command options] <container-id>

Where "<container-id>" is the name for the instance of the container.

EXAMPLE:
For example, if the container id is "ubuntu01" and runc list currently shows the
status of "ubuntu01" as "stopped" the following will delete resources held for
"ubuntu01" removing "ubuntu01" from the runc list of containers:

       # runc delete ubuntu01`,
    '',
    [['--force, -f', 'Forcibly deletes the container if it is still running (uses SIGKILL)']],
  ],
  events: [
    'display container events such as OOM notifications, cpu, memory, and IO usage statistics',
    `[command options] <container-id>

Where "<container-id>" is the name for the instance of the container.`,
    `The events command displays information about the container. By default the
information is displayed once every 5 seconds.`,
    [
      ['--interval value', 'set the stats collection interval (default: 5s)'],
      ['--stats', `display the container's stats then exit`],
    ],
  ],
  exec: [
    'execute new process inside the container',
    `[command options] <container-id> <command> [command options]  || -p process.json <container-id>

Where "<container-id>" is the name for the instance of the container and
"<command>" is the command to be executed in the container.
"<command>" can't be empty unless a "-p" flag provided.

EXAMPLE:
For example, if the container is configured to run the linux ps command the
following will output a list of processes running in the container:

       # runc exec <container-id> ps`,
    '',
    [
      consoles,
      ['--cwd value', 'current working directory in the container'],
      ['--env value, -e value', 'set environment variables'],
      ['--tty, -t', 'allocate a pseudo-TTY'],
      ['--user value, -u value', 'UID (format: <uid>[:<gid>])'],
      ['--additional-gids value, -g value', 'additional gids'],
      ['--process value, -p value', 'path to the process.json'],
      detach,
      pidFile,
      ['--process-label value', 'set the asm process label for the process commonly used with selinux'],
      ['--apparmor value', 'set the apparmor profile for the process'],
      ['--no-new-privs', 'set the no new privileges value for the process'],
      ['--cap value, -c value', 'add a capability to the bounding set for the process'],
      [
        '--preserve-fds value',
        'Pass N additional file descriptors to the container (stdio + $LISTEN_FDS + N in total) (default: 0)',
      ],
      ['--cgroup value', 'run the process in an (existing) sub-cgroup(s). Format is [<controller>:]<cgroup>.'],
      ['--ignore-paused', 'allow exec in a paused container'],
    ],
  ],
  features: [
    'show the enabled features',
    '[arguments...]',
    `Show the enabled features.
   The result is parsable as a JSON.
   See https://pkg.go.dev/github.com/opencontainers/runc/types/features for the type definition.
   The types are experimental and subject to change.`,
    [],
  ],
  kill: [
    `kill sends the specified signal (default: SIGTERM) to the container's init process`,
    `[command options] <container-id> [signal]

Where "<container-id>" is the name for the instance of the container and
"[signal]" is the signal to be sent to the init process.

EXAMPLE:
For example, if the container id is "ubuntu01" the following will send a "KILL"
signal to the init process of the "ubuntu01" container:

       # runc kill ubuntu01 KILL`,
    '',
    [['--all, -a', 'send the specified signal to all processes inside the container']],
  ],
  list: [
    'lists containers started by runc with the given root',
    `[command options] 

Where the given root is specified via the global option "--root"
(default: "/run/runc").

EXAMPLE 1:
To list containers created via the default "--root":
       # runc list

EXAMPLE 2:
To list containers created using a non-default value for "--root":
       # runc --root value list`,
    '',
    [
      ['--format value, -f value', 'select one of: table or json (default: "table")'],
      ['--quiet, -q', 'display only container IDs'],
    ],
  ],
  pause: [
    'pause suspends all processes inside the container',
    `<container-id>

Where "<container-id>" is the name for the instance of the container to be
paused. `,
    `The pause command suspends all processes in the instance of the container.

Use runc list to identify instances of containers and their current status.`,
    [],
  ],
  ps: [
    'ps displays the processes running inside a container',
    '[command options] <container-id> [ps options]',
    '',
    [['--format value, -f value', 'select one of: table or json (default: "table")']],
  ],
  restore: [
    'restore a container from a previous checkpoint',
    `[command options] <container-id>

Where "<container-id>" is the name for the instance of the container to be
restored.`,
    `Restores the saved state of the container instance that was previously saved
using the runc checkpoint command.`,
    [
      consoles,
      ['--image-path value', 'path to criu image files for restoring'],
      ['--work-path value', 'path for saving work files and logs'],
      ['--tcp-established', 'allow open tcp connections'],
      ['--ext-unix-sk', 'allow external unix sockets'],
      ['--shell-job', 'allow shell jobs'],
      ['--file-locks', 'handle file locks, for safety'],
      ['--manage-cgroups-mode value', `cgroups mode: 'soft' (default), 'full' and 'strict'`],
      ['--bundle value, -b value', 'path to the root of the bundle directory'],
      detach,
      pidFile,
      ['--no-subreaper', 'disable the use of the subreaper used to reap reparented processes'],
      [
        '--no-pivot',
        'do not use pivot root to jail process inside rootfs.  This should be used whenever the rootfs is on top of a ramdisk',
      ],
      ['--empty-ns value', `create a namespace, but don't restore its properties`],
      ['--auto-dedup', 'enable auto deduplication of memory images'],
      ['--lazy-pages', 'use userfaultfd to lazily restore memory pages'],
      ['--lsm-profile value', 'Specify an LSM profile to be used during restore in the form of TYPE:NAME.'],
      ['--lsm-mount-context value', 'Specify an LSM mount context to be used during restore.'],
    ],
  ],
  resume: [
    'resumes all processes that have been previously paused',
    `<container-id>

Where "<container-id>" is the name for the instance of the container to be
resumed.`,
    `The resume command resumes all processes in the instance of the container.

Use runc list to identify instances of containers and their current status.`,
    [],
  ],
  run: [
    'create and run a container',
    `[command options] <container-id>

${container}`,
    `The run command creates an instance of a container for a bundle. ${bundle}`,
    [
      bundleOption,
      consoles,
      detach,
      ['--keep', 'do not delete the container after it exits'],
      pidFile,
      ['--no-subreaper', 'disable the use of the subreaper used to reap reparented processes'],
      ...creation,
    ],
  ],
  spec: [
    'create a new specification file',
    '[command options] [arguments...]',
    `The spec command creates the new specification file named "config.json" for
the bundle.

The spec generated is just a starter file. Editing of the spec is required to
achieve desired results. For example, the newly generated spec includes an args
parameter that is initially set to call the "sh" command when the container is
started. Calling "sh" may work for an ubuntu container or busybox, but will not
work for containers that do not include the "sh" program.

EXAMPLE:
  To run docker's hello-world container one needs to set the args parameter
in the spec to call hello. This can be done using the sed command or a text
editor. The following commands create a bundle for hello-world, change the
default args parameter in the spec from "sh" to "/hello", then run the hello
command in a new hello-world container named container1:

    mkdir hello
    cd hello
    docker pull hello-world
    docker export $(docker create hello-world) > hello-world.tar
    mkdir rootfs
    tar -C rootfs -xf hello-world.tar
    runc spec
    sed -i 's;"sh";"/hello";' config.json
    runc run container1

In the run command above, "container1" is the name for the instance of the
container that you are starting. The name you provide for the container instance
must be unique on your host.

An alternative for generating a customized spec config is to use "oci-runtime-tool", the
sub-command "oci-runtime-tool generate" has lots of options that can be used to do any
customizations as you want, see runtime-tools (https://github.com/opencontainers/runtime-tools)
to get more information.

When starting a container through runc, runc needs root privilege. If not
already running as root, you can use sudo to give runc root privilege. For
example: "sudo runc start container1" will give runc root privilege to start the
container on your host.

Alternatively, you can start a rootless container, which has the ability to run
without root privileges. For this to work, the specification file needs to be
adjusted accordingly. You can pass the parameter --rootless to this command to
generate a proper rootless spec file.

Note that --rootless is not needed when you execute runc as the root in a user namespace
created by an unprivileged user.`,
    [
      ['--bundle value, -b value', 'path to the root of the bundle directory'],
      ['--rootless', 'generate a configuration for a rootless container'],
    ],
  ],
  start: [
    'executes the user defined process in a created container',
    `<container-id>

${container}`,
    'The start command executes the user defined process in a created container.',
    [],
  ],
  state: [
    'output the state of a container',
    `<container-id>

Where "<container-id>" is your name for the instance of the container.`,
    `The state command outputs current state information for the
instance of a container.`,
    [],
  ],
  update: [
    'update container resource constraints',
    '[command options] <container-id>',
    '',
    [
      [
        '--resources value, -r value',
        `path to the file containing the resources to update or '-' to read from the standard input

The accepted format is as follow (unchanged values can be omitted):

{
  "memory": {
    "limit": 0,
    "reservation": 0,
    "swap": 0
  },
  "cpu": {
    "shares": 0,
    "quota": 0,
    "period": 0,
    "realtimeRuntime": 0,
    "realtimePeriod": 0,
    "cpus": "",
    "mems": ""
  },
  "blockIO": {
    "weight": 0
  }
}

Note: if data is to be read from a file or the standard input, all
other options are ignored.`,
      ],
      ['--blkio-weight value', 'Specifies per cgroup weight, range is from 10 to 1000 (default: 0)'],
      ['--cpu-period value', 'CPU CFS period to be used for hardcapping (in usecs). 0 to use system default'],
      ['--cpu-quota value', 'CPU CFS hardcap limit (in usecs). Allowed cpu time in a given period'],
      ['--cpu-share value', 'CPU shares (relative weight vs. other containers)'],
      ['--cpu-rt-period value', 'CPU realtime period to be used for hardcapping (in usecs). 0 to use system default'],
      ['--cpu-rt-runtime value', 'CPU realtime hardcap limit (in usecs). Allowed cpu time in a given period'],
      ['--cpuset-cpus value', 'CPU(s) to use'],
      ['--cpuset-mems value', 'Memory node(s) to use'],
      ['--memory value', 'Memory limit (in bytes)'],
      ['--memory-reservation value', 'Memory reservation or soft_limit (in bytes)'],
      ['--memory-swap value', `Total memory usage (memory + swap); set '-1' to enable unlimited swap`],
      ['--pids-limit value', 'Maximum number of pids allowed in the container (default: 0)'],
      ['--l3-cache-schema value', 'The string of Intel RDT/CAT L3 cache schema'],
      ['--mem-bw-schema value', 'The string of Intel RDT/MBA memory bandwidth schema'],
    ],
  ],
}
const about = `runc is a command line client for running applications packaged according to
the Open Container Initiative (OCI) format and is a compliant implementation of the
Open Container Initiative specification.

runc integrates well with existing process supervisors to provide a production
container runtime environment for applications. It can be used with your
existing process monitoring tools and the container will be spawned as a
direct child of the process supervisor.

Containers are configured using bundles. A bundle for a container is a directory
that includes a specification file named "config.json" and a root filesystem.
The root filesystem contains the contents of the container.

To start a new instance of a container:

    # runc run [ -b bundle ] <container-id>

Where "<container-id>" is your name for the instance of the container that you
are starting. The name you provide for the container instance must be unique on
your host. Providing the bundle directory using "-b" is optional. The default
value for "bundle" is the current directory.`
const globals: readonly Option[] = [
  ['--debug', 'enable debug logging'],
  ['--log value', `set the log file to write runc logs to (default is '/dev/stderr')`],
  ['--log-format value', `set the log format ('text' (default), or 'json') (default: "text")`],
  [
    '--root value',
    'root directory for storage of container state (this should be located in tmpfs) (default: "/run/runc")',
  ],
  ['--criu value', 'path to the criu binary used for checkpoint and restore (default: "criu")'],
  [
    '--systemd-cgroup',
    'enable systemd cgroup support, expects cgroupsPath to be of form "slice:prefix:name" for e.g. "system.slice:runc:434234"',
  ],
  ['--rootless value', `ignore cgroup permission errors ('true', 'false', or 'auto') (default: "auto")`],
  ['--help, -h', 'show help'],
  ['--version, -v', 'print the version'],
]

/** Options in columns; one with several lines begins the columns anew. */
function listed(options: readonly Option[]): string {
  let out = ''
  let from = 0
  for (const [n, [, text]] of options.entries()) {
    if (!text.includes('\n') && n < options.length - 1) continue
    const group = options.slice(from, n + 1)
    const width = Math.max(...group.map(([name]) => name.length)) + 2
    out += group.map(([name, what]) => `   ${name.padEnd(width)}${what}\n`).join('')
    from = n + 1
  }
  return out
}
/** `runc COMMAND --help`; undefined where there is no such command. */
export function commandHelp(name: string): string | undefined {
  if (!Object.hasOwn(commands, name)) return undefined
  const [summary, usage, description, options] = commands[name] as Help
  return [
    `NAME:\n   runc ${name} - ${summary}\n\nUSAGE:\n   runc ${name} ${usage}\n`,
    description ? `\nDESCRIPTION:\n   ${description}\n` : '',
    options.length > 0 ? `\nOPTIONS:\n${listed(options)}   \n` : '',
  ].join('')
}
const listOfCommands = [...Object.keys(commands).filter((name) => name !== 'features'), 'features'].map(
  (name): Option => [name, (commands[name] as Help)[0].replace(`${name} ${name}`, name)],
)

/** `runc --help`. */
export const generalHelp = `NAME:
   runc - Open Container Initiative runtime

${about}

USAGE:
   runc [global options] command [command options] [arguments...]

VERSION:
   ${runcVersion}

COMMANDS:
${listed([...listOfCommands, ['help, h', 'Shows a list of commands or help for one command']])}
GLOBAL OPTIONS:
${listed(globals)}`
