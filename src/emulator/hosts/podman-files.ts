/** Configuration files of Podman, Buildah and Skopeo, as a distribution installs them: containers.conf(5), registries.conf(5), storage.conf(5). */

export const containersConf = `# The containers configuration file specifies all of the available configuration
# command-line options/flags for container engines. containers.conf(5)
[containers]
log_driver = "k8s-file"

[engine]
cgroup_manager = "systemd"
events_logger = "file"

[network]
network_backend = "netavark"
default_rootless_network_cmd = "pasta"
`
export const storageConf = `# containers-storage.conf(5)
[storage]
driver = "overlay"
runroot = "/run/containers/storage"
graphroot = "/var/lib/containers/storage"
`
export const policy = `{
    "default": [
        {
            "type": "insecureAcceptAnything"
        }
    ]
}
`
/** Debian leaves the list of search registries empty: a short name works where it is an alias. */
export const registriesConf = `# For more information on this configuration file, see containers-registries.conf(5).
#
# An array of host[:port] registries to try when pulling an unqualified image, in order.
# unqualified-search-registries = ["example.com"]
`
const hub =
  'alpine busybox debian golang hello-world httpd mariadb mysql nginx node php postgres python redis registry ubuntu'
export const shortNames = `[aliases]
${hub
  .split(' ')
  .map((n) => `  "${n}" = "docker.io/library/${n}"\n`)
  .join('')}`
