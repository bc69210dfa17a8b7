/** Alpine Linux: busybox, musl, apk, and the files in /etc. */
import type { TarEntry } from '../tar.ts'
import { type Arch, bulk, dir, file, link, notEmulated, program } from './files.ts'

/** Which directory holds which of busybox's names, as Alpine links them. */
const applets: Readonly<Record<string, string>> = {
  bin: 'arch ash base64 bbconfig cat chattr chgrp chmod chown cp date dd df dmesg dnsdomainname dumpkmap echo egrep false fatattr fdflush fgrep fsync getopt grep gunzip gzip hostname ionice iostat ipcalc kbd_mode kill link linux32 linux64 ln login ls lsattr lzop makemime mkdir mknod mktemp more mount mountpoint mpstat mv netstat nice pidof ping ping6 pipe_progress printenv ps pwd reformime rev rm rmdir run-parts sed setpriv setserial sh sleep stat stty su sync tar touch true umount uname usleep watch zcat',
  sbin: 'acpid adjtimex arp blkid blockdev depmod fbsplash fdisk findfs fsck fstrim getty halt hwclock ifconfig ifdown ifenslave ifup init inotifyd insmod ip ipaddr iplink ipneigh iproute iprule iptunnel klogd loadkmap logread losetup lsmod mdev mkdosfs mkfs.vfat mkswap modinfo modprobe nameif nologin pivot_root poweroff raidautorun reboot rmmod route setconsole slattach swapoff swapon switch_root sysctl syslogd tunctl udhcpc vconfig watchdog zcip',
  'usr/bin':
    '[ [[ awk basename bc beep blkdiscard bunzip2 bzcat bzip2 cal chvt cksum clear cmp comm cpio crontab cryptpw cut dc deallocvt diff dirname dos2unix du eject env expand expr factor fallocate find flock fold free fuser getconf groups hd head hexdump hostid iconv id install ipcrm ipcs killall last less logger lsof lsusb lzcat lzma lzopcat md5sum mesg microcom mkfifo mkpasswd nc nl nmeter nohup nproc nsenter nslookup od openvt passwd paste pgrep pkill pmap printf pscan pstree pwdx readlink realpath renice reset resize seq setkeycodes setsid sha1sum sha256sum sha3sum sha512sum showkey shred shuf sort split strings sum tac tail tee test time timeout top tr traceroute traceroute6 tree truncate tty ttysize udhcpc6 unexpand uniq unix2dos unlink unlzma unlzop unshare unxz unzip uptime uudecode uuencode vi vlock volname wc wget which whoami whois xargs xxd xzcat yes',
  'usr/sbin':
    'addgroup add-shell adduser arping brctl chpasswd chroot crond delgroup deluser ether-wake fbset killall5 nanddump nandwrite nbd-client ntpd partprobe rdate rdev readahead remove-shell rfkill sendmail setfont setlogcons',
}

/** os-release as the distribution writes it. */
export function osRelease(version: string): string {
  const branch = version.split('.').slice(0, 2).join('.')
  return `NAME="Alpine Linux"\nID=alpine\nVERSION_ID=${version}\nPRETTY_NAME="Alpine Linux v${branch}"\nHOME_URL="https://alpinelinux.org/"\nBUG_REPORT_URL="https://gitlab.alpinelinux.org/alpine/aports/-/issues"\n`
}
const passwd =
  'root:x:0:0:root:/root:/bin/sh\nbin:x:1:1:bin:/bin:/sbin/nologin\ndaemon:x:2:2:daemon:/sbin:/sbin/nologin\nlp:x:4:7:lp:/var/spool/lpd:/sbin/nologin\nsync:x:5:0:sync:/sbin:/bin/sync\nshutdown:x:6:0:shutdown:/sbin:/sbin/shutdown\nhalt:x:7:0:halt:/sbin:/sbin/halt\nmail:x:8:12:mail:/var/mail:/sbin/nologin\nnews:x:9:13:news:/usr/lib/news:/sbin/nologin\nftp:x:21:21::/var/lib/ftp:/sbin/nologin\nsshd:x:22:22:sshd:/dev/null:/sbin/nologin\ngames:x:35:35:games:/usr/games:/sbin/nologin\nntp:x:123:123:NTP:/var/empty:/sbin/nologin\nguest:x:405:100:guest:/dev/null:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n'
