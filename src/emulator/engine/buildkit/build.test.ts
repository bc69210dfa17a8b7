import { describe, expect, test } from 'vitest'
import { text } from '../../base/bytes.ts'
import { fromText } from '../../base/filedata.ts'
import { openSession } from '../../complete.ts'
import { writeTar } from '../../oci/tar.ts'

/** Runs lines on a fresh host with files in /root/w: what they print on both streams. */
function on(files: Readonly<Record<string, string>>, ...lines: readonly string[]): string {
  const session = openSession()
  session.execute(['/bin/mkdir', '-p', '/root/w'])
  session.putFiles('/root/w', files)
  const r = session.execute(['/bin/sh', '-c', `exec 2>&1\n${lines.join('\n')}`], { cwd: '/root/w' })
  return r.stdout
}

describe('docker build', () => {
  const two = {
    Dockerfile:
      'FROM alpine AS maker\nRUN echo made > /out\nFROM alpine\nWORKDIR /app\nCOPY --from=maker /out .\nCOPY --chown=65534:65534 --chmod=600 *.txt notes/\nENV WHO=you\nENTRYPOINT ["cat"]\nCMD ["/app/out"]\n',
    'a.txt': 'a\n',
    'b.txt': 'b\n',
    'c.log': 'c\n',
    '.dockerignore': '*.log\n# a comment\nb*\n',
  }
  test('copies between stages, and from the context what isn’t ignored', () => {
    const out = on(
      two,
      'docker build -q -t t . > id',
      'docker run --rm t',
      'docker run --rm --entrypoint ls t -ln /app/notes',
    )
    expect(out).toMatch(/^made\n/)
    expect(out).toMatch(/-rw------- +1 65534 +65534 +2 .* a\.txt\n$/)
    expect(out).not.toContain('b.txt')
    expect(out).not.toContain('c.log')
  })
  test('a second build finds every step in the cache; a changed file starts anew from its COPY', () => {
    const out = on(
      two,
      'docker build . 2> 1',
      'docker build . 2> 2',
      'echo changed > a.txt',
      'docker build . 2> 3',
      'grep -c CACHED 1; grep -c CACHED 2; grep -c CACHED 3',
      'docker build --no-cache . 2> 4; grep -c CACHED 4',
    )
    expect(out).toBe('1\n5\n4\n1\n')
  })
  test('a changed build argument starts anew where it is used', () => {
    const out = on(
      { Dockerfile: 'ARG BASE=alpine\nFROM $BASE\nRUN true\nARG V=1\nRUN echo "v$V" > /v\nCMD cat /v\n' },
      'docker build -q -t a . >/dev/null; docker run --rm a',
      'docker build -q -t b --build-arg V=2 . > /dev/null; docker run --rm b',
      'docker build --build-arg V=3 . 2>&1 | grep -A1 RUN | grep -v ^--',
    )
    expect(out).toMatch(/^v1\nv2\n#\d \[2\/3\] RUN true\n#\d CACHED\n#\d \[3\/3\] RUN echo "v3" > \/v\n#\d DONE/)
  })
  test('tells where it failed, and why', () => {
    const out = on({ Dockerfile: 'FROM alpine\nRUN ls /nosuch\n' }, 'docker build . ; echo $?')
    expect(out.replace(/^\d+\.\d{3} ls:/gm, 'SECONDS ls:')).toContain(
      '------\n > [2/2] RUN ls /nosuch:\nSECONDS ls: /nosuch: No such file or directory\n------\nDockerfile:2\n--------------------\n   1 |     FROM alpine\n   2 | >>> RUN ls /nosuch\n   3 |     \n--------------------\nERROR: failed to build: failed to solve: process "/bin/sh -c ls /nosuch" did not complete successfully: exit code: 1\n1\n',
    )
  })
  test.each([
    [
      'FROM alpine\nCOPY nosuch /\n',
      /failed to compute cache key: failed to calculate checksum of ref \w{25}::\w{25}: "\/nosuch": not found$/,
    ],
    [
      'FROM nosuch\n',
      /nosuch: failed to resolve source metadata for docker.io\/library\/nosuch:latest: pull access denied/,
    ],
    ['FROM alpine:9\n', /docker.io\/library\/alpine:9: not found$/],
    ['FROM alpine\nRNU x\n', /dockerfile parse error on line 2: unknown instruction: RNU/],
    ['FROM alpine\nENV X\n', /ENV must have two arguments$/],
    ['RUN x\n', /no build stage in current context$/],
    ['FROM a AS b\nCOPY --from=c /x /\nFROM b AS c\n', /circular dependency detected on stage: c$/],
    ['FROM alpine\nRUN cat <<E\nx\n', /unterminated heredoc$/],
  ])('%j is refused', (dockerfile, message) => {
    expect(on({ Dockerfile: dockerfile }, 'docker build . 2>&1 | tail -1').trim()).toMatch(message)
  })
  test('here-documents are run, and copied', () => {
    const out = on(
      {
        Dockerfile:
          'FROM alpine\nARG N=world\nRUN <<E\necho one > /one\necho two >> /one\nE\nRUN <<E\n#!/bin/sh\necho "as $0" >> /one\nE\nCOPY <<hello <<"raw" /etc/x/\nhello $N\nhello\nno $N\nraw\nCMD cat /one /etc/x/*\n',
      },
      'docker build -q -t t . > /dev/null && docker run --rm t',
    )
    expect(out).toBe('one\ntwo\nas /dev/pipes/E\nhello world\nno $N\n')
  })
  test('ADD unpacks an archive, ONBUILD waits for the next image, USER and SHELL hold for RUN', () => {
    const out = on(
      {
        Dockerfile:
          'FROM alpine\nADD a.tar /a/\nONBUILD RUN echo later > /later\nUSER nobody\nSHELL ["/bin/sh", "-ec"]\nRUN id -un > /tmp/me; false; true\n',
        'a.tar': text(
          writeTar([{ path: 'in/f', type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, data: fromText('x\n') }]),
        ),
      },
      'docker build . 2>&1 | tail -1',
      "sed -i 's/; false; true//' Dockerfile; docker build -q -t base . >/dev/null",
      'docker run --rm base sh -c "cat /a/in/f /tmp/me; ls /later"',
      'printf "FROM base\\nUSER root\\n" > D; docker build -q -f D -t next . >/dev/null; docker run --rm -u root next cat /later',
    )
    expect(out).toContain(
      'process "/bin/sh -ec id -un > /tmp/me; false; true" did not complete successfully: exit code: 1\n',
    )
    expect(out).toContain('x\nnobody\nls: /later: No such file or directory\n')
  })
  test('what RUN removed is gone, and a directory made anew hides the old one', () => {
    const out = on(
      {
        Dockerfile: 'FROM alpine\nRUN mkdir /d && touch /d/old /f\nRUN rm /f && rm -r /d && mkdir /d && touch /d/new\n',
      },
      'docker build -q -t t . >/dev/null; docker run --rm t sh -c "ls /d; ls /f"',
    )
    expect(out).toBe('new\nls: /f: No such file or directory\n')
  })
  test('the classic builder tells each step', () => {
    const out = on(
      { Dockerfile: 'FROM alpine\nRUN echo 1 > /a\n' },
      "DOCKER_BUILDKIT=0 docker build -t t . 2>/dev/null | sed 's/[0-9a-f]\\{12\\}/ID/g'",
      'DOCKER_BUILDKIT=0 docker build -t t . 2>/dev/null | grep -c "Using cache"',
    )
    expect(out.replace(/\r/g, '')).toBe(
      'Sending build context to Docker daemon  2.048kB\nStep 1/2 : FROM alpine\n ---> ID\nStep 2/2 : RUN echo 1 > /a\n ---> Running in ID\n ---> Removed intermediate container ID\n ---> ID\nSuccessfully built ID\nSuccessfully tagged t:latest\n1\n',
    )
  })
})

describe('docker build for several platforms', () => {
  const cross = {
    Dockerfile:
      'FROM --platform=$BUILDPLATFORM alpine AS build\nARG TARGETARCH\nRUN echo "$(uname -m) for $TARGETARCH" > /note\nFROM alpine\nCOPY --from=build /note /note\nCMD ["cat", "/note"]\n',
  }
  const registry = 'docker run -d -q -p 127.0.0.1:5000:5000 registry:2 >/dev/null'
  test('--push sends an index with a manifest for each; each holds what was made for it', () => {
    const out = on(
      cross,
      registry,
      'docker build -q --platform linux/amd64,linux/arm64 -t localhost:5000/n:1 --push . >/dev/null',
      'docker rmi -f localhost:5000/n:1 >/dev/null',
      'docker manifest inspect --insecure localhost:5000/n:1 | grep architecture',
      'docker run -q --rm localhost:5000/n:1',
      'docker pull -q --platform linux/arm64 localhost:5000/n:1 >/dev/null',
      'docker cp $(docker create --platform linux/arm64 localhost:5000/n:1):/note - | tar xO',
    )
    expect(out.replace(/[\t ]+/g, ' ')).toBe(
      ' "architecture": "amd64"\n "architecture": "arm64"\nx86_64 for amd64\nx86_64 for arm64\n',
    )
  })
  test('steps say for which platform they are, and what they share is done once', () => {
    const out = on(cross, 'docker build --progress=plain --platform linux/amd64,linux/arm64 .')
    expect(out.match(/^#\d+ \[(.*?)\] (FROM|RUN|COPY)/gm)?.map((l) => l.replace(/^#\d+ /, ''))).toEqual([
      '[linux/amd64 build 1/2] FROM',
      '[linux/amd64 build 2/2] RUN',
      '[linux/amd64 stage-1 2/2] COPY',
      '[linux/arm64 stage-1 1/2] FROM',
      '[linux/amd64->arm64 build 2/2] RUN',
      '[linux/arm64 stage-1 2/2] COPY',
    ])
  })
  test('a command for a foreign processor fails where nothing emulates it', () => {
    const out = on(
      { Dockerfile: 'FROM alpine\nRUN true\n' },
      'docker build --platform linux/amd64,linux/arm64 . ; echo $?',
    )
    expect(out).toContain('> [linux/arm64 2/2] RUN true')
    expect(out).toContain('exec /bin/sh: exec format error')
    expect(out).toMatch(/\n1\n$/)
  })
  test('--push without a name is refused', () => {
    expect(on(cross, 'docker build --push .')).toContain('tag is needed when pushing to registry')
  })
})

describe('secrets of a build', () => {
  const one = {
    Dockerfile:
      'FROM alpine\nRUN --mount=type=secret,id=token cat /run/secrets/token > /length && wc -c < /length > /n && rm /length\n',
    token: 's3cret',
  }
  test('are there for one command and in no layer', () => {
    const out = on(
      one,
      'docker build -q --secret id=token,src=token -t t . >/dev/null',
      'docker run --rm t cat /n',
      'docker run --rm t ls /run/secrets',
      'docker save t | grep -c s3cret',
    )
    expect(out).toBe('6\n0\n')
  })
  test('come from a variable as well; a required one must be given', () => {
    const out = on(
      { ...one, Dockerfile: one.Dockerfile.replace('id=token', 'id=token,required') },
      'TOKEN=abc docker build -q --secret id=token,env=TOKEN -t t . >/dev/null',
      'docker run --rm t cat /n',
      'docker build --no-cache .',
    )
    expect(out).toMatch(/^3\n/)
    expect(out).toContain('failed to solve: secret token: not found')
  })
})
