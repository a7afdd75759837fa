import {
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decrypter } from 'age-encryption';
import { parse } from 'yaml';
import { decodeBech32 } from '../../src/age/bech32.ts';

/** A key pair that ever existed in a session. */
export interface KeyPair {
  readonly identity: string;
  readonly recipient: string;
}

interface Config {
  readonly creation_rules?: readonly {
    readonly path_regex: string;
    readonly key_groups: readonly { readonly age: readonly string[] }[];
  }[];
}

/**
 * Who may read each encrypted file of a work tree, read from `.sops.yaml` by this test's own means: npm `yaml`
 * follows the aliases, the first pattern that hits counts.
 */
export function wantedReaders(work: string): Map<string, Set<string>> {
  const config = parse(readFileSync(join(work, '.sops.yaml'), 'utf8')) as Config;
  const rules = (config.creation_rules ?? []).map(rule => ({
    pattern: new RegExp(rule.path_regex),
    readers: new Set(rule.key_groups.flatMap(group => group.age)),
  }));
  return new Map(
    encryptedFiles(work).map(path => [
      path,
      rules.find(({ pattern }) => pattern.test(path))?.readers ?? new Set(),
    ]),
  );
}

/** Every file below `secrets/` that is neither Nix nor git's. */
export function encryptedFiles(work: string): string[] {
  return readdirSync(join(work, 'secrets'), { recursive: true, encoding: 'utf8' })
    .map(name => `secrets/${name}`)
    .filter(path => /\.(yaml|env|bin)$/.test(path))
    .sort();
}

/** Who opens a text: a key that is made later opens no older text. */
const known = new Map<string, Set<string>>();

/** The public halves of those pairs that open a file. */
export async function openers(work: string, path: string, pairs: readonly KeyPair[]): Promise<Set<string>> {
  const text = readFileSync(join(work, path), 'utf8');
  const opening = known.get(text) ?? (await tryAll(text, pairs));
  known.set(text, opening);
  return opening;
}

/** A pair that fits is tried once more with the library: what it opens is no guess. */
async function tryAll(text: string, pairs: readonly KeyPair[]): Promise<Set<string>> {
  const opening = new Set<string>();
  for (const file of armoredParts(text)) {
    const stanzas = stanzasOf(file);
    for (const { identity, recipient } of pairs) {
      if (stanzas.some(stanza => fits(stanza, identity)) && (await opens(file, identity)))
        opening.add(recipient);
    }
  }
  return opening;
}

interface Stanza {
  readonly share: Buffer;
  readonly body: Buffer;
}

/** The X25519 stanzas of a header (age v1, "X25519 recipient type"). */
function stanzasOf(file: Uint8Array): Stanza[] {
  const [header = ''] = Buffer.from(file).toString('latin1').split('\n---');
  return [...header.matchAll(/^-> X25519 (\S+)\n(\S+)$/gm)].map(([, share = '', body = '']) => ({
    share: Buffer.from(share, 'base64'),
    body: Buffer.from(body, 'base64'),
  }));
}

interface NativeKey {
  readonly secret: KeyObject;
  readonly raw: Buffer;
}

/** DER around 32 bytes (RFC 8410). */
const PRIVATE = Buffer.from('302e020100300506032b656e04220420', 'hex');
const PUBLIC = Buffer.from('302a300506032b656e032100', 'hex');
const keys = new Map<string, NativeKey>();

function nativeKey(identity: string): NativeKey {
  const known = keys.get(identity);
  if (known !== undefined) return known;
  const decoded = decodeBech32(identity.toLowerCase());
  if (typeof decoded === 'string') throw new Error(`not an identity: ${decoded}`);
  const der = Buffer.concat([PRIVATE, decoded.bytes]);
  const secret = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const made = createPublicKey(secret).export({ format: 'der', type: 'spki' });
  const key = { secret, raw: made.subarray(PUBLIC.length) };
  keys.set(identity, key);
  return key;
}

/** Hundreds of keys are tried on thousands of stanzas, for which the library takes minutes. */
function fits({ share, body }: Stanza, identity: string): boolean {
  const { secret, raw } = nativeKey(identity);
  const peer = createPublicKey({ key: Buffer.concat([PUBLIC, share]), format: 'der', type: 'spki' });
  const shared = diffieHellman({ privateKey: secret, publicKey: peer });
  const salt = Buffer.concat([share, raw]);
  const key = Buffer.from(hkdfSync('sha256', shared, salt, 'age-encryption.org/v1/X25519', 32));
  const cipher = createDecipheriv('chacha20-poly1305', key, Buffer.alloc(12), { authTagLength: 16 });
  cipher.setAuthTag(body.subarray(16));
  try {
    cipher.update(body.subarray(0, 16));
    cipher.final();
    return true;
  } catch {
    return false;
  }
}

async function opens(file: Uint8Array, identity: string): Promise<boolean> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  try {
    return (await decrypter.decrypt(file)).length === 32;
  } catch {
    return false;
  }
}

/** The age files in a sops file of any format: line ends are written as they are, escaped, or indented. */
function armoredParts(text: string): Uint8Array[] {
  const parts = text.matchAll(/-----BEGIN AGE ENCRYPTED FILE-----(.*?)-----END AGE ENCRYPTED FILE-----/gs);
  return [...parts].map(([, body = '']) => Buffer.from(body.replace(/\\n|\s/g, ''), 'base64'));
}
