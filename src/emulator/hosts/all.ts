/** All hosts at once, for those who can't wait: Node's scripts and tests, and the site's build. A page loads each by itself. */
import { register } from './host.ts'
import { hostLoaders } from './load.ts'

for (const load of Object.values(hostLoaders)) register(await load())
