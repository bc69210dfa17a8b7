import type { Commands } from './context.ts'
export const kubeCommands: Commands = {}
