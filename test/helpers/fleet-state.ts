import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decrypter } from 'age-encryption';
import { parse } from 'yaml';

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

/** The public halves of those pairs that open a file, tried one by one with the library. */
export async function openers(work: string, path: string, pairs: readonly KeyPair[]): Promise<Set<string>> {
  const text = readFileSync(join(work, path), 'utf8');
  const opening = known.get(text) ?? (await tryAll(text, pairs));
  known.set(text, opening);
  return opening;
}

async function tryAll(text: string, pairs: readonly KeyPair[]): Promise<Set<string>> {
  const stanzas = armoredParts(text);
  const opening = new Set<string>();
  for (const { identity, recipient } of pairs) {
    for (const stanza of stanzas) if (await opens(stanza, identity)) opening.add(recipient);
  }
  return opening;
}

async function opens(stanza: Uint8Array, identity: string): Promise<boolean> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  try {
    return (await decrypter.decrypt(stanza)).length === 32;
  } catch {
    return false;
  }
}

/** The age files in a sops file of any format: line ends are written as they are, escaped, or indented. */
function armoredParts(text: string): Uint8Array[] {
  const parts = text.matchAll(/-----BEGIN AGE ENCRYPTED FILE-----(.*?)-----END AGE ENCRYPTED FILE-----/gs);
  return [...parts].map(([, body = '']) => Buffer.from(body.replace(/\\n|\s/g, ''), 'base64'));
}
