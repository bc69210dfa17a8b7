/**
 * Shell scripts by others (busybox's own tests, Oils' spec tests) and what a real busybox made of them. The suites lie outside the
 * project; where they are missing the test says so.
 */
import { testSuite } from './scripts.ts'

testSuite('ash')
testSuite('posix-shell')
