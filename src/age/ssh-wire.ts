/** Reads the length-prefixed fields of RFC 4251; every method gives `null` where the bytes run out. */
export class SshReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** A number of four bytes. */
  uint32(): number | null {
    const field = this.bytes(4);
    return field === null ? null : new DataView(field.buffer, field.byteOffset, 4).getUint32(0);
  }

  /** A byte string with its length before it. */
  string(): Uint8Array | null {
    const length = this.uint32();
    return length === null ? null : this.bytes(length);
  }

  /** A string field that is text; bytes above 127 come out as Latin-1. */
  text(): string | null {
    const field = this.string();
    return field === null ? null : Buffer.from(field).toString('latin1');
  }

  /** Exactly so many bytes. */
  bytes(length: number): Uint8Array | null {
    if (this.#bytes.length - this.#at < length) return null;
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** Everything that is left. */
  rest(): Uint8Array {
    return this.#bytes.subarray(this.#at);
  }
}

/** Writes length-prefixed fields. */
export function sshStrings(...fields: (string | Uint8Array)[]): Uint8Array {
  return Buffer.concat(
    fields.flatMap(field => {
      const bytes = typeof field === 'string' ? Buffer.from(field, 'latin1') : field;
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}
