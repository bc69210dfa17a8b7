/** Errors as objects, as $_ in a catch block and $Error have them. */
import { type PsError, PsObject } from './values.ts'

export function errorRecord(e: PsError): PsObject {
  const exception = new PsObject(
    /, (\w+)$/.exec(e.category)?.[1] ?? 'RuntimeException',
    { Message: e.message },
    e.message,
  )
  return new PsObject(
    'System.Management.Automation.ErrorRecord',
    { Exception: exception, FullyQualifiedErrorId: e.id, CategoryInfo: e.category },
    e.message,
  )
}
