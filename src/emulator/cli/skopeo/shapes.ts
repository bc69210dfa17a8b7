/** The flags of skopeo's commands in the order of its help; `shorthand,name:type`, a type's colons written as `~`. */
export const globals =
  'command-timeout:duration debug h,help insecure-policy override-arch:ARCH override-os:OS override-variant:VARIANT policy:string registries.d:DIR tmpdir:string v,version'
/** Commands that are carried out, by name. */
export const shapes: Readonly<Record<string, string>> = {
  copy: 'additional-tag:strings a,all authfile:string decryption-key:strings dest-authfile:string dest-cert-dir:PATH dest-compress dest-compress-format:FORMAT dest-compress-level:LEVEL dest-creds:USERNAME[~PASSWORD] dest-daemon-host:HOST dest-decompress dest-no-creds dest-oci-accept-uncompressed-layers dest-password:string dest-precompute-digests dest-registry-token:string dest-shared-blob-dir:DIRECTORY dest-tls-verify dest-username:string digestfile:string encrypt-layer:ints encryption-key:strings f,format:string h,help multi-arch:string preserve-digests q,quiet remove-signatures retry-times:int sign-by:FINGERPRINT sign-by-sigstore-private-key:PATH sign-identity:string sign-passphrase-file:PATH src-authfile:string src-cert-dir:PATH src-creds:USERNAME[~PASSWORD] src-daemon-host:HOST src-no-creds src-password:string src-registry-token:string src-shared-blob-dir:DIRECTORY src-tls-verify src-username:string',
  delete:
    'authfile:string cert-dir:PATH creds:USERNAME[~PASSWORD] daemon-host:HOST h,help no-creds password:string registry-token:string retry-times:int shared-blob-dir:DIRECTORY tls-verify username:string',
  inspect:
    'authfile:string cert-dir:PATH config creds:USERNAME[~PASSWORD] daemon-host:HOST f,format:string h,help no-creds n,no-tags password:string raw registry-token:string retry-times:int shared-blob-dir:DIRECTORY tls-verify username:string',
  'list-tags':
    'authfile:string cert-dir:PATH creds:USERNAME[~PASSWORD] h,help no-creds password:string registry-token:string retry-times:int tls-verify username:string',
  login:
    'authfile:string cert-dir:string get-login h,help p,password:string password-stdin tls-verify u,username:string v,verbose',
  logout: 'a,all authfile:string h,help tls-verify',
  'manifest-digest': 'h,help',
}
/** Commands that skopeo has and that aren't emulated. */
export const others: readonly string[] = 'standalone-sign|standalone-verify|sync'.split('|')
