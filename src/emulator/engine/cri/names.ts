/** The names of the CRI's services and methods. */
export const RUNTIME = 'runtime.v1.RuntimeService'
export const IMAGE = 'runtime.v1.ImageService'
/** Every method of both services that is emulated. */
export const criMethodNames: readonly string[] = [
  ...'Version Status RunPodSandbox StopPodSandbox RemovePodSandbox PodSandboxStatus ListPodSandbox CreateContainer StartContainer StopContainer RemoveContainer ContainerStatus ListContainers UpdateContainerResources ExecSync Exec ListContainerStats'
    .split(' ')
    .map((n) => `${RUNTIME}/${n}`),
  ...'ListImages ImageStatus PullImage RemoveImage'.split(' ').map((n) => `${IMAGE}/${n}`),
]