const group =
  'root:x:0:root\nbin:x:1:root,bin,daemon\ndaemon:x:2:root,bin,daemon\nsys:x:3:root,bin\nadm:x:4:root,daemon\ntty:x:5:\ndisk:x:6:root\nlp:x:7:lp\nkmem:x:9:\nwheel:x:10:root\nfloppy:x:11:root\nmail:x:12:mail\nnews:x:13:news\ncron:x:16:cron\naudio:x:18:\ncdrom:x:19:\ndialout:x:20:root\nftp:x:21:\nsshd:x:22:\ninput:x:23:\ntape:x:26:root\nvideo:x:27:root\nnetdev:x:28:\nkvm:x:34:kvm\ngames:x:35:\nshadow:x:42:\nwww-data:x:82:\nusers:x:100:games\nntp:x:123:\nutmp:x:406:\nping:x:999:\nnogroup:x:65533:\nnobody:x:65534:\n'

const cache = new Map<string, readonly TarEntry[]>()
/** The root file system of a release; `users` adds lines to passwd and group. */
export function alpineRoot(version: string, arch: Arch): readonly TarEntry[] {
  const key = `${version}/${arch}`
  const known = cache.get(key)
  if (known) return known
  const branch = version.split('.').slice(0, 2).join('.')
  const made: TarEntry[] = [
    ...'bin dev etc etc/apk home lib lib/apk lib/apk/db media media/cdrom media/floppy media/usb mnt opt proc run sbin srv sys usr usr/bin usr/lib usr/local usr/local/bin usr/sbin usr/share var var/cache var/empty var/lib var/log var/spool'
      .split(' ')
      .map((p) => dir(p)),
    dir('root', 0o700),
    dir('tmp', 0o1777),
    dir('var/tmp', 0o1777),
    link('var/run', '../run'),
    program('bin/busybox', arch, 'busybox', 808712),
    ...Object.entries(applets).flatMap(([d, names]) => names.split(' ').map((n) => link(`${d}/${n}`, '/bin/busybox'))),
    bulk(`lib/ld-musl-${arch === 'amd64' ? 'x86_64' : 'aarch64'}.so.1`, 662680, 0o755),
    bulk('usr/lib/libcrypto.so.3', 4735888, 0o755),
    bulk('usr/lib/libssl.so.3', 890184, 0o755),
    bulk('usr/lib/libapk.so.2.14.0', 214376, 0o755),
    notEmulated('sbin/apk', 'apk', 71416),
    bulk('lib/apk/db/installed', 15823),
    bulk('etc/ssl/certs/ca-certificates.crt', 222981),
    file('etc/alpine-release', `${version}\n`),
    file('etc/os-release', osRelease(version)),
    file('etc/passwd', passwd),
    file('etc/group', group),
    {
      ...file(
        'etc/shadow',
        passwd.replace(/^(\w+):.*$/gm, (_, n: string) => `${n}:*::0:::::`),
        0o640,
      ),
      gid: 42,
    },
    file('etc/hostname', 'localhost\n'),
    file('etc/hosts', '127.0.0.1\tlocalhost localhost.localdomain\n::1\t\tlocalhost localhost.localdomain\n'),
    file('etc/issue', `Welcome to Alpine Linux ${branch}\nKernel \\r on \\m (\\l)\n\n`),
    file(
      'etc/profile',
      `export PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"\nexport PS1='\\h:\\w\\$ '\numask 022\n`,
    ),
    file('etc/shells', '/bin/sh\n/bin/ash\n'),
    file(
      'etc/apk/repositories',
      `https://dl-cdn.alpinelinux.org/alpine/v${branch}/main\nhttps://dl-cdn.alpinelinux.org/alpine/v${branch}/community\n`,
    ),
    file('etc/nsswitch.conf', 'hosts: files dns\n'),
    file(
      'etc/fstab',
      '/dev/cdrom\t/media/cdrom\tiso9660\tnoauto,ro 0 0\n/dev/usbdisk\t/media/usb\tvfat\tnoauto,ro 0 0\n',
    ),
    file('etc/inittab', '::sysinit:/sbin/openrc sysinit\n'),
    file('etc/protocols', 'ip\t0\tIP\nicmp\t1\tICMP\ntcp\t6\tTCP\nudp\t17\tUDP\n'),
    file('etc/services', 'ssh\t22/tcp\ndomain\t53/tcp\ndomain\t53/udp\nhttp\t80/tcp\nhttps\t443/tcp\n'),
  ]
  cache.set(key, made)
  return made
}
/** Alpine's users with some more. */
export const withUsers = (more: string, moreGroups: string): readonly TarEntry[] => [
  file('etc/passwd', passwd + more),
  file('etc/group', group + moreGroups),
]
