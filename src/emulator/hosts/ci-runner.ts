/** `ci-runner`: the machine of a CI service: a Linux server with Docker, act, and a repository with a GitHub Actions workflow. */
import type { Host } from './host.ts'
import { linuxServer } from './linux-server.ts'
import { linuxServerHost } from './linux-server-host.ts'
import { linuxShell } from './linux-shell.ts'

const repository: Readonly<Record<string, string>> = {
  '.github/workflows/ci.yml': `name: CI
on: [push]
jobs:
  test:
    runs-on: ubuntu-latest
    services:
      postgres:
        image: postgres:16
        env:
          POSTGRES_PASSWORD: test
        ports:
          - 5432:5432
        options: >-
          --health-cmd "pg_isready -U postgres"
          --health-interval 2s
          --health-retries 20
    steps:
      - uses: actions/checkout@v7
      - run: docker build -q -t myapp:test .
      - run: >-
          docker run --rm
          --add-host db:host-gateway
          -e DATABASE_URL=postgres://postgres:test@db:5432/postgres
          myapp:test npm test
`,
  Dockerfile: `FROM node:24-alpine
WORKDIR /app
COPY package.json ./
RUN npm install
COPY . .
CMD ["npm", "start"]
`,
  '.dockerignore': '.github\n',
  'package.json': `{
  "name": "myapp",
  "version": "1.0.0",
  "private": true,
  "scripts": {
    "start": "sh greet.sh World",
    "test": "sh test.sh"
  }
}
`,
  'greet.sh': 'echo "Hello, $1!"\n',
  'test.sh': `set -e
test "$(sh greet.sh World)" = 'Hello, World!'
echo 'ok 1 - greets'
address=\${DATABASE_URL#*@}
address=\${address%%/*}
nc -z "\${address%:*}" "\${address#*:}"
echo "ok 2 - the database at $address answers"
`,
}
export const ciRunner: Host = {
  ...linuxServerHost,
  name: 'ci-runner',
  shell: { ...linuxShell, home: '/root' },
  boot: (world) =>
    linuxServer(world, 'ci-runner', 'runner', (disk) => {
      disk.program('/usr/local/bin/act', 'act', 23_000_000)
      for (const [path, content] of Object.entries(repository)) disk.file(`/root/myapp/${path}`, content)
    }),
}
