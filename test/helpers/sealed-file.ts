import { randomBytes } from 'node:crypto';
import { loadFormat, readSopsFile, writeSopsFile } from '../../src/sops/document.ts';
import type { FormatName } from '../../src/sops/formats/format.ts';
import { open } from '../../src/sops/open.ts';
import { reseal } from '../../src/sops/reseal.ts';
import { seal } from '../../src/sops/seal.ts';
import type { Selection } from '../../src/sops/selection.ts';

export interface SealedOptions {
  readonly format: FormatName;
  readonly dataKey?: Uint8Array | undefined;
  readonly readers?: readonly { readonly recipient: string; readonly enc: string }[] | undefined;
  readonly selection?: Selection | undefined;
  readonly macOnlyEncrypted?: boolean | undefined;
  readonly now?: Date | undefined;
  /** The file that is edited: its other values keep their ciphertext. */
  readonly again?: Uint8Array | undefined;
  readonly edit?: ((plain: string) => string) | undefined;
}

const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
const STANZA = 'not an age file';
const NOW = new Date('2026-01-01T00:00:00Z');

export function newDataKey(): Uint8Array {
  return random(32);
}

/** A sops file of this plaintext; its readers are only names unless they are given. */
export async function sealed(plain: string, options: SealedOptions): Promise<Uint8Array> {
  const { dataKey = newDataKey(), now = NOW, again, edit } = options;
  const format = await loadFormat(options.format);
  if (again !== undefined) {
    const file = await readSopsFile(again, options.format);
    const { stash, documents } = open(file, dataKey);
    const text = Buffer.from(format.formatPlain(documents)).toString();
    const edited = format.parsePlain(Buffer.from(edit?.(text) ?? text));
    return writeSopsFile(reseal(file, edited, { dataKey, stash, now, random }));
  }
  const readers =
    options.readers ?? ['age1kamov', 'age1megumu'].map(recipient => ({ recipient, enc: STANZA }));
  const file = seal(format.parsePlain(Buffer.from(plain)), {
    format: options.format,
    dataKey,
    groups: [{ age: readers, others: [] }],
    selection: options.selection ?? {},
    macOnlyEncrypted: options.macOnlyEncrypted ?? false,
    version: '3.13.3',
    now,
    random,
  });
  return writeSopsFile(file);
}
