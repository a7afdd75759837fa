import { SecretsError } from '../errors.ts';
import { Mac } from './mac.ts';
import { compileSelection, type Selection } from './selection.ts';
import type { Replay, Stash } from './stash.ts';
import { Comment, type Scalar, type TreeMap } from './tree.ts';
import { type DataKey, encryptValue, IV_LENGTH } from './value.ts';
import { type LeafPlace, mapLeaves } from './walk.ts';

/** Bytes from a cryptographic source. */
export type Random = (bytes: number) => Uint8Array;

/** What encrypting the leaves of a file takes. */
export interface LeafEncryption {
  readonly selection: Selection;
  readonly macOnlyEncrypted: boolean;
  readonly key: DataKey;
  /** RFC 3339, whole seconds. */
  readonly lastModified: string;
  readonly random: Random;
  /** IVs of the file as it was, used again for what did not change. Only under the same data key. */
  readonly stash: Stash;
}

/**
 * Encrypts the selected leaves of all documents, and the MAC over their plaintext (`sops.go`, Encrypt).
 *
 * @throws SecretsError `BAD_METADATA` where the selection does not compile, or its comment pattern would take an
 * encrypted comment for a plain one
 */
export function encryptLeaves(
  documents: readonly TreeMap[],
  options: LeafEncryption,
): { readonly documents: TreeMap[]; readonly mac: string } {
  const rule = compileSelection(options.selection);
  const mac = new Mac(options.macOnlyEncrypted);
  const sealer = new Sealer(options);
  const staysPlain = (text: string) => rule.onComments && !rule.encryptsHits && rule.hits(text);
  const encrypted = documents.map(document =>
    mapLeaves(document, rule, (leaf, place) => {
      if (leaf instanceof Comment) return sealComment(leaf, place, sealer, staysPlain);
      mac.add(leaf, place.selected);
      return place.selected ? sealer.seal(leaf, place.aad) : leaf;
    }),
  );
  return { documents: encrypted, mac: sealer.seal(mac.finish(), options.lastModified) };
}

/** Gives each leaf the IV it had, or a new one. */
class Sealer {
  readonly stash: Stash;
  readonly #key: DataKey;
  readonly #random: Random;
  readonly #replay: Replay;

  constructor({ key, random, stash }: LeafEncryption) {
    this.stash = stash;
    this.#key = key;
    this.#random = random;
    this.#replay = stash.replay();
  }

  seal(leaf: Scalar | Comment, aad: string): string {
    const iv = this.#replay.next(leaf, aad) ?? this.#random(IV_LENGTH);
    return encryptValue(leaf, aad, this.#key, iv);
  }
}

function sealComment(
  comment: Comment,
  place: LeafPlace,
  sealer: Sealer,
  staysPlain: (text: string) => boolean,
): Comment | string | undefined {
  if (!place.selected) return comment;
  // In a list sops turns an encrypted empty comment into an empty element; the comment holds nothing, so it goes.
  if (place.where === 'element' && comment.text === '') return undefined;
  const text = sealer.seal(comment, place.aad);
  if (staysPlain(text)) {
    throw new SecretsError('BAD_METADATA', 'unencrypted_comment_regex also matches encrypted comments', {
      hint: 'make it so narrow that it cannot match ENC[AES256_GCM,…]',
    });
  }
  if (place.where === 'element') return text;
  return new Comment(text, comment.inline || sealer.stash.wasInline(comment));
}
