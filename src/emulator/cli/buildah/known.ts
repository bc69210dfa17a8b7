/** Commands that buildah has and that aren't emulated: their flags and help, as Debian 12's version prints it; see texts.ts for the form. */
export const knownShapes: Readonly<Record<string, string>> = {
  'manifest add':
    'all annotation:annotation arch:architecture authfile:string cert-dir:string creds:[username[~password]] features:features h,help os:OS os-features:features os-version:version tls-verify variant:variant',
  'manifest annotate':
    'annotation:annotation arch:Architecture features:features h,help os:OS os-features:features os-version:version variant:Variant',
  'manifest create': 'all amend h,help tls-verify',
  'manifest exists': 'h,help',
  'manifest inspect': 'h,help',
  'manifest push':
    'all authfile:string cert-dir:string creds:[username[~password]] digestfile:string f,format:string h,help q,quiet remove-signatures rm sign-by:FINGERPRINT tls-verify',
  'manifest remove': 'h,help',
  'manifest rm': 'h,help',
  'source add': 'annotation:stringArray h,help',
  'source create': 'author:string h,help time-stamp',
  'source pull': 'creds:[username[~password]] h,help q,quiet tls-verify',
  'source push': 'creds:[username[~password]] h,help q,quiet tls-verify',
}
export const knownTexts: Readonly<Record<string, { readonly head: string; readonly flags: string }>> = {
  'manifest add': {
    head: '\n  Adds an image to a manifest list or image index.\n\nUsage:\n  buildah manifest add [flags]\n\nExamples:\n  buildah manifest add mylist:v1.11 image:v1.11-amd64\n  buildah manifest add mylist:v1.11 transport:imageName',
    flags:
      "add all of the list's images if the image is a list\nset an annotation for the specified image\noverride the architecture of the specified image\npath of the authentication file. Use REGISTRY_AUTH_FILE environment variable to override\nuse certificates at the specified path to access the registry\nuse [username[:password]] for accessing the registry\noverride the features of the specified image\nhelp for add\noverride the OS of the specified image\noverride the OS features of the specified image\noverride the OS version of the specified image\nrequire HTTPS and verify certificates when accessing the registry. TLS verification cannot be used when talking to an insecure registry. (default true)\noverride the variant of the specified image",
  },
  'manifest annotate': {
    head: '\n  Adds or updates information about an entry in a manifest list or image index.\n\nUsage:\n  buildah manifest annotate [flags]\n\nExamples:\n  buildah manifest annotate --annotation left=right mylist:v1.11 image:v1.11-amd64',
    flags:
      'set an annotation for the specified image\noverride the Architecture of the specified image\noverride the features of the specified image\nhelp for annotate\noverride the OS of the specified image\noverride the os features of the specified image\noverride the os version of the specified image\noverride the Variant of the specified image',
  },
  'manifest create': {
    head: '\n  Creates manifest lists and image indexes.\n\nUsage:\n  buildah manifest create [flags]\n\nExamples:\n  buildah manifest create mylist:v1.11\n  buildah manifest create mylist:v1.11 arch-specific-image-to-add\n  buildah manifest create --all mylist:v1.11 transport:tagged-image-to-add',
    flags:
      "add all of the lists' images if the images to add are lists\nmodify an existing list if one with the desired name already exists\nhelp for create\nrequire HTTPS and verify certificates when accessing the registry. TLS verification cannot be used when talking to an insecure registry. (default true)",
  },
  'manifest exists': {
    head: '\n  Check if a manifest list exists in local storage.\n\nUsage:\n  buildah manifest exists [flags]\n\nExamples:\n  buildah manifest exists mylist',
    flags: 'help for exists',
  },
  'manifest inspect': {
    head: '\n  Display the contents of a manifest list or image index.\n\nUsage:\n  buildah manifest inspect [flags]\n\nExamples:\n  buildah manifest inspect mylist:v1.11',
    flags: 'help for inspect',
  },
  'manifest push': {
    head: '\n  Pushes manifest lists and image indexes to registries.\n\nUsage:\n  buildah manifest push [flags]\n\nExamples:\n  buildah manifest push mylist:v1.11 transport:imageName',
    flags:
      "also push the images in the list\npath of the authentication file. Use REGISTRY_AUTH_FILE environment variable to override\nuse certificates at the specified path to access the registry\nuse [username[:password]] for accessing the registry\nafter copying the image, write the digest of the resulting digest to the file\nmanifest type (oci or v2s2) to attempt to use when pushing the manifest list (default is manifest type of source)\nhelp for push\ndon't output progress information when pushing lists\ndon't copy signatures when pushing images\nremove the manifest list if push succeeds\nsign the image using a GPG key with the specified FINGERPRINT\nrequire HTTPS and verify certificates when accessing the registry. TLS verification cannot be used when talking to an insecure registry. (default true)",
  },
  'manifest remove': {
    head: '\n  Removes an image from a manifest list or image index.\n\nUsage:\n  buildah manifest remove [flags]\n\nExamples:\n  buildah manifest remove mylist:v1.11 sha256:15352d97781ffdf357bf3459c037be3efac4133dc9070c2dce7eca7c05c3e736',
    flags: 'help for remove',
  },
  'manifest rm': {
    head: '\n  Remove one or more manifest lists from local storage.\n\nUsage:\n  buildah manifest rm [flags]\n\nExamples:\n  buildah manifest rm mylist:v1.11',
    flags: 'help for rm',
  },
  'source add': {
    head: '  Add add a source artifact to a source image.  The artifact will be added as a gzip-compressed tar ball.  Add attempts to auto-tar and auto-compress only if necessary.\n\n  Note that the buildah-source command and all its subcommands are experimental and may be subject to future changes.\n\nUsage:\n  buildah source add [flags]\n\nExamples:\n  buildah source add /tmp/fedora sources.tar.gz',
    flags: 'add an annotation (format: key=value)\nhelp for add',
  },
  'source create': {
    head: '  Create and initialize a source image.  A source image is an OCI artifact; an OCI image with a custom config media type.\n\n  Note that the buildah-source command and all its subcommands are experimental and may be subject to future changes.\n\nUsage:\n  buildah source create [flags]\n\nExamples:\n  buildah source create /tmp/fedora:latest-source',
    flags: 'set the author\nhelp for create\nset the "created" time stamp (default true)',
  },
  'source pull': {
    head: '  Pull a source image from a registry to a specified path.  The pull operation will fail if the image does not comply with a source-image OCI artifact.\n\n  Note that the buildah-source command and all its subcommands are experimental and may be subject to future changes.\n\nUsage:\n  buildah source pull [flags]\n\nExamples:\n  buildah source pull quay.io/sourceimage/example:latest /tmp/sourceimage:latest',
    flags:
      "use [username[:password]] for accessing the registry\nhelp for pull\ndon't output pull progress information\nrequire HTTPS and verify certificates when accessing the registry (default true)",
  },
  'source push': {
    head: '  Push a source image from a specified path to a registry.\n\n  Note that the buildah-source command and all its subcommands are experimental and may be subject to future changes.\n\nUsage:\n  buildah source push [flags]\n\nExamples:\n  buildah source push /tmp/sourceimage:latest quay.io/sourceimage/example:latest',
    flags:
      "use [username[:password]] for accessing the registry\nhelp for push\ndon't output push progress information\nrequire HTTPS and verify certificates when accessing the registry (default true)",
  },
}
export const knownGroups: Readonly<Record<string, string>> = {
  manifest:
    '\n  Creates, modifies, and pushes manifest lists and image indexes.\n\nUsage:\n  buildah manifest [command]\n\nExamples:\n  buildah manifest create localhost/list\n  buildah manifest add localhost/list localhost/image\n  buildah manifest annotate --annotation A=B localhost/list localhost/image\n  buildah manifest annotate --annotation A=B localhost/list sha256:entryManifestDigest\n  buildah manifest inspect localhost/list\n  buildah manifest push localhost/list transport:destination\n  buildah manifest remove localhost/list sha256:entryManifestDigest\n  buildah manifest rm localhost/list\n\nAvailable Commands:\n  add         Add images to a manifest list or image index\n  annotate    Add or update information about an entry in a manifest list or image index\n  create      Create manifest list or image index\n  exists      Check if a manifest list exists in local storage\n  inspect     Display the contents of a manifest list or image index\n  push        Push a manifest list or image index to a registry\n  remove      Remove an entry from a manifest list or image index\n  rm          Remove manifest list or image index\n\nFlags:\n  -h, --help   help for manifest',
  source:
    '  Create, push, pull and manage source images and associated source artifacts.  A source image contains all source artifacts an ordinary OCI image has been built with.  Those artifacts can be any kind of source artifact, such as source RPMs, an entire source tree or text files.\n\n  Note that the buildah-source command and all its subcommands are experimental and may be subject to future changes.\n\nUsage:\n  buildah source [flags]\n  buildah source [command]\n\nAvailable Commands:\n  add         Add a source artifact to a source image\n  create      Create a source image\n  pull        Pull a source image from a registry to a specified path\n  push        Push a source image from a specified path to a registry\n\nFlags:\n  -h, --help   help for source',
}
