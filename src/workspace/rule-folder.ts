import { namesOfFolder, pathRegexOf, SECRETS_FOLDER } from './names.ts';

/** A pattern that begins with the literal name of a folder below `secrets/`. */
export interface FolderPattern {
  /** Up to the folder. */
  readonly head: string;
  readonly folder: string;
  /** From the `/` behind the folder on. */
  readonly tail: string;
}

const HEAD = `${SECRETS_FOLDER}/`;

/** The folder below `secrets/` that a pattern claims, or a part of it: `^secrets/aya\+megumu/.*\.yaml$`. */
export function folderPattern(pathRegex: string | null): FolderPattern | null {
  const [, head, written = '', tail = ''] = /^(\^?[^/]*\/)([^/]*)(\/.*)$/s.exec(pathRegex ?? '') ?? [];
  if (head === undefined || head.replace(/^\^/, '') !== HEAD || tail.includes('|')) return null;
  // a bare `+` says how often, a bare `.` says anything
  const literal = /^(?:[a-z0-9_-]|\\[+_-])+$/.test(written);
  const folder = written.replaceAll('\\', '');
  return literal && namesOfFolder(folder) !== null ? { head, folder, tail } : null;
}

/** The names that the folder of a rule is made of, `null` where the rule is not of one folder below `secrets/`. */
export function namesOfRule(pathRegex: string | null): string[] | null {
  const pattern = folderPattern(pathRegex);
  return pattern === null ? null : namesOfFolder(pattern.folder);
}

/** A folder as it stands in a pattern. */
export function escapedFolder(folder: string): string {
  return pathRegexOf(folder).slice(HEAD.length + 1, -1);
}
