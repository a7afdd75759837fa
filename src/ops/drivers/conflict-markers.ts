/** What git writes at the beginning of a line, with any length of marker from the usual one on. */
const BEGIN = Buffer.from('<<<<<<< ');
const END = Buffer.from('>>>>>>> ');

/** True where a merge left its marks in a file. */
export function hasConflictMarkers(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const begin = lineBeginning(text, BEGIN, 0);
  return begin >= 0 && lineBeginning(text, END, begin) >= 0;
}

function lineBeginning(text: Buffer, mark: Buffer, from: number): number {
  for (let at = text.indexOf(mark, from); at >= 0; at = text.indexOf(mark, at + 1)) {
    if (at === 0 || text[at - 1] === 0x0a) return at;
  }
  return -1;
}
