/** An address from the site's root as a page's link: `ja/process/#a` from `/ja/teaching/` is `../process/#a`. Pure. */
export function relativeTo(address: string, page: string): string {
  const from = page.split('/').filter(Boolean)
  const [path = '', rest = ''] = /^([^?#]*)(.*)$/s.exec(address)?.slice(1) ?? []
  const to = path.split('/').filter(Boolean)
  let shared = 0
  while (shared < from.length && shared < to.length && from[shared] === to[shared]) shared++
  const steps = [...from.slice(shared).map(() => '..'), ...to.slice(shared)].join('/')
  return `${steps === '' ? '.' : steps}/${rest}`
}
