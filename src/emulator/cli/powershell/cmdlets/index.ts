/** The cmdlets that there are, and the short names that PowerShell gives them. */
import type { Cmdlets } from '../cmdlet.ts'
import { fileCmdlets } from './files.ts'
import { helpCmdlets } from './help.ts'
import { hyperVCmdlets } from './hyperv.ts'
import { objectCmdlets } from './objects.ts'
import { outputCmdlets } from './output.ts'
import { processCmdlets } from './processes.ts'

export const cmdlets: Cmdlets = {
  ...objectCmdlets,
  ...outputCmdlets,
  ...fileCmdlets,
  ...processCmdlets,
  ...hyperVCmdlets,
  ...helpCmdlets,
}
/** Aliases of Windows PowerShell 5.1, for the cmdlets above. */
export const aliases: Readonly<Record<string, string>> = {
  '?': 'Where-Object',
  where: 'Where-Object',
  '%': 'ForEach-Object',
  foreach: 'ForEach-Object',
  select: 'Select-Object',
  sort: 'Sort-Object',
  group: 'Group-Object',
  measure: 'Measure-Object',
  gm: 'Get-Member',
  ft: 'Format-Table',
  fl: 'Format-List',
  echo: 'Write-Output',
  write: 'Write-Output',
  sls: 'Select-String',
  ls: 'Get-ChildItem',
  dir: 'Get-ChildItem',
  gci: 'Get-ChildItem',
  cat: 'Get-Content',
  type: 'Get-Content',
  gc: 'Get-Content',
  sc: 'Set-Content',
  cd: 'Set-Location',
  chdir: 'Set-Location',
  sl: 'Set-Location',
  pwd: 'Get-Location',
  gl: 'Get-Location',
  ni: 'New-Item',
  mkdir: 'New-Item',
  md: 'New-Item',
  rm: 'Remove-Item',
  del: 'Remove-Item',
  rmdir: 'Remove-Item',
  ri: 'Remove-Item',
  ps: 'Get-Process',
  gps: 'Get-Process',
  kill: 'Stop-Process',
  spps: 'Stop-Process',
  gsv: 'Get-Service',
  gcm: 'Get-Command',
  gal: 'Get-Alias',
  help: 'Get-Help',
  man: 'Get-Help',
  sleep: 'Start-Sleep',
  cls: 'Clear-Host',
  clear: 'Clear-Host',
  curl: 'Invoke-WebRequest',
  wget: 'Invoke-WebRequest',
  iwr: 'Invoke-WebRequest',
}
