/**
 * Which applets lie in which part of the code. The core has what a container's first commands need; the other parts come when one of
 * their applets is first called (`sys.part('busybox/NAME')`).
 */
export type PartName = 'basic' | 'processes' | 'network' | 'text' | 'files' | 'archive' | 'admin' | 'screen' | 'calc'

const parts: Readonly<Record<PartName, string>> = {
  basic:
    'head tail wc tee cut tr sort uniq seq yes date cp mv rm ln rmdir touch mktemp chmod chown chgrp expr grep egrep fgrep',
  processes:
    'ps kill pidof pgrep pkill killall sleep env printenv id whoami groups hostname uname free uptime mount umount which nproc dmesg tty chroot su unshare nsenter timeout nohup setsid sync clear passwd nice renice usleep',
  network: 'ip ifconfig netstat route ping traceroute nslookup wget nc',
  text: 'awk sed expand fold nl paste rev tac unexpand getopt ts xargs cmp comm diff base32 base64 cksum md5sum sha1sum sha256sum sha512sum sha3sum sum uudecode uuencode hd hexdump xxd cal factor od dos2unix shuf split strings tsort unix2dos',
  files: 'dd df du find fsync install link mkfifo mknod readlink realpath run-parts shred stat tree truncate unlink',
  archive: 'tar gzip gunzip zcat bzip2 bunzip2 bzcat',
  admin:
    'time addgroup adduser delgroup deluser fuser lsof pmap pstree pwdx arch dnsdomainname flock hostid ipcalc mountpoint nologin sysctl ttysize stty',
  screen: 'less more top vi watch',
  calc: 'bc dc',
}
export const partOf: ReadonlyMap<string, PartName> = new Map(
  Object.entries(parts).flatMap(([part, names]) =>
    names
      .split(' ')
      .filter(Boolean)
      .map((name) => [name, part as PartName] as const),
  ),
)

/** Names that Alpine links to busybox and that aren't emulated: they say so. */
export const silent: ReadonlySet<string> = new Set(
  'acpid add-shell adjtimex arp arping bbconfig beep blkdiscard blkid blockdev brctl chattr chpasswd chvt conspy cpio crond crontab cryptpw deallocvt depmod dumpkmap eject ether-wake fallocate fatattr fbset fbsplash fdflush fdisk findfs fsck fstrim getconf getty halt hwclock iconv ifdown ifenslave ifup init inotifyd insmod ionice iostat ipaddr ipcrm ipcs iplink ipneigh iproute iprule iptunnel kbd_mode killall5 klogd last linux32 linux64 loadkmap logger login logread losetup lsattr lsmod lsusb lzcat lzma lzop lzopcat makemime mdev mesg microcom mkdosfs mkfs.vfat mkpasswd mkswap modinfo modprobe mpstat nameif nanddump nandwrite nbd-client nmeter ntpd openvt partprobe ping6 pipe_progress pivot_root poweroff pscan raidautorun rdate rdev readahead reboot reformime remove-shell reset resize rfkill rmmod sendmail setconsole setfont setkeycodes setlogcons setpriv setserial showkey slattach swapoff swapon switch_root syslogd traceroute6 tunctl udhcpc udhcpc6 unlzma unlzop unxz unzip vconfig vlock volname watchdog whois xzcat zcip'.split(
    ' ',
  ),
)
