import { plainText, typeTag } from './plaintext.ts';
import { type Comment, Float, type Scalar } from './tree.ts';
import { IV_LENGTH } from './value.ts';

/**
 * Remembers under which IVs a file's leaves were encrypted, so that re-encrypting an unchanged leaf under the
 * same data key gives the same ciphertext (`aes/cipher.go`, the stash). Keyed by type, text and additional
 * data together: an IV is only ever given out for exactly the plaintext it was used for before.
 *
 * Unlike Go it keeps every IV of equal elements of a list, so that those do not change either.
 */
export class Stash {
  readonly #ivs = new Map<string, Uint8Array[]>();
  readonly #inline = new WeakSet<Comment>();
  readonly #included: Stash[] = [];

  /** Records a decrypted leaf. IVs of other lengths than 32 bytes are never reused. */
  record(value: Scalar | Comment, aad: string, iv: Uint8Array | null): void {
    const key = stashKey(value, aad);
    if (iv?.length !== IV_LENGTH || key === null) return;
    const known = this.#ivs.get(key);
    if (known === undefined) this.#ivs.set(key, [iv]);
    else known.push(iv);
  }

  /** Records that a decrypted comment stood behind its value; Go forgets that and moves it above. */
  recordInline(comment: Comment): void {
    this.#inline.add(comment);
  }

  wasInline(comment: Comment): boolean {
    return this.#inline.has(comment) || this.#included.some(stash => stash.wasInline(comment));
  }

  /** Takes over what another version of the file, encrypted under the same data key, was encrypted with. */
  include(other: Stash): void {
    this.#included.push(other);
    for (const [key, ivs] of other.#ivs) {
      const known = this.#ivs.get(key) ?? [];
      const fresh = ivs.filter(iv => !known.some(present => Buffer.compare(present, iv) === 0));
      this.#ivs.set(key, [...known, ...fresh]);
    }
  }

  /** A fresh pass over the IVs, for one encryption of the whole file. */
  replay(): Replay {
    return new Replay(this.#ivs);
  }
}

/** Gives out the IVs of a {@link Stash} in the order in which they were recorded, each once. */
export class Replay {
  readonly #ivs: ReadonlyMap<string, readonly Uint8Array[]>;
  readonly #given = new Map<string, number>();

  constructor(ivs: ReadonlyMap<string, readonly Uint8Array[]>) {
    this.#ivs = ivs;
  }

  /** The next IV of this leaf, `null` where a new one is needed. */
  next(value: Scalar | Comment, aad: string): Uint8Array | null {
    const key = stashKey(value, aad);
    if (key === null) return null;
    const given = this.#given.get(key) ?? 0;
    this.#given.set(key, given + 1);
    return this.#ivs.get(key)?.[given] ?? null;
  }
}

/** `null` for NaN, which equals nothing, itself included. */
function stashKey(value: Scalar | Comment, aad: string): string | null {
  if (value instanceof Float && Number.isNaN(value.value)) return null;
  const text = value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : plainText(value);
  const tag = value instanceof Uint8Array ? 'raw' : typeTag(value);
  return `${tag}:${aad.length}:${aad}${text}`;
}
