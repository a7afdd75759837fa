/** Standard alphabet with padding, on one line. */
export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** Standard alphabet without padding, as the header of an age file has it. */
export function encodeBase64Unpadded(bytes: Uint8Array): string {
  return encodeBase64(bytes).replace(/=+$/, '');
}

/** The bytes, `null` unless the text is exactly what {@link encodeBase64} would write. */
export function decodeBase64(text: string): Uint8Array | null {
  const bytes = new Uint8Array(Buffer.from(text, 'base64'));
  return encodeBase64(bytes) === text ? bytes : null;
}

/** The bytes, `null` unless the text is exactly what {@link encodeBase64Unpadded} would write. */
export function decodeBase64Unpadded(text: string): Uint8Array | null {
  const bytes = new Uint8Array(Buffer.from(text, 'base64'));
  return encodeBase64Unpadded(bytes) === text ? bytes : null;
}
