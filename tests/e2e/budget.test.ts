import { gzipSync } from 'node:zlib'
import { expect, test } from '@playwright/test'

/** Bytes, gzip, that a reader loads for the first prompt and the first container, terminal included. It may only fall: the goal is 110,000. */
const MOST = 190_000
