/** buildah: images made step by step, or by a Dockerfile, without a daemon; buildah(1). */
import { placeOf } from '../../engine/containers/place.ts'
import { notEmulated, Problem } from '../../engine/containers/problem.ts'
import { becomeRoot } from '../../engine/containers/userns.ts'
import { Libpod } from '../../engine/libpod/libpod.ts'
import type { Program } from '../../kernel/linux/abi.ts'
import { print } from '../../userland/lib/io.ts'
import { execvp } from '../../userland/lib/run.ts'
import { runTool, type Spec, type Tool } from '../containers/frame.ts'
import { login, logout } from '../containers/login.ts'
import { BUILDAH_VERSION, buildFlags, buildFrom } from '../podman/build.ts'
import type { Context } from '../podman/context.ts'
import { pullOptions } from '../podman/images.ts'
import { imageKeeping } from './images.ts'
import { globals, others, shapes } from './shapes.ts'
import { workingCommands } from './working.ts'

type LoginContext = Parameters<typeof login>[0]
const context = (c: Context): LoginContext => ({ sys: c.sys, place: c.lp.place, registries: () => c.lp.registries() })
const commands: Readonly<Record<string, Spec<Context>>> = {
  ...workingCommands,
  ...imageKeeping,
  build: {
    args: [0, 1],
    flags: buildFlags,
    *run(c, g) {
      const pullWith = yield* pullOptions(c, g)
      yield* buildFrom(c.lp, g, { layers: false, pull: pullWith, copying: true, version: BUILDAH_VERSION })
      return 0
    },
  },
  unshare: {
    args: [0, Infinity],
    first: true,
    flags: '',
    *run(c, g) {
      if (!c.lp.place.rootless) throw new Problem('please use unshare with rootless')
      const line = g.args.length > 0 ? g.args : ['/bin/sh']
      const failed = yield* execvp(c.sys, line, [
        ...c.sys.environ(),
        '_CONTAINERS_USERNS_CONFIGURED=done',
        `_CONTAINERS_ROOTLESS_UID=${c.lp.place.uid}`,
      ])
      throw new Problem(`exec ${line[0]}: ${failed.text.toLowerCase()}`, 127)
    },
  },
  info: {
    args: [0, 0],
    flags: 'format',
    *run(c, g) {
      if (g.value('format') !== undefined) throw notEmulated('buildah info --format')
      const u = yield* c.sys.uname()
      const s = yield* c.sys.sysinfo()
      const document = {
        host: {
          BuildahVersion: BUILDAH_VERSION,
          CgroupVersion: 'v2',
          MemFree: s.freeram,
          MemTotal: s.totalram,
          OCIRuntime: 'crun',
          arch: 'amd64',
          cpus: yield* c.sys.schedGetaffinity(),
          hostname: u.nodename,
          kernel: u.release,
          os: 'linux',
          rootless: c.lp.place.rootless,
        },
        store: {
          ContainerStore: { number: (yield* c.lp.storage.containers()).length },
          GraphDriverName: 'overlay',
          GraphRoot: c.lp.place.graphRoot,
          ImageStore: { number: (yield* c.lp.storage.images()).length },
          RunRoot: c.lp.place.runRoot,
        },
      }
      yield* print(c.sys, `${JSON.stringify(document, null, 4)}\n`)
      return 0
    },
  },
  version: {
    args: [0, 0],
    flags: 'json',
    *run(c, g) {
      if (g.has('json'))
        yield* print(
          c.sys,
          `${JSON.stringify({ version: BUILDAH_VERSION, goVersion: 'go1.26.5', osArch: 'linux/amd64' }, null, 4)}\n`,
        )
      else
        yield* print(
          c.sys,
          `Version:         ${BUILDAH_VERSION}\nGo Version:      go1.26.5\nOS/Arch:         linux/amd64\nBuildPlatform:   linux/amd64\n`,
        )
      return 0
    },
  },
  login: {
    args: [0, 1],
    flags: 'authfile get-login password password-stdin tls-verify username verbose',
    run: (c, g) => login(context(c), g),
  },
  logout: { args: [0, 1], flags: 'all authfile', run: (c, g) => logout(context(c), g) },
}
export const buildahTool: Tool<Context> = {
  name: 'buildah',
  globals,
  shapes,
  others: [...others, 'manifest', 'source'].filter(Boolean),
  aliases: {
    bud: 'build',
    'build-using-dockerfile': 'build',
    delete: 'rm',
    unmount: 'umount',
    list: 'containers',
    ls: 'containers',
    ps: 'containers',
  },
  commands,
  help: 'buildah/help',
  version: `buildah version ${BUILDAH_VERSION} (image-spec 1.1.1, runtime-spec 1.3.0)\n`,
  known: 'log-level help version',
  *open(sys, argv, name) {
    const place = yield* placeOf(sys)
    if (name !== 'version' && name !== 'login' && name !== 'logout') yield* becomeRoot(sys, place)
    return { sys, lp: new Libpod(sys, place), argv }
  },
}
export const buildah: Program = (sys, argv) => runTool(buildahTool, sys, argv)
