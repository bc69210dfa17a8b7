/** Windows PowerShell 5.1 as its documentation has it: the language, pipes of objects, errors with their places. */
import { beforeAll, describe, expect, test } from 'vitest'
import { openSession, type Session } from '../../complete.ts'

let s: Session
beforeAll(() => {
  s = openSession({ host: 'windows-moby' })
})
const run = (lines: string) => s.execute(s.host.shell.script(lines))

describe('the language', () => {
  test.each([
    ['$i = 0; while ($i -lt 3) { $i++; $i }', '1\n2\n3\n'],
    ['for ($i = 0; $i -lt 5; $i++) { if ($i -eq 1) { continue }; if ($i -eq 3) { break }; $i }', '0\n2\n'],
    ['$n = 0; do { $n += 2 } until ($n -ge 5); $n', '6\n'],
    ['function Add($a, [int]$b = 10) { $a + $b }; Add 2 3; Add 5; Add -b 1 -a 2', '5\n15\n3\n'],
    ['function f { param([switch]$Loud, $x) if ($Loud) { return $x.ToUpper() } $x }; f -Loud web; f web', 'WEB\nweb\n'],
    ["function outer { $v = 'in' }; $v = 'out'; outer; $v", 'out\n'],
    ["switch (2) { 1 { 'one' } 2 { 'two' } default { 'other' } }", 'two\n'],
    ["switch -Wildcard ('docker') { 'd*' { 'D' } '*r' { 'R' } default { 'none' } }", 'D\nR\n'],
    ["try { throw 'oops' } catch { \"caught: $_\" } finally { 'done' }", 'caught: oops\ndone\n'],
    ['try { Get-Content nope -ErrorAction Stop } catch { $_.FullyQualifiedErrorId }', /^PathNotFound,/],
    ['try { 1 / 0 } catch [System.Exception] { $_.Exception.Message }', 'Attempted to divide by zero.\n'],
    ['$a = 1..5; $a[0]; $a[-1]; "$($a[1..2])"; $a += 6; $a.Count', '1\n5\n2 3\n6\n'],
    ["$h = @{ A = 1 }; $h['B'] = 2; $h.C = 3; $h.Count; \"$($h.Keys)\"; $h.ContainsKey('b')", '3\nA B C\nTrue\n'],
    ["$p = @{ Name = 'vmms' }; (Get-Process @p).Name", 'vmms\n'],
    ["'{0:N2} and {1,5}' -f 3.14159, 'x'", '3.14 and     x\n'],
    ['2 + 3 * 4; 7 / 2; 7 % 3; 0x10; 1KB; 10 / 3', '14\n3.5\n1\n16\n1024\n3.33333333333333\n'],
    ["[int]'42' + 1; [int]2.5; [string]5 + 1; [bool]0", '43\n2\n51\nFalse\n'],
    ["5 -is [int]; 'x' -as [int] -eq $null; [math]::Round(3.14159, 2); [math]::Max(3, 7)", 'True\nTrue\n3.14\n7\n'],
    ["'abc' -match 'b(.)'; $Matches[1]; 'a-b' -split '-'; 'x', 'y' -join '+'", 'True\nc\na\nb\nx+y\n'],
    ["@'\nit's $x\n'@; $x = 7; @\"\nx is $x\n\"@", "it's $x\nx is 7\n"],
    ['$x = 5; $x -gt 3 -and -not ($x -eq 4)', 'True\n'],
    ["Get-Nope 2>$null; $?; 'goes on'", 'False\ngoes on\n'],
    ['foreach ($x in 1..2) { Get-Nope 2>$null; "item $x" }', 'item 1\nitem 2\n'],
  ])('%s', (line, expected) => {
    const { stdout } = run(line)
    if (typeof expected === 'string') expect(stdout).toBe(expected)
    else expect(stdout).toMatch(expected)
  })
})
describe('pipes of objects', () => {
  test.each([
    ['1..10 | ? { $_ % 2 -eq 0 } | % { $_ * $_ } | Measure-Object -Sum | Select-Object -ExpandProperty Sum', '220\n'],
    ["'b','a','c' | Sort-Object -Descending | Select-Object -First 2", 'c\nb\n'],
    ['Get-Process | ? Name -like vm* | sort Name | select -ExpandProperty Name', 'vmcompute\nvmmem\nvmms\nvmwp\n'],
    [
      "Get-VM | select Name, @{ n = 'GB'; e = { $_.MemoryAssigned / 1GB } } | ConvertTo-Json -Compress",
      '{"Name":"DockerDesktopVM","GB":2}\n',
    ],
    ['\'{"a":1}\', \'{"a":2}\' | ConvertFrom-Json | % a', '1\n2\n'],
    ['docker ps --format json | ConvertFrom-Json', ''],
    ['Compare-Object (1,2,3) (2,3,4) | % { "$($_.InputObject)$($_.SideIndicator)" }', '4=>\n1<=\n'],
    ['$env:FOO = 1; (Get-ChildItem Env:FOO).Value', '1\n'],
    [
      'mkdir C:\\p, C:\\q | % Name; "t" > C:\\p\\t.txt; cp C:\\p\\t.txt C:\\q; ren C:\\q\\t.txt u.txt; (ls C:\\q).Name',
      'p\nq\nu.txt\n',
    ],
    ['Split-Path C:\\a\\b.txt -Leaf; Split-Path C:\\a\\b.txt; Join-Path C:\\a b', 'b.txt\nC:\\a\nC:\\a\\b\n'],
    ['(Get-Date).Year; Get-Date -Format yyyy-MM-dd', '2026\n2026-11-21\n'],
    ['[int](Measure-Command { Start-Sleep 2 }).TotalSeconds', '2\n'],
  ])('%s', (line, expected) => expect(run(line)).toMatchObject({ stdout: expected, stderr: '' }))
  test('a table takes its columns from the objects', () =>
    expect(run('[pscustomobject]@{ A = 1; B = "two" }').stdout).toBe('\nA B\n- -\n1 two\n\n\n'))
})
describe('what cannot be', () => {
  test('a command of Linux is unknown, by the place where it stands', () =>
    expect(run('1; grep foo').stderr).toBe(
      "grep : The term 'grep' is not recognized as the name of a cmdlet, function, script file, or operable program. Check the spelling of the name, or if a path was included, verify that the path is correct and try again.\nAt line:1 char:4\n+ 1; grep foo\n+    ~~~~\n    + CategoryInfo          : ObjectNotFound: (grep:String) [], CommandNotFoundException\n    + FullyQualifiedErrorId : CommandNotFoundException\n \n",
    ))
  test.each([
    'Get-NetIPAddress',
    'netstat',
    'Enable-WindowsOptionalFeature -Online',
    'Restart-Service docker',
  ])('%s is real, and not emulated', (line) =>
    expect(run(line)).toMatchObject({ status: 1, stderr: `zukan: not emulated: ${line.split(' ')[0]}\n` }))
  test.each([
    ['[System.IO.File]::ReadAllText("x")', 'zukan: not emulated: [system.io.file]::ReadAllText\n'],
    ['class C { }', 'zukan: not emulated: class\n'],
  ])('%s', (line, stderr) => expect(run(line)).toMatchObject({ status: 1, stderr }))
  test('Write-Error tells the line that it stood in', () =>
    expect(run('Write-Error "bad"').stderr).toMatch(/^Write-Error "bad" : bad\n {4}\+ CategoryInfo/))
  test('throw ends the script', () => expect(run("throw 'no'; 'never'")).toMatchObject({ status: 1, stdout: '' }))
})
