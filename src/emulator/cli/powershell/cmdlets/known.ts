/** Commands that a Windows machine has and this one hasn't: they are "not emulated", not unknown. */

const verbs =
  'Add Approve Assert Backup Block Build Checkpoint Clear Close Compare Complete Compress Confirm Connect Convert ConvertFrom ConvertTo Copy Debug Deny Deploy Disable Disconnect Dismount Edit Enable Enter Exit Expand Export Find Format Get Grant Group Hide Import Initialize Install Invoke Join Limit Lock Measure Merge Mount Move New Open Optimize Out Ping Pop Protect Publish Push Read Receive Redo Register Remove Rename Repair Request Reset Resize Resolve Restart Restore Resume Revoke Save Search Select Send Set Show Skip Split Start Step Stop Submit Suspend Switch Sync Tee Test Trace Unblock Undo Uninstall Unlock Unprotect Unpublish Unregister Update Use Wait Watch Write'
/** Nouns of the modules that come with Windows, as far as chapters about containers could lead to them. */
const nouns = new Set(
  'Acl Alias AppxPackage ADUser BitsTransfer ChildItem CimClass CimInstance CimSession Clipboard Command ComputerInfo ComputerRestore Computer Content ContainerImage ContainerNetwork Container Counter Credential Csv CustomRange Culture Date DnsClientCache DnsName DnsServer Disk Drive Event EventLog EventSubscriber ExecutionPolicy Expression File FileHash FileShare FormatData GridView Guid Help History Hnsnetwork HnsEndpoint Host HotFix HtmlContent Html Item ItemProperty ItemPropertyValue Job Json LocalGroup LocalGroupMember LocalUser Localized Location Markdown MailMessage Member Module ModuleManifest NetAdapter NetConnectionProfile NetFirewallRule NetIPAddress NetIPConfiguration NetIPInterface NetNat NetNatStaticMapping NetRoute NetTCPConnection NetUDPEndpoint Object Package PackageProvider PackageSource Partition Path Process Printer PSBreakpoint PSCallStack PSDrive PSProvider PSRepository PSSession PSSessionConfiguration PSSnapin Random RestMethod Runspace ScheduledJob ScheduledTask ScriptFileInfo Script Secret SecureString Service SmbMapping SmbShare SortObject String Sleep Tpm TimeSpan TimeZone Trace Transaction Transcript Type TypeData UICulture Unique Variable Verbose VHD VM VMCheckpoint VMConnectAccess VMDvdDrive VMFirmware VMHardDiskDrive VMHost VMIntegrationService VMMemory VMNetworkAdapter VMProcessor VMReplication VMSnapshot VMSwitch Volume WebRequest WebServiceProxy WindowsCapability WindowsDriver WindowsEdition WindowsFeature WindowsOptionalFeature WindowsUpdateLog WinEvent WinHomeLocation WinSystemLocale WmiObject WSManInstance Xml Archive ComputeProcess Connection NetConnection'
    .toLowerCase()
    .split(' '),
)
const knownVerbs = new Set(verbs.toLowerCase().split(' '))
/** Programs of System32 and of Docker Desktop, without their extension. */
const programs = new Set(
  'arp attrib bcdedit certutil chkdsk choice cipher clip comp compact cscript defrag diskpart dism driverquery expand explorer fc fsutil ftp getmac gpresult gpupdate icacls logman lpksetup makecab mmc mountvol msconfig msg msiexec mstsc nbtstat net netsh netstat notepad nslookup openfiles pathping perfmon powercfg pwsh python qwinsta reg regedit regsvr32 replace robocopy route rundll32 sc schtasks setx sfc shutdown ssh scp sftp subst systeminfo takeown tar taskmgr tpmtool tracert tree typeperf vssadmin w32tm wevtutil winget winrm winver wmic wscript wslconfig xcopy hcsdiag hnsdiag vmconnect hvc'.split(
    ' ',
  ),
)
/** Aliases of Windows PowerShell 5.1 for cmdlets that aren't emulated. */
const aliases = new Set(
  'ac asnp clc clhy cli clp clv cnsn compare copy cp cpi cpp cvpa dbp diff dnsn ebp epal epcsv epsn erase etsn exsn fc fhx fw gbp gcb gcs gdr ghy gin gip gjb gmo gp gpv gsn gsnp gtz gu gv gwmi h history icm iex ihy ii ipal ipcsv ipmo ipsn irm ise iwmi lp mi mount move mp mv nal ndr nmo npssc nsn nv ogv oh popd pushd r rbp rcjb rcsn rd rdr ren rjb rmo rni rnp rp rsn rsnp rujb rv rvpa rwmi sajb sal saps sasv sbp scb set shcm si sp spjb spsv start stz sujb sv swmi tee trcm wjb'.split(
    ' ',
  ),
)
/** Whether the real machine would know a name. */
export function isReal(name: string): boolean {
  const lower = name.toLowerCase().replace(/\.(exe|com|msc|cpl)$/, '')
  const [verb = '', noun] = lower.split('-')
  if (noun !== undefined && lower.split('-').length === 2 && knownVerbs.has(verb)) return nouns.has(noun)
  return programs.has(lower) || aliases.has(lower)
}
