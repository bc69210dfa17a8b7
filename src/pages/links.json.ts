/** Everything that can be linked to, for programs: course systems, link checkers. Addresses are from the site's root. */
import { linkables } from '../components/links/collect.ts'

export const GET = async (): Promise<Response> =>
  new Response(`${JSON.stringify({ version: 1, languages: ['ja', 'en'], items: await linkables() }, undefined, 1)}\n`, {
    headers: { 'content-type': 'application/json' },
  })
