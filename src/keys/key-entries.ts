/** The text of a key file: identities, one on a line, under comments in the manner of age-keygen. */

import { type Identity, parseIdentityText, recipientOfIdentity } from '../age/identity.ts';
import { SecretsError } from '../errors.ts';
import type { Redacted } from '../redacted.ts';

/** An identity that is to be written. */
export interface NewEntry {
  readonly identity: Redacted<string>;
  readonly recipient: string;
  /** Left out: nobody named it. */
  readonly name?: string | undefined;
  /** Left out: nobody knows when it was made. */
  readonly now?: Date | undefined;
}

/** An identity in a key file, and the comments that belong to it. */
export interface KeyEntry {
  /** From its `# name:` line; `null` where it has none. */
  readonly name: string | null;
  /** With its recipient, where that can be told without a plugin. */
  readonly identity: Identity;
  /** Index of its first comment line. */
  readonly from: number;
  /** Index of its own line. */
  readonly at: number;
}

const OWN_COMMENT = /^# (created|name|public key): /;

/** The lines of an entry, with a final newline. */
export function entryText({ identity, recipient, name, now }: NewEntry): string {
  const created = now === undefined ? [] : [`# created: ${now.toISOString().slice(0, 19)}Z`];
  const named = name === undefined ? [] : [`# name: ${name}`];
  return [...created, ...named, `# public key: ${recipient}`, identity.reveal(), ''].join('\n');
}

/**
 * Finds the identities of a key file. Comments that we and age-keygen write above one belong to it.
 *
 * @throws SecretsError `BAD_IDENTITY` with the line, `UNSUPPORTED`: then stock sops takes nothing of it either
 */
export async function keyEntries(text: string): Promise<KeyEntry[]> {
  const lines = text.split('\n').map(line => (line.endsWith('\r') ? line.slice(0, -1) : line));
  const identities = parseIdentityText(text);
  const places = lines.flatMap((line, at) => (line === '' || line.startsWith('#') ? [] : [at]));
  return Promise.all(
    identities.map(async (identity, index) => {
      const at = places[index] ?? 0;
      const from = firstComment(lines, at);
      const recipient = await recipientOfIdentity(identity);
      return { name: nameIn(lines.slice(from, at)), identity: { ...identity, recipient }, from, at };
    }),
  );
}

function firstComment(lines: readonly string[], at: number): number {
  let from = at;
  while (from > 0 && OWN_COMMENT.test(lines[from - 1] ?? '')) from--;
  return from;
}

function nameIn(comments: readonly string[]): string | null {
  const names = comments.flatMap(line => /^# name: ([a-z0-9][a-z0-9_-]{0,62})$/.exec(line)?.[1] ?? []);
  return names.at(-1) ?? null;
}

/**
 * A key file with another entry at its end; everything that was there stays as it was.
 *
 * @throws SecretsError `ALREADY_EXISTS` where it holds that identity, `BAD_IDENTITY`, `UNSUPPORTED` where stock
 * sops could not use it, so that the new identity would be useless in it
 */
export async function withEntry(before: Uint8Array, entry: NewEntry): Promise<Uint8Array> {
  const present = await keyEntries(decode(before));
  if (present.some(({ identity }) => identity.recipient === entry.recipient)) {
    throw new SecretsError('ALREADY_EXISTS', 'the key file holds this identity already');
  }
  const newline = before.length > 0 && before.at(-1) !== 0x0a ? '\n' : '';
  return Buffer.concat([before, Buffer.from(`${newline}${entryText(entry)}`)]);
}

/**
 * A key file without an identity and its comments; every other line stays as it was.
 *
 * @throws SecretsError `UNKNOWN_KEY`, and what {@link keyEntries} throws
 */
export async function withoutEntry(before: Uint8Array, recipient: string): Promise<Uint8Array> {
  const text = decode(before);
  const gone = (await keyEntries(text)).filter(({ identity }) => identity.recipient === recipient);
  if (gone.length === 0) throw new SecretsError('UNKNOWN_KEY', 'the key file does not hold this identity');
  const lines = text.split('\n');
  const kept = lines.filter((_, index) => !gone.some(({ from, at }) => index >= from && index <= at));
  return new TextEncoder().encode(kept.join('\n'));
}

/** Text that is not UTF-8 spoils the list by itself; a byte order mark has to stay to do the same. */
function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
