/** The daemon's rarer work on images and files, as one part: it comes when one of its paths is first asked for. */
import { archiveRoutes } from './archive.ts'
import { bundleRoutes } from './bundle.ts'
import { commitRoutes } from './commit.ts'
import { pushRoutes } from './push.ts'
import { removeRoutes } from './rmi.ts'
import { providing } from './routes.ts'

export const imageRoutes = providing('dockerd/images', [
  ...archiveRoutes,
  ...bundleRoutes,
  ...commitRoutes,
  ...pushRoutes,
  ...removeRoutes,
])
