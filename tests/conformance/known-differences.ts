/**
 * Recorded cases that the emulator answers otherwise on purpose, with the reason. The recordings are of Docker Engine 20.10 with
 * client 28, DOCKER_BUILDKIT=0 and cgroup v1; the emulator presents Engine 29 on cgroup v2.
 * `docker images` without --format, -q, --digests or --no-trunc prints the view of client 29 (docker/cli#6566, command/image/tree.go):
 * IMAGE, ID, DISK USAGE, CONTENT SIZE and EXTRA, a row a name in their order, and a warning on standard error where that is no
 * terminal. A recording that has REPOSITORY, TAG, IMAGE ID, CREATED and SIZE instead is of the table before it.
 */
const builder =
  'recorded with DOCKER_BUILDKIT=0; Docker builds by BuildKit since 23.0 (docs.docker.com/build/buildkit). The same lines with DOCKER_BUILDKIT=0 agree: build-goldens.test.ts'
const lowerCase =
  "the daemon's errors begin with a small letter by now, as Go's do (moby/moby daemon/errors.go, kill.go, top_unix.go, api/types/filters)"
const flagsOfTheApi =
  "docker hides flags that the daemon's API is too old for: 20.10 has API 1.41, Engine 29 has 1.55 (annotation 1.43, health-start-interval 1.44, image tree 1.47; docker/cli cmd/docker/docker.go hideFlagIf)"
const imageStore =
  'a fresh Engine 29 uses the containerd image store: the driver is overlayfs (docs.docker.com/engine/release-notes/29)'

/** The recordings' image is a small root with Debian's static busybox 1.35; ours is Alpine's 1.37. */
const debianBusybox = "Debian's static busybox runs its own applets before those in PATH; Alpine's finds /bin/ls"

export const knownDifferences: Readonly<Record<string, string>> = {
  'applet-044': 'the usage text of sleep begins with the version of busybox, 1.35 there',
  'applet-037': "the recorder's busybox has no printenv, and its /etc/group fewer groups for root than Alpine's",
  'shell-056': debianBusybox,
  'shell-057': debianBusybox,
  'view-007': 'the recorder had no sound card, so no /proc/asound for docker to mask',
  'view-013': "the recorder's kernel had no /proc/kcore; docker masks it with /dev/null",
  'view-022':
    "the recorder's daemon had a limit of 20000 open files; since containerd 2.0 the units set none, and systemd's is 1024, at most 524288 (containerd#8924, moby#45534; seen with Engine 29 in moby#51485)",
  'view-025':
    "Debian's busybox runs applets without exec, so ps names them {exe}; pids differ, as no process is made for ps there",
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
  'cli-016': flagsOfTheApi,
  'cli-018': flagsOfTheApi,
  'cli-020':
    'recorded with DOCKER_BUILDKIT=0, which warns that the classic builder is deprecated; standard output agrees',
  'images-011': `${imageStore}; its archives are OCI layouts with manifest.json, without the older "repositories"`,
  'inspect-006': imageStore,
  'inspect-012': imageStore,
  'lifecycle-005':
    'worded anew: cannot remove container "NAME": container is running: stop the container before removing or force remove (moby/moby daemon/delete.go)',
  'lifecycle-011': lowerCase,
  'lifecycle-020': lowerCase,
  'lifecycle-021': lowerCase,
  'lifecycle-040': lowerCase,
  'lifecycle-053': lowerCase,
  'network-007':
    'the endpoints in the way are named since 28.1: network NAME has active endpoints (name:"..." id:"...") (moby/moby#49773, #49901)',
  'run-028':
    "the recorder's busybox is linked with glibc; Alpine's is with musl, whose text for ENETUNREACH is shorter",
  'run-054':
    'the host has cgroup v2: the limit is written as "QUOTA PERIOD" to cpu.max, by v1 as a quota to cpu.cfs_quota_us; cgroup v1 is deprecated since 29.0',
  'run-068':
    "worded anew: unknown policy 'NAME'; use one of 'no', 'always', 'on-failure', or 'unless-stopped' (moby/moby api/types/container/hostconfig.go)",
}
