/** All hosts at once, for those who can't wait: Node's scripts and tests, and the site's build. A page loads each by itself. */
import { register } from './host.ts'
import { windowsMoby } from './windows-moby.ts'

for (const host of [windowsMoby]) register(host)
