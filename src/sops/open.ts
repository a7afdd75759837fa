import { SecretsError } from '../errors.ts';
import type { SopsFile } from './document.ts';
import { Mac, sameMac } from './mac.ts';
import { compileSelection } from './selection.ts';
import { Stash } from './stash.ts';
import { Comment, type Scalar, type TreeMap } from './tree.ts';
import { type DataKey, type Decrypted, decryptValue, importDataKey } from './value.ts';
import { type LeafPlace, mapLeaves } from './walk.ts';

/** A file whose values were decrypted and whose MAC was verified. */
export interface Opened {
  /** Plaintext. May be edited and given to `reseal`. */
  readonly documents: TreeMap[];
  readonly stash: Stash;
  /** Sentences for people, without values: comments that are not encrypted though they should be. */
  readonly warnings: readonly string[];
}

export interface OpenOptions {
  /** Accepts a missing or wrong MAC. Values are still authenticated one by one. */
  readonly ignoreMac?: boolean | undefined;
}

/**
 * Decrypts a whole file and verifies its MAC (`sops.go`, Decrypt; `cmd/sops/common`, DecryptTree). All or
 * nothing: values first, then the MAC.
 *
 * @throws SecretsError `BAD_CIPHERTEXT` (a value was changed, moved, or is plaintext where ciphertext must be;
 * stock sops exits 25), `MAC_MISMATCH` (missing, undecryptable or wrong; stock sops exits 51), `BAD_METADATA`
 */
export function open(file: SopsFile, dataKey: Uint8Array, options: OpenOptions = {}): Opened {
  const key = importDataKey(dataKey);
  const rule = compileSelection(file.metadata.selection);
  const mac = new Mac(file.metadata.macOnlyEncrypted);
  const opener = new Opener(key);
  const documents = file.documents.map(document =>
    mapLeaves(document, rule, (leaf, place) => {
      const plain = opener.open(leaf, place);
      if (!(plain instanceof Comment)) mac.add(plain, place.selected);
      return plain;
    }),
  );
  if (options.ignoreMac !== true) verifyMac(file, mac.finish(), key, opener.stash);
  return { documents, stash: opener.stash, warnings: opener.warnings };
}

class Opener {
  readonly stash = new Stash();
  readonly warnings: string[] = [];
  readonly #key: DataKey;

  constructor(key: DataKey) {
    this.#key = key;
  }

  open(leaf: Scalar | Comment, place: LeafPlace): Scalar | Comment {
    if (!place.selected) return leaf;
    if (leaf instanceof Comment) return this.#comment(leaf, place);
    if (typeof leaf !== 'string') throw plaintext(place);
    const { value, iv } = this.#decrypt(leaf, place);
    if (value instanceof Comment && place.where === 'value')
      throw damaged(place, 'it is a comment, not a value');
    this.stash.record(value, place.aad, iv);
    return value;
  }

  #decrypt(text: string, place: LeafPlace): Decrypted {
    if (text !== '' && !text.startsWith('ENC[')) throw plaintext(place);
    try {
      return decryptValue(text, place.aad, this.#key);
    } catch (error) {
      throw error instanceof SecretsError ? damaged(place, error.message) : error;
    }
  }

  /** A comment that does not decrypt is kept as it is: sops encrypts comments only since 3.4. */
  #comment(comment: Comment, place: LeafPlace): Comment {
    if (comment.text === '') return comment;
    const { value, iv } = this.#tryComment(comment, place);
    if (!(value instanceof Comment)) throw damaged(place, 'a value stands where a comment was');
    if (iv === null) return value;
    this.stash.record(value, place.aad, iv);
    if (comment.inline) this.stash.recordInline(value);
    return value;
  }

  #tryComment(comment: Comment, place: LeafPlace): Decrypted {
    try {
      return decryptValue(comment.text, place.aad, this.#key);
    } catch (error) {
      if (!(error instanceof SecretsError)) throw error;
      this.warnings.push(`a comment ${inside(place.path)} is not encrypted, or was changed`);
      return { value: comment, iv: null };
    }
  }
}

function verifyMac(file: SopsFile, computed: string, key: DataKey, stash: Stash): void {
  const { mac, lastModified } = file.metadata;
  const hint =
    'the file was changed without sops, or its values were mixed up: take the last good version from git';
  if (mac === '') throw new SecretsError('MAC_MISMATCH', 'the file has no MAC', { hint });
  const { value, iv } = decryptMac(mac, lastModified, key, hint);
  if (typeof value !== 'string' || !sameMac(value, computed)) {
    throw new SecretsError('MAC_MISMATCH', 'the MAC does not match the values of the file', { hint });
  }
  stash.record(value, lastModified, iv);
}

function decryptMac(mac: string, lastModified: string, key: DataKey, hint: string): Decrypted {
  try {
    return decryptValue(mac, lastModified, key);
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    throw new SecretsError('MAC_MISMATCH', `the MAC cannot be decrypted: ${error.message}`, { hint });
  }
}

function plaintext(place: LeafPlace): SecretsError {
  return new SecretsError(
    'BAD_CIPHERTEXT',
    `the value of ${shown(place.path)} is not encrypted, but it must be`,
    {
      hint: 'somebody wrote it in clear: treat it as published, and set it again',
    },
  );
}

function damaged(place: LeafPlace, why: string): SecretsError {
  return new SecretsError('BAD_CIPHERTEXT', `the value of ${shown(place.path)} cannot be decrypted: ${why}`, {
    hint: 'take the last good version of the file from git',
  });
}

function inside(path: readonly string[]): string {
  return path.length === 0 ? 'at the top level' : `in ${shown(path)}`;
}

function shown(path: readonly string[]): string {
  return path.join('/');
}
