/** POSIX message queues belong to an IPC namespace: mq_overview(7), ipc_namespaces(7). */
import { describe, expect, test } from 'vitest'
import { openSession } from '../complete.ts'

describe('message queues', () => {
  const session = openSession({ host: 'linux-server' })
  const lines = (command: string): string[] => session.run(command).output.split(/\r?\n/).filter(Boolean)
  session.run('touch /dev/mqueue/jobs')
  test('a container has its own, and with --ipc=host the host’s', () => {
    expect(lines('docker run --rm alpine ls /dev/mqueue')).toEqual([])
    expect(lines('docker run --rm --ipc=host alpine ls /dev/mqueue')).toEqual(['jobs'])
    expect(lines('docker run --rm alpine sh -c "touch /dev/mqueue/mine; ls /dev/mqueue"')).toEqual(['mine'])
    expect(lines('ls /dev/mqueue')).toEqual(['jobs'])
  })
  test('every mount in a namespace shows the same queues', () => {
    expect(lines('mount -t mqueue m /mnt && ls /mnt && umount /mnt && ls /dev/mqueue')).toEqual(['jobs', 'jobs'])
  })
  test('a queue is no ordinary file', () => {
    expect(lines('cat /dev/mqueue/jobs')[0]).toMatch(/^QSIZE:0 +NOTIFY:0 +SIGNO:0 +NOTIFY_PID:0/)
    for (const command of ['mkdir /dev/mqueue/x', 'ln -s a /dev/mqueue/x', 'echo hi > /dev/mqueue/jobs'])
      expect(session.run(command).status, command).not.toBe(0)
    expect(session.run('rm /dev/mqueue/jobs').status).toBe(0)
    expect(lines('ls /dev/mqueue')).toEqual([])
  })
})
