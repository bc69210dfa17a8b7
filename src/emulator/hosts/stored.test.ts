/** The image on the server's disk: the same as a pull brings, and kept by the daemons when they are started again. */
import { expect, test } from 'vitest'
import { openSession } from '../complete.ts'

const run = (lines: string): string => {
  const { status, output } = openSession().run(lines)
  expect(status, output).toBe(0)
  return output
}
const blobs = '/var/lib/containerd/io.containerd.content.v1.content/blobs/sha256'
const snapshot = '/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots'

test('every blob has the digest that it lies under', () => {
  const lines = run(`cd ${blobs}; ls | wc -l; sha256sum *; wc -c *`).trim().split('\n')
  expect(lines[0]).toBe('4')
  for (const line of lines.slice(1, 5)) {
    const [digest, name] = line.split(/\s+/)
    expect(digest).toBe(name)
  }
})
test('what was stored is what a pull brings', () => {
  const show = `docker images --digests; docker inspect alpine:3.22 | grep -v LastTagTime; cd ${blobs}; sha256sum *; ls -l | cut -c1-30`
  // Times of change, inodes and what links were made when aside: names, modes, owners, sizes, targets and times of files.
  const tree = (n: number): string =>
    `cd ${snapshot}/${n}/fs; find . ! -type l -exec stat -c '%n %F %a %u %g %s %h %Y' {} + | sort; find . -type l -exec ls -l {} + | sed 's/.* \\.\\//.\\//' | sort; find . -type f -exec sha256sum {} + | sort`
  const before = run(show)
  expect(before).toMatch(/^alpine +3\.22 +sha256:/m)
  const again =
    'docker rmi -f alpine:3.22 alpine:latest >/dev/null; docker pull -q alpine:3.22 >/dev/null; docker pull -q alpine:latest >/dev/null'
  expect(
    run(`ls ${snapshot}; ls ${blobs} | wc -l; docker rmi -f alpine:3.22 alpine:latest >/dev/null; ls ${snapshot}`),
  ).toBe('1\n4\n')
  expect(run(`${again}; ${show}`)).toBe(before)
  const pulled = run(`${again}; ls ${snapshot}`).trim()
  expect(run(`${again}; ${tree(Number(pulled))}`)).toBe(run(tree(1)))
})
test('images outlive the daemons', () => {
  const session = openSession()
  session.run('docker pull -q nginx; docker tag alpine mine; docker rmi alpine:3.22')
  const before = session.run('docker images').output
  expect(before).toContain('nginx')
  session.run(
    'kill $(pidof dockerd containerd); sleep 1; (setsid containerd >/dev/null 2>&1 &); sleep 1; (setsid dockerd >/dev/null 2>&1 &); sleep 2',
  )
  expect(session.run('docker images').output).toBe(before)
  expect(session.run('docker run --rm nginx cat /etc/os-release | head -1; docker run --rm mine id -u').output).toMatch(
    /^NAME="Alpine Linux"\n0\n$/,
  )
})
test('files that come when they are read have the size that they say', () => {
  const files = '/opt/kata/share/defaults/kata-containers/runtime-rs/configuration-qemu-runtime-rs.toml'
  const [said, read] = run(`stat -c %s ${files}; cat ${files} | wc -c`).trim().split('\n')
  expect(said).toBe(read)
})
