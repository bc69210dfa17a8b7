import type { Commands } from './context.ts'
export const buildCommands: Commands = {}
