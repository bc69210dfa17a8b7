/** Makes modules into classic scripts beside the build's own thread. */
import { parentPort, workerData } from 'node:worker_threads'
import { classicModules, type Sources } from './classic.ts'

parentPort?.postMessage(classicModules(workerData as Sources))
