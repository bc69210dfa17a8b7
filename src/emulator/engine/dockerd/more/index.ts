/** The part of dockerd that comes later: routes beyond a first lesson's, and checks of health. */
import { providing } from '../routes.ts'
import { later } from '../start.ts'
import { moreContainerRoutes } from './containers.ts'
import { eventRoutes } from './events.ts'
import { checkHealth } from './health.ts'
import { moreImageRoutes } from './images.ts'
import { networkRoutes } from './networks.ts'
import { statsRoutes } from './stats.ts'
import { swarmRoutes } from './swarm.ts'
import { systemRoutes } from './system.ts'
import { volumeRoutes } from './volumes.ts'

later.checkHealth = checkHealth

export const dockerdMore = providing('dockerd/more', [
  ...moreContainerRoutes,
  ...eventRoutes,
  ...moreImageRoutes,
  ...networkRoutes,
  ...statsRoutes,
  ...swarmRoutes,
  ...systemRoutes,
  ...volumeRoutes,
])
