/**
 * Commands that are known and not carried out: of a swarm, of plug-ins, of checkpoints, and the scripts of completion. Their lines are read
 * and their help is shown as docker 28 has them; then it is said that they aren't emulated. See ../shapes.ts for the form.
 */
import type { Shape } from '../shapes.ts'
import type { Texts } from '../help/texts.ts'

export const knownShapes: Readonly<Record<string, Shape>> = {
  'checkpoint create': [
    'checkpoint create [OPTIONS] CONTAINER CHECKPOINT',
    2,
    2,
    'checkpoint-dir:string leave-running',
  ],
  'checkpoint ls': ['checkpoint ls [OPTIONS] CONTAINER', 1, 1, 'checkpoint-dir:string'],
  'checkpoint rm': ['checkpoint rm [OPTIONS] CONTAINER CHECKPOINT', 2, 2, 'checkpoint-dir:string'],
  'plugin create': ['plugin create [OPTIONS] PLUGIN PLUGIN-DATA-DIR', 2, Infinity, 'compress'],
  'plugin disable': ['plugin disable [OPTIONS] PLUGIN', 1, 1, 'f,force'],
  'plugin enable': ['plugin enable [OPTIONS] PLUGIN', 1, 1, 'timeout:int'],
  'plugin inspect': ['plugin inspect [OPTIONS] PLUGIN [PLUGIN...]', 1, Infinity, 'f,format:string'],
  'plugin install': [
    'plugin install [OPTIONS] PLUGIN [KEY=VALUE...]',
    1,
    Infinity,
    'alias:string disable disable-content-trust grant-all-permissions',
  ],
  'plugin push': ['plugin push [OPTIONS] PLUGIN[:TAG]', 1, 1, 'disable-content-trust'],
  'plugin rm': ['plugin rm [OPTIONS] PLUGIN [PLUGIN...]', 1, Infinity, 'f,force'],
  'plugin set': ['plugin set PLUGIN KEY=VALUE [KEY=VALUE...]', 2, Infinity, ''],
  'plugin upgrade': [
    'plugin upgrade [OPTIONS] PLUGIN [REMOTE]',
    1,
    2,
    'disable-content-trust grant-all-permissions skip-remote-check',
  ],
  'config create': ['config create [OPTIONS] CONFIG file|-', 2, 2, 'l,label:list template-driver:string'],
  'config inspect': ['config inspect [OPTIONS] CONFIG [CONFIG...]', 1, Infinity, 'f,format:string pretty'],
  'config rm': ['config rm CONFIG [CONFIG...]', 1, Infinity, ''],
  'node demote': ['node demote NODE [NODE...]', 1, Infinity, ''],
  'node inspect': ['node inspect [OPTIONS] self|NODE [NODE...]', 1, Infinity, 'f,format:string pretty'],
  'node promote': ['node promote NODE [NODE...]', 1, Infinity, ''],
  'node ps': ['node ps [OPTIONS] [NODE...]', 0, Infinity, 'f,filter:filter format:string no-resolve no-trunc q,quiet'],
  'node rm': ['node rm [OPTIONS] NODE [NODE...]', 1, Infinity, 'f,force'],
  'node update': ['node update [OPTIONS] NODE', 1, 1, 'availability:string label-add:list label-rm:list role:string'],
  'secret create': [
    'secret create [OPTIONS] SECRET [file|-]',
    1,
    2,
    'd,driver:string l,label:list template-driver:string',
  ],
  'secret inspect': ['secret inspect [OPTIONS] SECRET [SECRET...]', 1, Infinity, 'f,format:string pretty'],
  'secret rm': ['secret rm SECRET [SECRET...]', 1, Infinity, ''],
  'service create': [
    'service create [OPTIONS] IMAGE [COMMAND] [ARG...]',
    1,
    Infinity,
    'cap-add:list cap-drop:list config:config constraint:list container-label:list credential-spec:credential-spec d,detach dns:list dns-option:list dns-search:list endpoint-mode:string entrypoint:command e,env:list env-file:list generic-resource:list group:list health-cmd:string health-interval:duration health-retries:int health-start-interval:duration health-start-period:duration health-timeout:duration host:list hostname:string init isolation:string l,label:list limit-cpu:decimal limit-memory:bytes limit-pids:int log-driver:string log-opt:list max-concurrent:uint mode:string mount:mount name:string network:network no-healthcheck no-resolve-image oom-score-adj:int placement-pref:pref p,publish:port q,quiet read-only replicas:uint replicas-max-per-node:uint reserve-cpu:decimal reserve-memory:bytes restart-condition:string restart-delay:duration restart-max-attempts:uint restart-window:duration rollback-delay:duration rollback-failure-action:string rollback-max-failure-ratio:float rollback-monitor:duration rollback-order:string rollback-parallelism:uint secret:secret stop-grace-period:duration stop-signal:string sysctl:list t,tty ulimit:ulimit update-delay:duration update-failure-action:string update-max-failure-ratio:float update-monitor:duration update-order:string update-parallelism:uint u,user:string with-registry-auth w,workdir:string',
  ],
  'service inspect': ['service inspect [OPTIONS] SERVICE [SERVICE...]', 1, Infinity, 'f,format:string pretty'],
  'service logs': [
    'service logs [OPTIONS] SERVICE|TASK',
    1,
    1,
    'details f,follow no-resolve no-task-ids no-trunc raw since:string n,tail:string t,timestamps',
  ],
  'service ps': [
    'service ps [OPTIONS] SERVICE [SERVICE...]',
    1,
    Infinity,
    'f,filter:filter format:string no-resolve no-trunc q,quiet',
  ],
  'service rm': ['service rm SERVICE [SERVICE...]', 1, Infinity, ''],
  'service rollback': ['service rollback [OPTIONS] SERVICE', 1, 1, 'd,detach q,quiet'],
  'service scale': ['service scale SERVICE=REPLICAS [SERVICE=REPLICAS...]', 1, Infinity, 'd,detach'],
  'service update': [
    'service update [OPTIONS] SERVICE',
    1,
    1,
    'args:command cap-add:list cap-drop:list config-add:config config-rm:list constraint-add:list constraint-rm:list container-label-add:list container-label-rm:list credential-spec:credential-spec d,detach dns-add:list dns-option-add:list dns-option-rm:list dns-rm:list dns-search-add:list dns-search-rm:list endpoint-mode:string entrypoint:command env-add:list env-rm:list force generic-resource-add:list generic-resource-rm:list group-add:list group-rm:list health-cmd:string health-interval:duration health-retries:int health-start-interval:duration health-start-period:duration health-timeout:duration host-add:list host-rm:list hostname:string image:string init isolation:string label-add:list label-rm:list limit-cpu:decimal limit-memory:bytes limit-pids:int log-driver:string log-opt:list max-concurrent:uint mount-add:mount mount-rm:list network-add:network network-rm:list no-healthcheck no-resolve-image oom-score-adj:int placement-pref-add:pref placement-pref-rm:pref publish-add:port publish-rm:port q,quiet read-only replicas:uint replicas-max-per-node:uint reserve-cpu:decimal reserve-memory:bytes restart-condition:string restart-delay:duration restart-max-attempts:uint restart-window:duration rollback rollback-delay:duration rollback-failure-action:string rollback-max-failure-ratio:float rollback-monitor:duration rollback-order:string rollback-parallelism:uint secret-add:secret secret-rm:list stop-grace-period:duration stop-signal:string sysctl-add:list sysctl-rm:list t,tty ulimit-add:ulimit ulimit-rm:list update-delay:duration update-failure-action:string update-max-failure-ratio:float update-monitor:duration update-order:string update-parallelism:uint u,user:string with-registry-auth w,workdir:string',
  ],
  'stack config': ['stack config [OPTIONS]', 0, 0, 'c,compose-file:strings skip-interpolation'],
  'stack deploy': [
    'stack deploy [OPTIONS] STACK',
    1,
    1,
    'c,compose-file:strings d,detach prune q,quiet resolve-image:string with-registry-auth',
  ],
  'stack ps': ['stack ps [OPTIONS] STACK', 1, 1, 'f,filter:filter format:string no-resolve no-trunc q,quiet'],
  'stack rm': ['stack rm [OPTIONS] STACK [STACK...]', 1, Infinity, 'd,detach'],
  'stack services': ['stack services [OPTIONS] STACK', 1, 1, 'f,filter:filter format:string q,quiet'],
  'swarm ca': [
    'swarm ca [OPTIONS]',
    0,
    0,
    'ca-cert:pem-file ca-key:pem-file cert-expiry:duration d,detach external-ca:external-ca q,quiet rotate',
  ],
  'swarm init': [
    'swarm init [OPTIONS]',
    0,
    0,
    'advertise-addr:string autolock availability:string cert-expiry:duration data-path-addr:string data-path-port:uint32 default-addr-pool:ipNetSlice default-addr-pool-mask-length:uint32 dispatcher-heartbeat:duration external-ca:external-ca force-new-cluster listen-addr:node-addr max-snapshots:uint snapshot-interval:uint task-history-limit:int',
  ],
  'swarm join': [
    'swarm join [OPTIONS] HOST:PORT',
    1,
    1,
    'advertise-addr:string availability:string data-path-addr:string listen-addr:node-addr token:string',
  ],
  'swarm unlock': ['swarm unlock', 0, 0, ''],
  'swarm update': [
    'swarm update [OPTIONS]',
    0,
    0,
    'autolock cert-expiry:duration dispatcher-heartbeat:duration external-ca:external-ca max-snapshots:uint snapshot-interval:uint task-history-limit:int',
  ],
  'completion bash': ['completion bash', 0, Infinity, 'no-descriptions'],
  'completion fish': ['completion fish [flags]', 0, Infinity, 'no-descriptions'],
  'completion powershell': ['completion powershell [flags]', 0, Infinity, 'no-descriptions'],
  'completion zsh': ['completion zsh [flags]', 0, Infinity, 'no-descriptions'],
}
export const knownTexts: Readonly<Record<string, Texts>> = {
  'checkpoint create': {
    short: 'Create a checkpoint from a running container',
    flags: 'Use a custom checkpoint storage directory\nLeave the container running after checkpoint',
  },
  'checkpoint ls': {
    short: 'List checkpoints for a container',
    aliases: 'docker checkpoint ls, docker checkpoint list',
    flags: 'Use a custom checkpoint storage directory',
  },
  'checkpoint rm': {
    short: 'Remove a checkpoint',
    aliases: 'docker checkpoint rm, docker checkpoint remove',
    flags: 'Use a custom checkpoint storage directory',
  },
  'plugin create': {
    short:
      'Create a plugin from a rootfs and configuration. Plugin data directory must contain config.json and rootfs directory.',
    flags: 'Compress the context using gzip',
  },
  'plugin disable': { short: 'Disable a plugin', flags: 'Force the disable of an active plugin' },
  'plugin enable': { short: 'Enable a plugin', flags: 'HTTP client timeout (in seconds) (default 30)' },
  'plugin inspect': { short: 'Display detailed information on one or more plugins', flags: '~' },
  'plugin install': {
    short: 'Install a plugin',
    flags:
      'Local name for plugin\nDo not enable the plugin on install\nSkip image verification (default true)\nGrant all permissions necessary to run the plugin',
  },
  'plugin push': { short: 'Push a plugin to a registry', flags: 'Skip image signing (default true)' },
  'plugin rm': {
    short: 'Remove one or more plugins',
    aliases: 'docker plugin rm, docker plugin remove',
    flags: 'Force the removal of an active plugin',
  },
  'plugin set': { short: 'Change settings for a plugin', flags: '' },
  'plugin upgrade': {
    short: 'Upgrade an existing plugin',
    flags:
      'Skip image verification (default true)\nGrant all permissions necessary to run the plugin\nDo not check if specified remote plugin matches existing plugin image',
  },
  'config create': { short: 'Create a config from a file or STDIN', flags: 'Config labels\nTemplate driver' },
  'config inspect': {
    short: 'Display detailed information on one or more configs',
    flags: '~\nPrint the information in a human friendly format',
  },
  'config rm': { short: 'Remove one or more configs', aliases: 'docker config rm, docker config remove', flags: '' },
  'node demote': { short: 'Demote one or more nodes from manager in the swarm', flags: '' },
  'node inspect': {
    short: 'Display detailed information on one or more nodes',
    flags: '~\nPrint the information in a human friendly format',
  },
  'node promote': { short: 'Promote one or more nodes to manager in the swarm', flags: '' },
  'node ps': {
    short: 'List tasks running on one or more nodes, defaults to current node',
    flags:
      'Filter output based on conditions provided\nPretty-print tasks using a Go template\nDo not map IDs to Names\nDo not truncate output\nOnly display task IDs',
  },
  'node rm': {
    short: 'Remove one or more nodes from the swarm',
    aliases: 'docker node rm, docker node remove',
    flags: 'Force remove a node from the swarm',
  },
  'node update': {
    short: 'Update a node',
    flags:
      'Availability of the node ("active", "pause", "drain")\nAdd or update a node label ("key=value")\nRemove a node label if exists\nRole of the node ("worker", "manager")',
  },
  'secret create': {
    short: 'Create a secret from a file or STDIN as content',
    flags: 'Secret driver\nSecret labels\nTemplate driver',
  },
  'secret inspect': {
    short: 'Display detailed information on one or more secrets',
    flags: '~\nPrint the information in a human friendly format',
  },
  'secret rm': { short: 'Remove one or more secrets', aliases: 'docker secret rm, docker secret remove', flags: '' },
  'service create': {
    short: 'Create a new service',
    flags:
      'Add Linux capabilities\nDrop Linux capabilities\nSpecify configurations to expose to the service\nPlacement constraints\nContainer labels\nCredential spec for managed service account (Windows only)\nExit immediately instead of waiting for the service to converge\nSet custom DNS servers\nSet DNS options\nSet custom DNS search domains\nEndpoint mode (vip or dnsrr) (default "vip")\nOverwrite the default ENTRYPOINT of the image\nSet environment variables\nRead in a file of environment variables\nUser defined resources\nSet one or more supplementary user groups for the container\nCommand to run to check health\nTime between running the check (ms|s|m|h)\nConsecutive failures needed to report unhealthy\nTime between running the check during the start period (ms|s|m|h)\nStart period for the container to initialize before counting retries towards unstable (ms|s|m|h)\nMaximum time to allow one check to run (ms|s|m|h)\nSet one or more custom host-to-IP mappings (host:ip)\nContainer hostname\nUse an init inside each service container to forward signals and reap processes\nService container isolation mode\nService labels\nLimit CPUs\nLimit Memory\nLimit maximum number of processes (default 0 = unlimited)\nLogging driver for service\nLogging driver options\nNumber of job tasks to run concurrently (default equal to --replicas)\nService mode ("replicated", "global", "replicated-job", "global-job") (default "replicated")\nAttach a filesystem mount to the service\nService name\nNetwork attachments\nDisable any container-specified HEALTHCHECK\nDo not query the registry to resolve image digest and supported platforms\nTune host\'s OOM preferences (-1000 to 1000) \nAdd a placement preference\nPublish a port as a node port\nSuppress progress output\nMount the container\'s root filesystem as read only\nNumber of tasks\nMaximum number of tasks per node (default 0 = unlimited)\nReserve CPUs\nReserve Memory\nRestart when condition is met ("none", "on-failure", "any") (default "any")\nDelay between restart attempts (ns|us|ms|s|m|h) (default 5s)\nMaximum number of restarts before giving up\nWindow used to evaluate the restart policy (ns|us|ms|s|m|h)\nDelay between task rollbacks (ns|us|ms|s|m|h) (default 0s)\nAction on rollback failure ("pause", "continue") (default "pause")\nFailure rate to tolerate during a rollback (default 0)\nDuration after each task rollback to monitor for failure (ns|us|ms|s|m|h) (default 5s)\nRollback order ("start-first", "stop-first") (default "stop-first")\nMaximum number of tasks rolled back simultaneously (0 to roll back all at once) (default 1)\nSpecify secrets to expose to the service\nTime to wait before force killing a container (ns|us|ms|s|m|h) (default 10s)\nSignal to stop the container\nSysctl options\nAllocate a pseudo-TTY\nUlimit options (default [])\nDelay between updates (ns|us|ms|s|m|h) (default 0s)\nAction on update failure ("pause", "continue", "rollback") (default "pause")\nFailure rate to tolerate during an update (default 0)\nDuration after each task update to monitor for failure (ns|us|ms|s|m|h) (default 5s)\nUpdate order ("start-first", "stop-first") (default "stop-first")\nMaximum number of tasks updated simultaneously (0 to update all at once) (default 1)\nUsername or UID (format: <name|uid>[:<group|gid>])\nSend registry authentication details to swarm agents\nWorking directory inside the container',
  },
  'service inspect': {
    short: 'Display detailed information on one or more services',
    flags: '~\nPrint the information in a human friendly format',
  },
  'service logs': {
    short: 'Fetch the logs of a service or task',
    flags:
      'Show extra details provided to logs\nFollow log output\nDo not map IDs to Names in output\nDo not include task IDs in output\nDo not truncate output\nDo not neatly format logs\nShow logs since timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)\nNumber of lines to show from the end of the logs (default "all")\nShow timestamps',
  },
  'service ps': {
    short: 'List the tasks of one or more services',
    flags:
      'Filter output based on conditions provided\nPretty-print tasks using a Go template\nDo not map IDs to Names\nDo not truncate output\nOnly display task IDs',
  },
  'service rm': {
    short: 'Remove one or more services',
    aliases: 'docker service rm, docker service remove',
    flags: '',
  },
  'service rollback': {
    short: "Revert changes to a service's configuration",
    flags: 'Exit immediately instead of waiting for the service to converge\nSuppress progress output',
  },
  'service scale': {
    short: 'Scale one or multiple replicated services',
    flags: 'Exit immediately instead of waiting for the service to converge',
  },
  'service update': {
    short: 'Update a service',
    flags:
      'Service command args\nAdd Linux capabilities\nDrop Linux capabilities\nAdd or update a config file on a service\nRemove a configuration file\nAdd or update a placement constraint\nRemove a constraint\nAdd or update a container label\nRemove a container label by its key\nCredential spec for managed service account (Windows only)\nExit immediately instead of waiting for the service to converge\nAdd or update a custom DNS server\nAdd or update a DNS option\nRemove a DNS option\nRemove a custom DNS server\nAdd or update a custom DNS search domain\nRemove a DNS search domain\nEndpoint mode (vip or dnsrr)\nOverwrite the default ENTRYPOINT of the image\nAdd or update an environment variable\nRemove an environment variable\nForce update even if no changes require it\nAdd a Generic resource\nRemove a Generic resource\nAdd an additional supplementary user group to the container\nRemove a previously added supplementary user group from the container\nCommand to run to check health\nTime between running the check (ms|s|m|h)\nConsecutive failures needed to report unhealthy\nTime between running the check during the start period (ms|s|m|h)\nStart period for the container to initialize before counting retries towards unstable (ms|s|m|h)\nMaximum time to allow one check to run (ms|s|m|h)\nAdd a custom host-to-IP mapping ("host:ip")\nRemove a custom host-to-IP mapping ("host:ip")\nContainer hostname\nService image tag\nUse an init inside each service container to forward signals and reap processes\nService container isolation mode\nAdd or update a service label\nRemove a label by its key\nLimit CPUs\nLimit Memory\nLimit maximum number of processes (default 0 = unlimited)\nLogging driver for service\nLogging driver options\nNumber of job tasks to run concurrently (default equal to --replicas)\nAdd or update a mount on a service\nRemove a mount by its target path\nAdd a network\nRemove a network\nDisable any container-specified HEALTHCHECK\nDo not query the registry to resolve image digest and supported platforms\nTune host\'s OOM preferences (-1000 to 1000) \nAdd a placement preference\nRemove a placement preference\nAdd or update a published port\nRemove a published port by its target port\nSuppress progress output\nMount the container\'s root filesystem as read only\nNumber of tasks\nMaximum number of tasks per node (default 0 = unlimited)\nReserve CPUs\nReserve Memory\nRestart when condition is met ("none", "on-failure", "any")\nDelay between restart attempts (ns|us|ms|s|m|h)\nMaximum number of restarts before giving up\nWindow used to evaluate the restart policy (ns|us|ms|s|m|h)\nRollback to previous specification\nDelay between task rollbacks (ns|us|ms|s|m|h)\nAction on rollback failure ("pause", "continue")\nFailure rate to tolerate during a rollback\nDuration after each task rollback to monitor for failure (ns|us|ms|s|m|h)\nRollback order ("start-first", "stop-first")\nMaximum number of tasks rolled back simultaneously (0 to roll back all at once)\nAdd or update a secret on a service\nRemove a secret\nTime to wait before force killing a container (ns|us|ms|s|m|h)\nSignal to stop the container\nAdd or update a Sysctl option\nRemove a Sysctl option\nAllocate a pseudo-TTY\nAdd or update a ulimit option (default [])\nRemove a ulimit option\nDelay between updates (ns|us|ms|s|m|h)\nAction on update failure ("pause", "continue", "rollback")\nFailure rate to tolerate during an update\nDuration after each task update to monitor for failure (ns|us|ms|s|m|h)\nUpdate order ("start-first", "stop-first")\nMaximum number of tasks updated simultaneously (0 to update all at once)\nUsername or UID (format: <name|uid>[:<group|gid>])\nSend registry authentication details to swarm agents\nWorking directory inside the container',
  },
  'stack config': {
    short: 'Outputs the final config file, after doing merges and interpolations',
    flags: 'Path to a Compose file, or "-" to read from stdin\nSkip interpolation and output only merged config',
  },
  'stack deploy': {
    short: 'Deploy a new stack or update an existing stack',
    aliases: 'docker stack deploy, docker stack up',
    flags:
      'Path to a Compose file, or "-" to read from stdin\nExit immediately instead of waiting for the stack services to converge (default true)\nPrune services that are no longer referenced\nSuppress progress output\nQuery the registry to resolve image digest and supported platforms ("always", "changed", "never") (default "always")\nSend registry authentication details to Swarm agents',
  },
  'stack ps': {
    short: 'List the tasks in the stack',
    flags:
      'Filter output based on conditions provided\n~t\nDo not map IDs to Names\nDo not truncate output\nOnly display task IDs',
  },
  'stack rm': {
    short: 'Remove one or more stacks',
    aliases: 'docker stack rm, docker stack remove, docker stack down',
    flags: 'Do not wait for stack removal (default true)',
  },
  'stack services': {
    short: 'List the services in the stack',
    flags: 'Filter output based on conditions provided\n~t\nOnly display IDs',
  },
  'swarm ca': {
    short: 'Display and rotate the root CA',
    flags:
      'Path to the PEM-formatted root CA certificate to use for the new cluster\nPath to the PEM-formatted root CA key to use for the new cluster\nValidity period for node certificates (ns|us|ms|s|m|h) (default 2160h0m0s)\nExit immediately instead of waiting for the root rotation to converge\nSpecifications of one or more certificate signing endpoints\nSuppress progress output\nRotate the swarm CA - if no certificate or key are provided, new ones will be generated',
  },
  'swarm init': {
    short: 'Initialize a swarm',
    flags:
      'Advertised address (format: "<ip|interface>[:port]")\nEnable manager autolocking (requiring an unlock key to start a stopped manager)\nAvailability of the node ("active", "pause", "drain") (default "active")\nValidity period for node certificates (ns|us|ms|s|m|h) (default 2160h0m0s)\nAddress or interface to use for data path traffic (format: "<ip|interface>")\nPort number to use for data path traffic (1024 - 49151). If no value is set or is set to 0, the default port (4789) is used.\ndefault address pool in CIDR format (default [])\ndefault address pool subnet mask length (default 24)\nDispatcher heartbeat period (ns|us|ms|s|m|h) (default 5s)\nSpecifications of one or more certificate signing endpoints\nForce create a new cluster from current state\nListen address (format: "<ip|interface>[:port]") (default 0.0.0.0:2377)\nNumber of additional Raft snapshots to retain\nNumber of log entries between Raft snapshots (default 10000)\nTask history retention limit (default 5)',
  },
  'swarm join': {
    short: 'Join a swarm as a node and/or manager',
    flags:
      'Advertised address (format: "<ip|interface>[:port]")\nAvailability of the node ("active", "pause", "drain") (default "active")\nAddress or interface to use for data path traffic (format: "<ip|interface>")\nListen address (format: "<ip|interface>[:port]") (default 0.0.0.0:2377)\nToken for entry into the swarm',
  },
  'swarm unlock': { short: 'Unlock swarm', flags: '' },
  'swarm update': {
    short: 'Update the swarm',
    flags:
      'Change manager autolocking setting (true|false)\nValidity period for node certificates (ns|us|ms|s|m|h) (default 2160h0m0s)\nDispatcher heartbeat period (ns|us|ms|s|m|h) (default 5s)\nSpecifications of one or more certificate signing endpoints\nNumber of additional Raft snapshots to retain\nNumber of log entries between Raft snapshots (default 10000)\nTask history retention limit (default 5)',
  },
  'completion bash': {
    short:
      "Generate the autocompletion script for the bash shell.\n\nThis script depends on the 'bash-completion' package.\nIf it is not installed already, you can install it via your OS's package manager.\n\nTo load completions in your current shell session:\n\n\tsource <(docker completion bash)\n\nTo load completions for every new session, execute once:\n\n#### Linux:\n\n\tdocker completion bash > /etc/bash_completion.d/docker\n\n#### macOS:\n\n\tdocker completion bash > $(brew --prefix)/etc/bash_completion.d/docker\n\nYou will need to start a new shell for this setup to take effect.",
    flags: 'disable completion descriptions',
  },
  'completion fish': {
    short:
      'Generate the autocompletion script for the fish shell.\n\nTo load completions in your current shell session:\n\n\tdocker completion fish | source\n\nTo load completions for every new session, execute once:\n\n\tdocker completion fish > ~/.config/fish/completions/docker.fish\n\nYou will need to start a new shell for this setup to take effect.',
    flags: 'disable completion descriptions',
  },
  'completion powershell': {
    short:
      'Generate the autocompletion script for powershell.\n\nTo load completions in your current shell session:\n\n\tdocker completion powershell | Out-String | Invoke-Expression\n\nTo load completions for every new session, add the output of the above command\nto your powershell profile.',
    flags: 'disable completion descriptions',
  },
  'completion zsh': {
    short:
      'Generate the autocompletion script for the zsh shell.\n\nIf shell completion is not already enabled in your environment you will need\nto enable it.  You can execute the following once:\n\n\techo "autoload -U compinit; compinit" >> ~/.zshrc\n\nTo load completions in your current shell session:\n\n\tsource <(docker completion zsh)\n\nTo load completions for every new session, execute once:\n\n#### Linux:\n\n\tdocker completion zsh > "${fpath[1]}/_docker"\n\n#### macOS:\n\n\tdocker completion zsh > $(brew --prefix)/share/zsh/site-functions/_docker\n\nYou will need to start a new shell for this setup to take effect.',
    flags: 'disable completion descriptions',
  },
}
