/** Commands that skopeo has and that aren't emulated: their flags and help, as Debian 12's version prints it; see texts.ts for the form. */
export const knownShapes: Readonly<Record<string, string>> = {
  'standalone-sign': 'h,help o,output:SIGNATURE passphrase-file:string',
  'standalone-verify': 'h,help',
  sync: 'a,all authfile:string d,dest:string dest-authfile:string dest-cert-dir:PATH dest-creds:USERNAME[~PASSWORD] dest-no-creds dest-password:string dest-registry-token:string dest-tls-verify dest-username:string dry-run f,format:string h,help keep-going preserve-digests remove-signatures retry-times:int scoped sign-by:FINGERPRINT sign-by-sigstore-private-key:PATH sign-passphrase-file:string s,src:string src-authfile:string src-cert-dir:PATH src-creds:USERNAME[~PASSWORD] src-no-creds src-password:string src-registry-token:string src-tls-verify src-username:string',
}
export const knownTexts: Readonly<Record<string, { readonly head: string; readonly flags: string }>> = {
  'standalone-sign': {
    head: 'Create a signature using local files\n\nUsage:\nskopeo standalone-sign [command options] MANIFEST DOCKER-REFERENCE KEY-FINGERPRINT --output|-o SIGNATURE',
    flags:
      'help for standalone-sign\noutput the signature to SIGNATURE\nfile that contains a passphrase for the --sign-by key',
  },
  'standalone-verify': {
    head: 'Verify a signature using local files\n\nUsage:\nskopeo standalone-verify MANIFEST DOCKER-REFERENCE KEY-FINGERPRINT SIGNATURE',
    flags: 'help for standalone-verify',
  },
  sync: {
    head: 'Copy all the images from a SOURCE to a DESTINATION.\n\nAllowed SOURCE transports (specified with --src): docker, dir, yaml.\nAllowed DESTINATION transports (specified with --dest): docker, dir.\n\nSee skopeo-sync(1) for details.\n\nUsage:\nskopeo sync [command options] --src TRANSPORT --dest TRANSPORT SOURCE DESTINATION\n\nExamples:\nskopeo sync --src docker --dest dir --scoped registry.example.com/busybox /media/usb',
    flags:
      'Copy all images if SOURCE-IMAGE is a list\npath of the authentication file. Default is ${XDG_RUNTIME_DIR}/containers/auth.json\nDESTINATION transport type\npath of the authentication file. Default is ${XDG_RUNTIME_DIR}/containers/auth.json\nuse certificates at PATH (*.crt, *.cert, *.key) to connect to the registry or daemon\nUse USERNAME[:PASSWORD] for accessing the registry\nAccess the registry anonymously\nPassword for accessing the registry\nProvide a Bearer token for accessing the registry\nrequire HTTPS and verify certificates when talking to the container registry or daemon\nUsername for accessing the registry\nRun without actually copying data\nMANIFEST TYPE (oci, v2s1, or v2s2) to use when syncing image(s) to a destination (default is manifest type of source, with fallbacks)\nhelp for sync\nDo not abort the sync if any image copy fails\nPreserve digests of images and lists\nDo not copy signatures from SOURCE images\nthe number of times to possibly retry\nImages at DESTINATION are prefix using the full source image path as scope\nSign the image using a GPG key with the specified FINGERPRINT\nSign the image using a sigstore private key at PATH\nFile that contains a passphrase for the --sign-by key\nSOURCE transport type\npath of the authentication file. Default is ${XDG_RUNTIME_DIR}/containers/auth.json\nuse certificates at PATH (*.crt, *.cert, *.key) to connect to the registry or daemon\nUse USERNAME[:PASSWORD] for accessing the registry\nAccess the registry anonymously\nPassword for accessing the registry\nProvide a Bearer token for accessing the registry\nrequire HTTPS and verify certificates when talking to the container registry or daemon\nUsername for accessing the registry',
  },
}
