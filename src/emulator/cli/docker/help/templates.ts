/** The part that brings Go templates to docker's --format. */
import type { Program } from '../../../kernel/linux/abi.ts'
import { execute, parseTemplate } from '../../../oci/gotemplate/execute.ts'
import { provideTemplates } from '../templates.ts'

export const dockerTemplates: Program = function* () {
  provideTemplates({ execute, parseTemplate })
  return 0
}
