const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHECKSUM_LENGTH = 6;
const POLYNOMIAL = 0xedb88320;

/** CRC-32 as in zip and PNG, of a text in ASCII. */
function crc32(text: string): number {
  let sum = 0xffffffff;
  for (let i = 0; i < text.length; i += 1) {
    sum ^= text.charCodeAt(i) & 0xff;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ ((sum & 1) === 1 ? POLYNOMIAL : 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}

/** The CRC-32 of a text as six digits of base 62: how GitHub and npm end their tokens. */
export function base62Checksum(text: string): string {
  let sum = crc32(text);
  let digits = '';
  while (sum > 0) {
    digits = DIGITS.charAt(sum % 62) + digits;
    sum = Math.floor(sum / 62);
  }
  return digits.padStart(CHECKSUM_LENGTH, '0');
}

/** True where what follows the prefix ends in the checksum of what is before it. */
export function endsInChecksum(token: string): boolean {
  const body = token.slice(token.lastIndexOf('_') + 1);
  return body.endsWith(base62Checksum(body.slice(0, -CHECKSUM_LENGTH)));
}
