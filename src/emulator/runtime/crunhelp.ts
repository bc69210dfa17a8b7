/** The help of crun's commands, as glibc's argp lays it out: options, then their texts from column 29 on. */

type Option = readonly [name: string, text: string]
/** What stands after the command's name, options, and whether one of them takes a value. */
type Help = readonly [usage: string, options: readonly Option[], values: boolean]

const commands: Readonly<Record<string, Help>> = {
  create: [
    'create [OPTION]... CONTAINER',
    [
      ['-b, --bundle=DIR', 'container bundle (default ".")'],
      ['--console-socket=SOCK', 'path to a socket that will receive the ptmx end of the tty'],
      ['-f, --config=FILE', 'override the config file name'],
      ['--no-new-keyring', 'keep the same session key'],
      ['--no-pivot', 'do not use pivot_root'],
      ['--no-subreaper', 'do not create a subreaper process'],
      ['--pid-file=FILE', 'where to write the PID of the container'],
      ['--preserve-fds=N', 'pass additional FDs to the container'],
    ],
    true,
  ],
  delete: [
    'delete CONTAINER',
    [
      ['-f, --force', 'delete the container even if it is still running'],
      ['-r, --regex', 'the specified CONTAINER is a regular expression (delete multiple containers)'],
    ],
    false,
  ],
  exec: [
    'exec CONTAINER cmd',
    [
      ['--apparmor=VALUE', 'set the apparmor profile for the process'],
      ['--cgroup=PATH', 'sub-cgroup in the container'],
      ['--console-socket=SOCKET', 'path to a socket that will receive the ptmx end of the tty'],
      ['--cwd=CWD', 'current working directory'],
      ['-c, --cap=CAP', 'add a capability'],
      ['-d, --detach', 'detach the command in the background'],
      ['-e, --env=ENV', 'add an environment variable'],
      ['--no-new-privs', 'set the no new privileges value for the process'],
      ['--pid-file=FILE', 'where to write the PID of the container'],
      ['--preserve-fds=N', 'pass additional FDs to the container'],
      ['--process-label=VALUE', 'set the asm process label for the process commonly used with selinux'],
      ['-p, --process=FILE', 'path to the process.json'],
      ['-t, --tty[=TTY]', 'allocate a pseudo-TTY'],
      ['-u, --user=USERSPEC', 'specify the user in the form UID[:GID]'],
    ],
    true,
  ],
  list: [
    'list',
    [
      ['-f, --format=FORMAT', 'select one of: table or json (default: "table")'],
      ['-q, --quiet', 'show only IDs'],
    ],
    true,
  ],
  kill: [
    'kill CONTAINER [SIGNAL]',
    [
      ['-a, --all', 'kill all the processes'],
      ['-r, --regex', 'the specified CONTAINER is a regular expression (kill multiple containers)'],
    ],
    false,
  ],
  ps: ['ps', [['-f, --format=FORMAT', 'select the output format']], true],
  run: [
    'run [OPTION]... CONTAINER',
    [
      ['-b, --bundle=DIR', 'container bundle (default ".")'],
      ['--console-socket=SOCKET', 'path to a socket that will receive the ptmx end of the tty'],
      ['-d, --detach', 'detach from the parent'],
      ['-f, --config=FILE', 'override the config file name'],
      ['--no-new-keyring', 'keep the same session key'],
      ['--no-pivot', 'do not use pivot_root'],
      ['--no-subreaper', 'do not create a subreaper process'],
      ['--pid-file=FILE', 'where to write the PID of the container'],
      ['--preserve-fds=N', 'pass additional FDs to the container'],
    ],
    true,
  ],
  spec: [
    'spec',
    [
      ['-b, --bundle=DIR', 'path to the root of the bundle dir (default ".")'],
      ['-f, --file=PATH', 'destination file'],
      ['--rootless', 'spec for the rootless case'],
    ],
    true,
  ],
  start: ['start CONTAINER', [], false],
  state: ['state CONTAINER', [], false],
  pause: ['pause CONTAINER', [], false],
  resume: ['resume CONTAINER', [], false],
  update: [
    'update [OPTION]... CONTAINER',
    [
      ['--blkio-weight=VALUE', 'Specifies per cgroup weight'],
      ['--cpu-period=VALUE', 'CPU CFS period to be used for hardcapping'],
      ['--cpu-quota=VALUE', 'CPU CFS hardcap limit'],
      ['--cpu-rt-period=VALUE', 'CPU realtime period to be used for hardcapping'],
      ['--cpu-rt-runtime=VALUE', 'CPU realtime hardcap limit'],
      ['--cpu-share=VALUE', 'CPU shares'],
      ['--cpuset-cpus=VALUE', 'CPU(s) to use'],
      ['--cpuset-mems=VALUE', 'Memory node(s) to use'],
      ['--kernel-memory=VALUE', 'Kernel memory limit'],
      ['--kernel-memory-tcp=VALUE', 'Kernel memory limit for tcp buffer'],
      ['--memory=VALUE', 'Memory limit'],
      ['--memory-reservation=VALUE', 'Memory reservation or soft_limit'],
      ['--memory-swap=VALUE', 'Total memory usage'],
      ['--pids-limit=VALUE', 'Maximum number of pids allowed in the container'],
      ['-r, --resources=FILE', 'path to the file containing the resources to update'],
    ],
    true,
  ],
}
const COLUMN = 29
const WIDTH = 79

function option([name, text]: Option): string {
  const head = (name.startsWith('--') ? '      ' : '  ') + name
  let line = head.length < COLUMN ? head.padEnd(COLUMN) : `${head}   `
  const lines: string[] = []
  for (const [n, word] of text.split(' ').entries()) {
    if (n > 0 && line.length + word.length + 1 > WIDTH) {
      lines.push(line)
      line = ' '.repeat(COLUMN) + word
    } else line += n > 0 ? ` ${word}` : word
  }
  return [...lines, line].map((l) => `${l}\n`).join('')
}
const last: readonly Option[] = [
  ['-?, --help', 'Give this help list'],
  ['--usage', 'Give a short usage message'],
]
const bugs = 'Report bugs to https://github.com/containers/crun/issues.\n'
const mandatory = `Mandatory or optional arguments to long options are also mandatory or optional
for any corresponding short options.

`
/** `crun COMMAND --help`; undefined where there is no such command. */
export function crunHelp(name: string): string | undefined {
  if (!Object.hasOwn(commands, name)) return undefined
  const [usage, options, values] = commands[name] as Help
  const list = [...options, ...last].map(option).join('')
  return `Usage: ${name} [OPTION...] ${usage}\nOCI runtime\n\n${list}\n${values ? mandatory : ''}${bugs}`
}
/** `crun --help`. */
export const crunGeneralHelp = `Usage: crun [OPTION...] COMMAND [OPTION...]

COMMANDS:
	create      - create a container
	delete      - remove definition for a container
	exec        - exec a command in a running container
	list        - list known containers
	kill        - send a signal to the container init process
	ps          - show the processes in the container
	run         - run a container
	spec        - generate a configuration file
	start       - start a container
	state       - output the state of a container
	pause       - pause all the processes in the container
	resume      - unpause the processes in the container
	update      - update container resource constraints

      --cgroup-manager=MANAGER   cgroup manager
      --debug                produce verbose output
      --log=FILE
      --log-format=FORMAT
      --root=DIR
      --rootless=VALUE
      --systemd-cgroup       use systemd cgroups
  -?, --help                 Give this help list
      --usage                Give a short usage message
  -v, -V, --version

Report bugs to https://github.com/containers/crun/issues.
`
