import { SecretsError } from '../errors.ts';
import type { NixExpr } from './print.ts';

/** What a path literal may hold; a segment is never empty. */
const LITERAL = /^[a-zA-Z0-9._+-]+(?:\/[a-zA-Z0-9._+-]+)*$/;
/** Names of store objects are longer than the name by a hash and a dash, and have 211 characters at most. */
const STORE_NAME_LENGTH = 200;

/**
 * The way from a folder to a file, both relative to the same root: `../secrets/x.env`, `./x.env`.
 *
 * @throws SecretsError `BAD_PATH` where one of them is absolute or leaves the root
 */
export function relativePath(directory: string, file: string): string {
  const from = segments(directory);
  const to = segments(file);
  if (to.length === 0) throw new SecretsError('BAD_PATH', 'an empty path names no file');
  let shared = 0;
  while (shared < from.length && shared < to.length - 1 && from[shared] === to[shared]) shared++;
  const up = from.length - shared;
  const start = up === 0 ? './' : '../'.repeat(up);
  return start + to.slice(shared).join('/');
}

/**
 * The same path with `.` and `..` resolved, `null` where it leaves the root. An absolute path has no place
 * below a root either.
 */
export function resolvePath(directory: string, relative: string): string | null {
  if (relative.startsWith('/')) return null;
  const resolved: string[] = [];
  for (const segment of `${directory}/${relative}`.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') resolved.push(segment);
    else if (resolved.pop() === undefined) return null;
  }
  return resolved.join('/');
}

/** The folder of a path, `''` for the root. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/**
 * A file as the value of `sopsFile`: a path literal where its characters allow one, else `builtins.path` with
 * a name that the Nix store takes (reference: sops-nix type "absolute path"; Nix lexer, PATH).
 *
 * @param directory folder of the emitted file, relative to the workspace root
 * @param file relative to the workspace root
 * @throws SecretsError `BAD_PATH` where the file lies outside the root
 */
export function fileExpr(directory: string, file: string): NixExpr {
  const relative = relativePath(directory, file);
  const base = file.slice(file.lastIndexOf('/') + 1);
  if (LITERAL.test(relative) && storeName(base) === base) return { kind: 'path', text: relative };
  const [, up = './', rest = ''] = /^((?:\.\.\/)+|\.\/)(.*)$/s.exec(relative) ?? [];
  const path: NixExpr = { kind: 'join', path: `${up}.`, text: `/${rest}` };
  return {
    kind: 'call',
    name: 'builtins.path',
    entries: [
      [['path'], path],
      [['name'], { kind: 'string', text: storeName(base) }],
    ],
  };
}

/** A name that every version of Nix takes for a store object; newer ones refuse some that begin with a dot. */
function storeName(base: string): string {
  const legal = base.replace(/[^a-zA-Z0-9._+-]+/g, '-');
  const visible = /^\.+(?:-|$)/.test(legal) ? `file${legal}` : legal;
  return visible.length > STORE_NAME_LENGTH ? visible.slice(-STORE_NAME_LENGTH).replace(/^\.+/, '') : visible;
}

function segments(path: string): string[] {
  const kept = path.split('/').filter(segment => segment !== '' && segment !== '.');
  if (path.startsWith('/') || kept.includes('..')) {
    throw new SecretsError(
      'BAD_PATH',
      `${JSON.stringify(path.slice(0, 200))} is not a path below the workspace root`,
    );
  }
  return kept;
}
