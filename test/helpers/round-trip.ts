import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { loadFormat, readSopsFile, type SopsFile, writeSopsFile } from '../../src/sops/document.ts';
import type { FormatName } from '../../src/sops/formats/format.ts';
import { open } from '../../src/sops/open.ts';
import { seal } from '../../src/sops/seal.ts';
import { unwrapForTest, wrapForTest } from './age.ts';
import type { FileRules, StockSops } from './stock-sops.ts';

/** Bytes as text in which a difference can be read. */
export function shown(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

/** Opens a file with a test key and prints it as `sops decrypt` would. */
export async function decryptHere(
  encrypted: Uint8Array,
  format: FormatName,
  identity: string,
): Promise<Uint8Array> {
  const file = await readSopsFile(encrypted, format, { asStock: true });
  const { documents } = open(file, await dataKeyOf(file, identity));
  return (await loadFormat(format)).formatPlain(documents);
}

export async function dataKeyOf(file: SopsFile, identity: string): Promise<Uint8Array> {
  return unwrapForTest(file.metadata.groups[0]?.age[0]?.enc ?? '', identity);
}

/** Encrypts a plaintext file with a new data key. */
export async function encryptHere(
  plain: Uint8Array,
  format: FormatName,
  rules: FileRules,
  recipient: string,
): Promise<Uint8Array> {
  const documents = (await loadFormat(format)).parsePlain(plain);
  const dataKey = randomBytes(32);
  const file = seal(documents, {
    format,
    dataKey,
    groups: [{ age: [{ recipient, enc: await wrapForTest(dataKey, recipient) }], others: [] }],
    selection: rules.selection,
    macOnlyEncrypted: rules.macOnlyEncrypted,
    version: '3.13.3',
    now: new Date(),
    random: randomBytes,
  });
  return writeSopsFile(file);
}

/** Stock sops could not read what it wrote itself, so that there is nothing to compare with. */
export class StockFailure extends Error {}

/**
 * What must hold between stock sops and us for one plaintext: we read back every byte that it wrote and decrypt
 * to what it decrypts to, and it decrypts what we wrote to the same.
 *
 * @throws StockFailure where stock sops does not read its own file
 */
export async function expectAgreement(
  stock: StockSops,
  plain: Uint8Array,
  format: FormatName,
  rules: FileRules,
): Promise<void> {
  const { identity, recipient } = stock.key;
  const theirs = await stock.encrypt(plain, format, rules);
  expect(theirs.stderr, 'sops encrypt').toBe('');
  // what stock sops makes of its own binary file is the file, and a start of it takes its time
  const expected =
    format === 'binary' ? { stdout: plain, stderr: '' } : await stock.decrypt(theirs.stdout, format);
  if (expected.stderr !== '')
    throw new StockFailure(`sops cannot decrypt what it encrypted: ${expected.stderr}`);
  const again = await writeSopsFile(await readSopsFile(theirs.stdout, format));
  if (shown(again) !== shown(theirs.stdout) && movesComments(theirs.stdout, expected.stdout))
    throw new StockFailure('sops reads a comment of its own file in another place');
  expect(shown(again), 're-emitting what sops encrypted').toBe(shown(theirs.stdout));
  const here = await decryptHere(theirs.stdout, format, identity);
  expect(shown(here), 'our decryption of what sops encrypted').toBe(shown(expected.stdout));
  const ours = await encryptHere(plain, format, rules, recipient);
  const there = await stock.decrypt(ours, format);
  expect(there.stderr, 'sops decrypt of what we encrypted').toBe('');
  expect(sealedAlike(there.stdout), 'sops decrypt of what we encrypted').toBe(sealedAlike(expected.stdout));
}

/**
 * True where stock sops prints a comment with another indentation than it has in the encrypted file: it took it
 * for the comment of something else. The encrypted file has no blocks of text, so each `#` line is a comment there.
 */
function movesComments(encrypted: Uint8Array, decrypted: Uint8Array): boolean {
  const [body = ''] = shown(encrypted).split(/^sops:$/m);
  const printed = commentColumns(shown(decrypted));
  let at = 0;
  for (const column of commentColumns(body)) {
    while (at < printed.length && printed[at] !== column) at++;
    if (at++ >= printed.length) return true;
  }
  return false;
}

function commentColumns(text: string): number[] {
  return [...text.matchAll(/^( *)(?:- +)*#/gm)].map(([, indent = '']) => indent.length);
}

/**
 * Bytes as text. A comment that stock sops moved beside one that keeps things in clear stays encrypted when it
 * decrypts, and what it prints then is different each time.
 */
function sealedAlike(bytes: Uint8Array): string {
  return shown(bytes).replace(/#ENC\[AES256_GCM,[^\]]*,type:comment\]/g, '#ENC[comment]');
}
