import { SecretsError } from '../errors.ts';
import { shown } from './shown.ts';

const HOST_NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
const RESERVED_HOST = 'public';
/** Refused for new names only: a repository may have had such a group before this tool. */
const ADMINS_FOLDER = 'admins';
/** A folder names at most so many readers; beyond that a group says it better. */
const MOST_NAMES = 3;
/** File systems of Linux and macOS. */
const LONGEST_SEGMENT = 255;
/** `.yaml`, the longest extension that we give. */
const LONGEST_EXTENSION = 5;
const LONGEST_NAME = 1000;

/** Top folder of everything that the tool writes. */
export const SECRETS_FOLDER = 'secrets';

/**
 * Refuses what cannot name a host, a group or an admin.
 *
 * @returns the name
 * @throws SecretsError `BAD_NAME` with the reason
 */
export function checkHostName(name: string): string {
  const problem =
    name === ADMINS_FOLDER ? `secrets/${name}/ is for what only admins read` : hostNameProblem(name);
  if (problem === null) return name;
  const lower = name.toLowerCase();
  const hint =
    hostNameProblem(lower) === null
      ? `use ${lower}`
      : 'a name has the letters a-z, digits, `-` and `_`, up to 63 of them';
  throw new SecretsError('BAD_NAME', `${shown(name)} cannot name a host, a group or an admin: ${problem}`, {
    hint,
  });
}

/** Why a name is refused, `null` where it is not. */
export function hostNameProblem(name: string): string | null {
  if (name === '') return 'it is empty';
  if (name.endsWith('_next')) return 'such a name is that of a key which waits to replace another';
  if (name === RESERVED_HOST) return `\`${RESERVED_HOST}\` is reserved for secrets/public`;
  if (HOST_NAME.test(name)) return null;
  if (name.length > 63) return 'it is longer than 63 characters';
  if (/[A-Z]/.test(name)) return 'it has an upper-case letter';
  if (/^[-_]/.test(name)) return 'it does not begin with a letter or a digit';
  if (name.includes('.')) return 'it has a dot, and stock sops refuses an anchor with a dot';
  if (/[^\u0000-\u007f]/.test(name))
    return 'it has a letter beyond a-z, which stock sops refuses in an anchor';
  return 'it has a character other than a-z, 0-9, `-` and `_`';
}

/**
 * Refuses what cannot name a secret: segments of `[A-Za-z0-9_][A-Za-z0-9._-]*`, joined by `/`.
 *
 * @returns the name
 * @throws SecretsError `BAD_NAME` with the reason
 */
export function checkSecretName(name: string): string {
  const problem = secretNameProblem(name);
  if (problem === null) return name;
  throw new SecretsError('BAD_NAME', `${shown(name)} cannot name a secret: ${problem}`, {
    hint: 'a name has letters, digits, `_`, `-` and `.`, its parts are joined by `/`: kotori, kanidm/miniflux',
  });
}

/** Why a name is refused, `null` where it is not. */
export function secretNameProblem(name: string): string | null {
  if (name === '') return 'it is empty';
  if (name.startsWith('/')) return 'it is an absolute path';
  if (name.endsWith('/')) return 'it ends in `/`';
  if (name.length > LONGEST_NAME) return `it is longer than ${LONGEST_NAME} characters`;
  const segments = name.split('/');
  for (const segment of segments) {
    const problem = segmentProblem(segment);
    if (problem !== null) return problem;
  }
  if ((segments.at(-1) ?? '').length + LONGEST_EXTENSION > LONGEST_SEGMENT)
    return 'its last part is too long for a file name';
  if (segments[0] === 'sops') return '`sops` is the key under which sops keeps its metadata';
  if (segments[0] === 'rendered') return '`rendered` is the folder in which sops-nix renders templates';
  return null;
}

function segmentProblem(segment: string): string | null {
  if (segment === '') return 'it has an empty part (`//`)';
  if (segment === '.' || segment === '..') return `it has the part \`${segment}\``;
  if (segment.startsWith('.')) return 'a part of it begins with a dot';
  if (segment.startsWith('-')) return 'a part of it begins with `-`';
  if (!SEGMENT.test(segment)) return 'it has a character other than letters, digits, `_`, `-`, `.` and `/`';
  if (segment.length > LONGEST_SEGMENT) return `a part of it is longer than ${LONGEST_SEGMENT} bytes`;
  if (segment.endsWith('_unencrypted')) return 'sops leaves a key that ends in `_unencrypted` in clear';
  return null;
}

