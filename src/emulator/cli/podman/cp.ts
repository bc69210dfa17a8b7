import type { Commands } from './context.ts'
export const copyCommands: Commands = {}
