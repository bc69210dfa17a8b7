/** busybox's own tests of its applets, and what a real busybox made of them. Outside the project; where missing, the test says so. */
import { testSuite } from './scripts.ts'

testSuite('busybox-applets')
