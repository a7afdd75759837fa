/**
 * Names what a person pasted into a place that wants something else. The answers are fixed texts, so that a
 * message built of them can hold nothing of a private key.
 */

const SSH_TYPES: readonly (readonly [RegExp, string])[] = [
  [/^\S+-cert-v\d\d@openssh\.com\s/, 'an ssh certificate'],
  [/^sk-(ssh|ecdsa)-\S+\s/, 'an ssh key of a hardware token (sk)'],
  [/^ecdsa-\S+\s/, 'an ssh key of type ecdsa'],
  [/^ssh-dss\s/, 'an ssh key of type dsa'],
  [/^ssh-rsa\s/, 'an ssh key of type rsa'],
  [/^ssh-ed25519\s/, 'an ssh key of type ed25519'],
];

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN PGP PUBLIC KEY/i, 'a PGP public key block'],
  [/-----BEGIN (CERTIFICATE|[A-Z ]*PUBLIC KEY)|---- BEGIN SSH2/, 'a public key or certificate in PEM form'],
  [/^-----BEGIN AGE ENCRYPTED FILE|^age-encryption\.org\//, 'a file encrypted with age'],
  [/^(SHA256:|MD5:)\S/, 'the fingerprint of an ssh key'],
  [/^(0x)?[0-9A-F]{40}$/i, 'a PGP fingerprint'],
  [/^age1/, 'an age public key'],
  [/^AGE1/i, 'an age public key in capitals'],
];

/** True where a private key stands anywhere in the text: of age, of an age plugin, of ssh, of TLS, of PGP. */
export function holdsPrivateKey(text: string): boolean {
  return /AGE-SECRET-KEY-|AGE-PLUGIN-\S{1,64}-1|-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/i.test(text);
}

/** What the text is, as `a PGP fingerprint`; `null` where it cannot be told. */
export function nameWhatItIs(text: string): string | null {
  if (holdsPrivateKey(text)) return 'a private key';
  const trimmed = text.trim();
  const compact = trimmed.replace(/ /g, '');
  for (const [pattern, name] of SSH_TYPES) if (pattern.test(trimmed)) return name;
  for (const [pattern, name] of KINDS) if (pattern.test(trimmed) || pattern.test(compact)) return name;
  return null;
}
