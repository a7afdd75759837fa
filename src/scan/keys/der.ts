/** One element of DER: what it is, and where its content lies. */
interface Element {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

const INTEGER = 0x02;
const OCTETS = 0x04;
const OID = 0x06;
const SEQUENCE = 0x30;
const CONTEXT_0 = 0xa0;
const CONTEXT_1 = 0xa1;
const LEAST_BYTES = 40;

/** What kinds of key a file in DER can hold; `null`: it is none. */
export type DerKey = 'private key' | 'key store' | null;

/**
 * Walks the outermost elements: PKCS #1 and DSA (many integers), PKCS #8 plain and encrypted, SEC 1, PKCS #12.
 *
 * @param bytes the whole file, nothing behind it but up to a few line ends
 */
export function derKeyOf(bytes: Uint8Array): DerKey {
  if (bytes.length < LEAST_BYTES || bytes[0] !== SEQUENCE) return null;
  const outer = elementAt(bytes, 0, bytes.length);
  if (outer === null || bytes.length - outer.end > 4) return null;
  const [first, second, third] = childrenOf(bytes, outer, 3);
  if (first === undefined || second === undefined) return null;
  if (first.tag === INTEGER) return keyBehindVersion(bytes, outer, first, second, third);
  // An encrypted key: the algorithm, whose name is of PKCS #5 or #12, and the ciphertext.
  if (first.tag === SEQUENCE && second.tag === OCTETS && third === undefined) {
    return namesPasswordEncryption(bytes, first) ? 'private key' : null;
  }
  return null;
}

function keyBehindVersion(
  bytes: Uint8Array,
  outer: Element,
  version: Element,
  second: Element,
  third: Element | undefined,
): DerKey {
  if (version.end - version.start !== 1) return null;
  const number = bytes[version.start] ?? 255;
  if (number === 3 && second.tag === SEQUENCE) return 'key store';
  if (number > 1) return null;
  if (second.tag === INTEGER) {
    const count = childrenOf(bytes, outer, 9).filter(child => child.tag === INTEGER).length;
    return count === 9 || (count === 6 && number === 0) ? 'private key' : null;
  }
  if (second.tag === SEQUENCE && third?.tag === OCTETS) return 'private key';
  const isSec1 = number === 1 && second.tag === OCTETS && second.end - second.start >= 20;
  return isSec1 && (third === undefined || third.tag === CONTEXT_0 || third.tag === CONTEXT_1)
    ? 'private key'
    : null;
}

/** 1.2.840.113549.1.5 (PKCS #5) and 1.2.840.113549.1.12 (PKCS #12). */
function namesPasswordEncryption(bytes: Uint8Array, algorithm: Element): boolean {
  const [name] = childrenOf(bytes, algorithm, 1);
  if (name === undefined || name.tag !== OID) return false;
  const rsa = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01];
  const branch = bytes[name.start + rsa.length];
  return rsa.every((byte, i) => bytes[name.start + i] === byte) && (branch === 0x05 || branch === 0x0c);
}

function childrenOf(bytes: Uint8Array, parent: Element, most: number): Element[] {
  const children: Element[] = [];
  let at = parent.start;
  while (at < parent.end && children.length < most) {
    const child = elementAt(bytes, at, parent.end);
    if (child === null) return [];
    children.push(child);
    at = child.end;
  }
  return children;
}

/** Lengths of up to four bytes; `null` where the element is not all there. */
function elementAt(bytes: Uint8Array, at: number, end: number): Element | null {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined || at + 2 > end) return null;
  let start = at + 2;
  let length = first;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count < 1 || count > 4) return null;
    length = 0;
    for (let i = 0; i < count; i += 1) length = length * 256 + (bytes[start + i] ?? 0);
    start += count;
  }
  return start + length > end ? null : { tag, start, end: start + length };
}
