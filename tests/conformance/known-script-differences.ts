/** Scripts that the emulator answers otherwise than the recorded busybox (Debian's static 1.35, run outside a container), with the reason. */
const debian = "Debian's busybox runs its own applets before PATH's; Alpine's looks into PATH"
const lines = 'recorded with a line put before the script, so that LINENO is one more'
const emptyPattern = 'busybox 1.35 prints rubbish for ${x/} with an empty or a quoted / as its pattern'
const latin1 = 'recorded in the C locale and read as Latin-1; Alpine counts characters of UTF-8'
const nesting = "shell/math.c of 1.35 can't nest ?: nor assign in it; that of 1.37 can"
/** By case. */
export const knownScripts: Readonly<Record<string, string>> = {
  'busybox-applets-0584': 'uptime tells how long the recorder ran',
  'ash-0237':
    'the script is PID 1 here, and a signal without a handler leaves PID 1 alone (pid_namespaces(7)); it was recorded outside',
  'ash-0248':
    'the script takes the place of the sh -c that starts it, which ignores SIGQUIT; so does the real one when it is started like this',
  'posix-shell-0050': nesting,
  'posix-shell-0051': nesting,
  'posix-shell-0145': 'recorded where /dev/full was a plain file',
  'posix-shell-0151': "Debian's help lists the applets, too",
  'posix-shell-0163': 'recorded in another folder',
  'posix-shell-0211': debian,
  'posix-shell-0302': lines,
  'posix-shell-0304': lines,
  'posix-shell-0306': lines,
  'posix-shell-0309': lines,
  'posix-shell-0312': lines,
  'posix-shell-0314': lines,
  'posix-shell-0338': debian,
  'posix-shell-0359': debian,
  'posix-shell-0421': debian,
  'posix-shell-0551': 'od with two formats pads the columns of the first otherwise',
  'posix-shell-0722': emptyPattern,
  'posix-shell-0723': emptyPattern,
  'posix-shell-0724': emptyPattern,
  'posix-shell-0725': emptyPattern,
  'posix-shell-0731': latin1,
  'posix-shell-0735': emptyPattern,
  'posix-shell-0740': latin1,
  'posix-shell-0743': latin1,
  'posix-shell-0758': latin1,
  'posix-shell-0792': lines,
  'posix-shell-0793': lines,
  'posix-shell-0794': lines,
}
