/** Which containerd this is: the one that Docker Engine 29.7.2 brings. Built without git, it knows no revision. */
export const CONTAINERD_VERSION = 'v2.3.3'
export const REVISION = ''
