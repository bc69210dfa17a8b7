/** How runsc words what went wrong; runsc/boot, runsc/container and pkg/sentry of gVisor's source. */
import { lower } from '../files.ts'
import { runcFlavour, type Words } from '../flavour.ts'

export const words: Words = {
  ...runcFlavour.words,
  noProgram: (name) => `error finding executable ${JSON.stringify(name)} in PATH: no such file or directory`,
  badProgram: (name, why) => `failed to load ${name}: ${lower(why)}`,
  noConfig: 'reading spec: error opening config.json: no such file or directory',
  badConfig: (why) => `reading spec: error unmarshaling spec from file: ${why}`,
  rootfs: (path, why) => `creating container: gofer: error opening rootfs ${path}: ${lower(why)}`,
  exists: (id) => `creating container: container with id ${JSON.stringify(id)} already exists`,
  badId: (id) => `creating container: invalid container id: ${id}`,
  unknown: (id) => `loading container: file does not exist: ${id}`,
  init: (message) => message,
}
