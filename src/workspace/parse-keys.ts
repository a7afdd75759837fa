import { isScalar, type Node } from 'yaml';
import type { NamedKey } from './model.ts';
import { fingerprint } from './rule-keys.ts';
import type { YamlSource } from './yaml-source.ts';

/** Longest and shortest form in which gpg takes a key by its hexadecimal id or fingerprint. */
const PGP = /^(0x)?[0-9A-Fa-f]{16,64}!?$/;

/** True for text that can be one public key: age, an age plugin, ssh, or a PGP fingerprint. */
export function looksLikeRecipient(text: string): boolean {
  if (/[,\n]/.test(text)) return false;
  return /^age1[0-9a-z]/.test(text) || /^ssh-[a-z0-9-]+ \S/.test(text) || PGP.test(fingerprint(text));
}

/** Every anchored public key, wherever in the file it stands, in document order. */
export function namedKeys(source: YamlSource): NamedKey[] {
  const keys: NamedKey[] = [];
  for (const [name, node] of source.anchors) {
    const recipient = recipientText(node);
    if (recipient !== null) keys.push({ name, recipient, line: source.lineOf(node) });
  }
  return keys;
}

/** The public key that a scalar holds, `null` for every other node. */
export function recipientText(node: Node | null): string | null {
  if (!isScalar(node)) return null;
  const text = String(node.value).trim();
  return looksLikeRecipient(text) ? text : null;
}

/**
 * The form in which two spellings of one key are equal: an ssh key without its comment, a fingerprint without
 * blanks and case.
 */
export function canonicalRecipient(recipient: string): string {
  const text = recipient.trim();
  if (text.startsWith('age1')) return text;
  if (text.startsWith('ssh-')) return text.split(/\s+/, 2).join(' ');
  return PGP.test(fingerprint(text)) ? fingerprint(text).toUpperCase() : text;
}

/** Names and recipients, both ways. The first name of a key is the one that is shown. */
export class KeyNames {
  readonly #recipients = new Map<string, string>();
  readonly #names = new Map<string, string>();

  constructor(keys: readonly NamedKey[]) {
    for (const { name, recipient } of keys) {
      this.#recipients.set(name, recipient);
      const canonical = canonicalRecipient(recipient);
      if (!this.#names.has(canonical)) this.#names.set(canonical, name);
    }
  }

  recipientOf(name: string): string | null {
    return this.#recipients.get(name) ?? null;
  }

  nameOf(recipient: string): string | null {
    return this.#names.get(canonicalRecipient(recipient)) ?? null;
  }

  names(): Iterable<string> {
    return this.#recipients.keys();
  }
}