/**
 * The folder of a set of hosts and groups: the names in byte order, joined by `+`.
 *
 * @throws SecretsError `USAGE` for none, or for more than three
 */
export function folderOf(names: readonly string[]): string {
  const unique = [...new Set(names)].map(checkHostName).sort();
  if (unique.length === 0)
    throw new SecretsError('USAGE', 'no host is named', { hint: 'name one with --host' });
  if (unique.length > MOST_NAMES) {
    throw new SecretsError('USAGE', `${unique.length} names are too many for one folder`, {
      hint: `make a group of them: secrets group add NAME ${unique.map(name => `--host ${name}`).join(' ')}`,
    });
  }
  return unique.join('+');
}

/** The names that a folder is made of, `null` where it cannot be one of ours. */
export function namesOfFolder(folder: string): string[] | null {
  const names = folder.split('+');
  if (names.length > MOST_NAMES || names.some(name => hostNameProblem(name) !== null)) return null;
  const sorted = [...new Set(names)].sort().join('+');
  return sorted === folder ? names : null;
}

/** The `path_regex` that claims a folder of `secrets/`: anchored, escaped for RE2, with the final `/`. */
export function pathRegexOf(folder: string): string {
  return `^${SECRETS_FOLDER}/${folder.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')}/`;
}

/** The address of a secret: unique in the repository. */
export function addressOf(folder: string, name: string): string {
  return `${folder}/${name}`;
}

/** What a person typed for a secret, taken apart as far as its form says. */
export interface Reference {
  readonly text: string;
  /** Of the form `FILE#KEY`. */
  readonly file: string | null;
  readonly key: string | null;
}

/**
 * Reads what was typed for a secret: a name, an address `FOLDER/NAME`, a file, or `FILE#KEY`. Which of the
 * first three it is only the list of secrets can tell.
 *
 * @throws SecretsError `BAD_NAME`
 */
export function parseReference(text: string): Reference {
  const hash = text.indexOf('#');
  const file = hash < 0 ? null : text.slice(0, hash);
  const problem = relativePathProblem(file ?? text);
  if (problem !== null) {
    throw new SecretsError('BAD_NAME', `${shown(text)} names no secret: ${problem}`, {
      hint: 'name a secret by its name (kotori), its address (megumu/kotori) or file#key; `secrets list` shows them',
    });
  }
  return { text, file, key: file === null ? null : text.slice(hash + 1) };
}

/** Why a text is no address, `null` where it is one: `FOLDER/NAME` or `FILE#KEY`. */
export function addressProblem(text: string): string | null {
  const hash = text.indexOf('#');
  if (hash >= 0) return relativePathProblem(text.slice(0, hash));
  const slash = text.indexOf('/');
  if (slash < 0) return 'it has no folder';
  if (namesOfFolder(text.slice(0, slash)) === null) return `${shown(text.slice(0, slash))} is no folder name`;
  return secretNameProblem(text.slice(slash + 1));
}

/** Why a path does not stay inside the folder that it is relative to, `null` where it does. */
export function relativePathProblem(path: string): string | null {
  if (path === '') return 'it is empty';
  if (path.length > 4 * LONGEST_NAME) return 'it is too long';
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'it has a control character';
  if (path.includes('\\')) return 'it has a backslash';
  if (path.startsWith('/')) return 'it is an absolute path';
  if (path.endsWith('/')) return 'it ends in `/`';
  const segments = path.split('/');
  if (segments.includes('')) return 'it has an empty part (`//`)';
  if (segments.includes('..') || segments.includes('.')) return 'it has the part `..` or `.`';
  return null;
}

/** The folder below `secrets/` of a rule of our own making, `null` for every other pattern. */
export function folderOfRegex(pathRegex: string | null): string | null {
  const folder = /^\^secrets\/([^/]+)\/$/.exec(pathRegex ?? '')?.[1]?.replaceAll('\\', '') ?? null;
  return folder !== null && pathRegexOf(folder) === pathRegex ? folder : null;
}
