/** Every image of the catalogue at once, for those outside a world: lists, and registries of their own. Inside, they come as parts. */
import type { Sys } from '../../kernel/linux/abi.ts'
import { applicationImages } from './applications.ts'
import { commonImages } from './common.ts'
import { databaseImages } from './databases.ts'
import { debianImages } from './debian.ts'
import { kubernetesImages } from './kubernetes.ts'
import { rareImages } from './rare.ts'
import { windowsImages } from './windows.ts'

/** Brings what the parts would bring; they make no system calls. */
export function bringAll(): void {
  for (const images of [
    applicationImages,
    commonImages,
    databaseImages,
    debianImages,
    kubernetesImages,
    rareImages,
    windowsImages,
  ])
    images(undefined as unknown as Sys, []).next()
}
