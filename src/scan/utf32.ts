/** Which byte of four comes first. */
export type ByteOrder = 'le' | 'be';

const MARK = 0xfeff;
const LAST_CHARACTER = 0x10ffff;
/** `String.fromCodePoint` takes its characters as arguments, which the stack holds. */
const AT_ONCE = 4096;

/**
 * Whether a file is text in UTF-32: it says so by its mark (Unicode 23.8), and every four bytes are a character.
 * `FF FE 00 00` is also how UTF-16 with a zero in front begins; such a file has units beyond the last character.
 */
export function utf32Order(bytes: Uint8Array): ByteOrder | null {
  if (bytes.length < 8 || bytes.length % 4 !== 0) return null;
  const view = viewOf(bytes);
  const order = (['le', 'be'] as const).find(each => view.getUint32(0, each === 'le') === MARK);
  if (order === undefined) return null;
  for (let at = 4; at < bytes.length; at += 4) {
    if (view.getUint32(at, order === 'le') > LAST_CHARACTER) return null;
  }
  return order;
}

/** The text of bytes that are UTF-32 throughout, without a mark. */
export function decodeUtf32(bytes: Uint8Array, order: ByteOrder): string {
  const view = viewOf(bytes);
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 4 * AT_ONCE) {
    const units: number[] = [];
    for (let i = at; i < Math.min(at + 4 * AT_ONCE, bytes.length); i += 4)
      units.push(view.getUint32(i, order === 'le'));
    parts.push(String.fromCodePoint(...units));
  }
  return parts.join('');
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
