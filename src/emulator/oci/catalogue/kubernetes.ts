/** registry.k8s.io: the image of the process that holds a pod's namespaces. */
import type { Program } from '../../kernel/linux/abi.ts'
import { program } from './files.ts'
import { bring, once, PATH, type Recipe } from './index.ts'

const pause: Recipe = (arch) => ({
  created: '2025-04-07T21:54:41Z',
  config: { User: '65535:65535', Env: [PATH], Entrypoint: ['/pause'], WorkingDir: '/' },
  layers: [
    once(`pause/${arch}`, () => ({
      createdBy: `ADD bin/pause-linux-${arch} /pause # buildkit`,
      entries: [program('pause', arch, 'pause', 734_000)],
    })),
  ],
  steps: ['USER 65535:65535', 'ENTRYPOINT ["/pause"]'],
})
export const kubernetesImages: Program = function* () {
  bring({ 'registry.k8s.io/pause': { '3.10.1': pause, '3.10': pause, latest: pause } })
  return 0
}
