/** Registers what can be linked to: `npm run links`. Adds new ids to src/content/links.yaml; says what has vanished, and fails if something has. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readPages } from './content/page.ts'
import { idsOfSources, readRedirects, readRegister } from './links/present.ts'
import { checkRegister, REGISTER, registerText, unregistered } from './links/register.ts'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const present = await idsOfSources(readPages())
const register = readRegister()
const fresh = unregistered(register, present)
writeFileSync(REGISTER, registerText([...register, ...fresh]))
const problems = checkRegister(register, present, readRedirects())
for (const p of problems) console.error(p)
console.log(`${register.length + fresh.length} ids, ${fresh.length} of them new; ${problems.length} to mend`)
process.exitCode = problems.length > 0 ? 1 : 0
