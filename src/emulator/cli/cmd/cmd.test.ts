/** cmd.exe by Microsoft's command reference: blocks, pipes, redirections, variables, batch files, and what it complains of. */
import { beforeAll, describe, expect, test } from 'vitest'
import { openSession, type Session } from '../../complete.ts'

let s: Session
beforeAll(() => {
  s = openSession({ host: 'windows-moby' })
})
/** A line as it would be typed at cmd's prompt. */
const run = (line: string) => s.execute(['/C:/Windows/System32/cmd.exe', '/c', line])

describe('lines', () => {
  test.each([
    ['echo one> C:\\t.txt & echo two>> C:\\t.txt & type C:\\t.txt', 'one\ntwo\n'],
    ['type C:\\t.txt | findstr two', 'two\n'],
    ['sort /r C:\\t.txt | more', 'two\none\n'],
    ['echo a && echo b || echo c', 'a\nb\n'],
    ['(echo 1 & echo 2) > C:\\g.txt & type C:\\g.txt', '1\n2\n'],
    ['echo %USERNAME% %NOPE% %PATH:~0,10% %USERNAME:z=Z%', 'zukan %NOPE% C:\\Windows Zukan\n'],
    ['set A=x y& set A', 'A=x y\n'],
    ['set X=hello& call echo %X%', 'hello\n'],
    ['set /a 2+3*4', '14'],
    ['set /a "n=7, n%=4, n<<2"', '12'],
    ['if exist C:\\g.txt (echo yes) else (echo no)', 'yes\n'],
    ['if not exist C:\\nope echo missing', 'missing\n'],
    ['if 2 GTR 10 (echo text) else if /i A==a echo numbers', 'numbers\n'],
    ['for %i in (a b) do @echo %i', 'a\nb\n'],
    ['for /l %i in (3,-1,1) do @echo %i', '3\n2\n1\n'],
    ['pushd C:\\Windows & cd & popd & cd', 'C:\\Windows\nC:\\Users\\zukan\n'],
    ['echo ^<b^> "a & b"', '<b> "a & b"\n'],
    ['docker ps | findstr /b CONTAINER', 'CONTAINER ID   IMAGE     COMMAND   CREATED   STATUS    PORTS     NAMES\n'],
    ['where docker', 'C:\\Program Files\\Docker\\Docker\\resources\\bin\\docker.exe\n'],
    ['dir /b C:\\', /^g\.txt\nProgram Files\n/],
    ['dir', /<DIR> +\.\n[\s\S]* Dir\(s\) +[\d,]{9,} bytes free\n$/],
    [
      'ipconfig',
      /IPv4 Address[. ]+: 10\.0\.0\.5\n +Subnet Mask[. ]+: 255\.255\.255\.0\n +Default Gateway[. ]+: 10\.0\.0\.1\n/,
    ],
  ])('%s', (line, expected) => {
    const { stdout, stderr } = run(line)
    expect(stderr).toBe('')
    if (typeof expected === 'string') expect(stdout).toBe(expected)
    else expect(stdout).toMatch(expected)
  })
  test('exit gives its code on', () => expect(run('exit /b 3').status).toBe(3))
  test('a batch file has arguments, brackets over lines and a code', () => {
    run(
      '(echo @echo off& echo if "%1"=="x" ^(& echo   echo is %1& echo ^) else ^(& echo   echo not x& echo ^)& echo exit /b 5) > C:\\b.bat',
    )
    expect(run('C:\\b.bat x')).toMatchObject({ status: 5 })
  })
})
describe('what cannot be', () => {
  test.each([
    ['ls -la', "'ls' is not recognized as an internal or external command,\noperable program or batch file.\n"],
    ['type nope', 'The system cannot find the file specified.\n'],
    ['cd nope', 'The system cannot find the path specified.\n'],
    ['md C:\\Windows', 'A subdirectory or file C:\\Windows already exists.\n'],
    ['rd C:\\Windows', 'The directory is not empty.\n'],
    ['taskkill /pid 99999', 'ERROR: The process "99999" not found.\n'],
    ['set NOPE', 'Environment variable NOPE not defined\n'],
    ['echo |', 'The syntax of the command is incorrect.\n'],
    ['| findstr x', '| was unexpected at this time.\n'],
    ['netsh', 'zukan: not emulated: netsh\n'],
    ['goto end', 'zukan: not emulated: goto\n'],
    ["for /f %i in ('dir') do @echo %i", 'zukan: not emulated: for /f\n'],
  ])('%s', (line, stderr) => {
    const r = run(line)
    expect(r.stderr).toBe(stderr)
    expect(r.status).not.toBe(0)
  })
})
