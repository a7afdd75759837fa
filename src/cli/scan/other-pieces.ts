import type { Piece } from './subject.ts';

/** As git calls the file in which a message is written. */
const MESSAGE = 'COMMIT_EDITMSG';

/** What somebody wrote about a commit. */
export function messagePiece(commit: string, bytes: Uint8Array): Piece {
  return { kind: 'message', path: MESSAGE, commit, read: async () => ({ bytes }), changed: async () => null };
}

/** The names of files, one in each line. */
export function namesPiece(names: readonly string[], commit: string | null): Piece {
  const text = names.map(name => name.replaceAll('\n', ' ')).join('\n');
  const read = async () => ({ bytes: Buffer.from(text, 'utf8') });
  return { kind: 'names', path: '', commit, read, changed: async () => null };
}
