const SHAPE =
  /^ENC\[AES256_GCM,data:([A-Za-z0-9+/]+={0,2}),iv:([A-Za-z0-9+/]+={0,2}),tag:([A-Za-z0-9+/]+={0,2}),type:([a-z]+)\]$/;
const IV_BYTES = 32;
const TAG_BYTES = 16;
/** The longest plaintext of each type, in bytes; text has no limit. */
const LONGEST: ReadonlyMap<string, number> = new Map([
  ['str', Number.POSITIVE_INFINITY],
  ['bytes', Number.POSITIVE_INFINITY],
  ['comment', Number.POSITIVE_INFINITY],
  ['int', 20],
  ['float', 400],
  ['bool', 5],
  ['time', 40],
]);
/** As many random bytes are all printable once in 10^10 times. */
const READABLE_BYTES = 24;
const LOOKED_AT = 64;

/** The type of an encrypted value, or why it is none. */
export type Judged = { readonly type: string } | { readonly problem: string };

/**
 * Judges without a key whether a text can be what sops wrote: every part there and canonical, of the right length,
 * and no readable text in the place of ciphertext. Whether it authenticates only a key can tell.
 */
export function judgeValue(text: string): Judged {
  if (!text.startsWith('ENC[')) return { problem: 'is not encrypted' };
  const [, data = '', iv = '', tag = '', type = ''] = SHAPE.exec(text) ?? [];
  if (data === '') return { problem: 'only looks encrypted: it is no well-formed ENC[AES256_GCM,…]' };
  const longest = LONGEST.get(type);
  if (longest === undefined) return { problem: 'only looks encrypted: its type is none of sops' };
  if (bytesIn(iv) !== IV_BYTES) return { problem: 'only looks encrypted: its iv is not 32 bytes' };
  if (bytesIn(tag) !== TAG_BYTES) return { problem: 'only looks encrypted: its tag is not 16 bytes' };
  const length = bytesIn(data);
  if (length < 1) return { problem: 'only looks encrypted: its data is no canonical base64' };
  if (length > longest) return { problem: 'only looks encrypted: its data is too long for its type' };
  if (isMonotone(iv) || isMonotone(tag))
    return { problem: 'only looks encrypted: its iv or tag is a filler' };
  if (isReadable(data)) return { problem: 'only looks encrypted: its data is readable text' };
  return { type };
}

/** How many bytes a base64 text stands for; -1 where it is not the one spelling of them. */
function bytesIn(base64: string): number {
  if (base64.length % 4 !== 0) return -1;
  const padding = base64.endsWith('==') ? 2 : Number(base64.endsWith('='));
  const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.indexOf(
    base64[base64.length - 1 - padding] ?? '',
  );
  const spare = padding === 2 ? 15 : padding === 1 ? 3 : 0;
  return (last & spare) === 0 ? (base64.length / 4) * 3 - padding : -1;
}

/** Sixteen or more random bytes have more than two different ones. */
function isMonotone(base64: string): boolean {
  return new Set(Buffer.from(base64, 'base64')).size < 3;
}

function isReadable(base64: string): boolean {
  const bytes = Buffer.from(base64.slice(0, (LOOKED_AT / 3) * 4), 'base64');
  if (bytes.length < READABLE_BYTES) return false;
  return bytes.every(
    byte => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 0x09,
  );
}
