/**
 * Recorded cases that the emulator answers otherwise on purpose, with the reason. The recordings are of Docker Engine 20.10 with
 * client 28 and DOCKER_BUILDKIT=0; the emulator presents Engine 29.
 */
const builder =
  'recorded with DOCKER_BUILDKIT=0; Docker builds by BuildKit since 23.0 (docs.docker.com/build/buildkit). The same lines with DOCKER_BUILDKIT=0 agree: build-goldens.test.ts'

export const knownDifferences: Readonly<Record<string, string>> = {
  'build-001': builder,
  'build-002': builder,
  'build-006': builder,
  'build-007': builder,
  'build-008': builder,
  'build-010': builder,
  'build-011': builder,
  'build-013': builder,
  'build-014': builder,
  'build-015': builder,
}
