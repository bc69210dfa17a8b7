/** Divides the emulator beside the build's own thread, and posts the division. */
import { parentPort } from 'node:worker_threads'
import { divide } from './plugin.ts'

parentPort?.postMessage(divide())
