import type { Literal } from './frame.ts';
import { folderOf, resolvePath } from './path.ts';

/** Stands for what is computed; no file name holds it. */
const ANY = '\0';
/** More than a path ever has. */
const LIMIT = 4096;

/**
 * True where a string or path in the Nix file `from` names `target` (both relative to the workspace root), or
 * may name it once what is interpolated is known: `./secrets/${host}.nix`, `self + "/secrets/megumu.nix"`.
 */
export function namesFile(literal: Literal, from: string, target: string): boolean {
  const pattern = filePattern(literal, from);
  return pattern !== null && matches(pattern.split('/'), target.split('/'));
}

/** The path relative to the workspace root, with {@link ANY} in it; `null` where it is no path below it. */
function filePattern(literal: Literal, from: string): string | null {
  const { kind, parts } = literal;
  if (kind === 'search' || parts.reduce((sum, part) => sum + (part?.length ?? 1), 0) > LIMIT) return null;
  if (kind === 'path') {
    const text = parts.map(part => part ?? ANY).join('');
    return text.startsWith('~') ? null : resolvePath(folderOf(from), text);
  }
  // an unknown base, such as `self`, can only be the root if what follows begins with a slash
  const [base, ...rest] = parts;
  if (base !== null || rest.length === 0 || rest[0]?.startsWith('/') !== true) return null;
  return resolvePath(
    '',
    rest
      .map(part => part ?? ANY)
      .join('')
      .slice(1),
  );
}

/** Segment by segment: what is interpolated stands for a part of one segment. */
function matches(pattern: readonly string[], path: readonly string[]): boolean {
  return (
    pattern.length === path.length && pattern.every((segment, i) => matchesSegment(segment, path[i] ?? ''))
  );
}

function matchesSegment(pattern: string, segment: string): boolean {
  const pieces = pattern.split(ANY);
  const [first = '', ...others] = pieces;
  const end = others.pop();
  if (end === undefined) return first === segment;
  if (!segment.startsWith(first) || segment.length < first.length + end.length || !segment.endsWith(end))
    return false;
  let at = first.length;
  for (const piece of others) {
    const found = segment.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return at <= segment.length - end.length;
}
