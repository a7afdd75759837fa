import { DEFAULT_SELECTION, SELECTION_FIELDS, type Selection } from '../../sops/selection.ts';

type Field = keyof Selection;

/** One of the six, with its pattern. */
interface Chosen {
  readonly field: Field;
  readonly pattern: string;
}

/** `^(a|b)$`, `^a$`, `a|b`: names, and nothing that a regular expression would do with them. */
const WHOLE_NAMES = /^\^\((?:\?:)?(?<names>[\w .|-]+)\)\$$/;
const NAMES = /^[\w .|-]+$/;
/** An alternative may have its own anchors. */
const ANCHORED = /^\^?[\w .-]+\$?(?:\|\^?[\w .-]+\$?)*$/;

/**
 * False only where a selection certainly takes everything that another one does, whatever a file holds: where they are
 * the same, where the new one is that of sops, and where the two list names, of which none got lost.
 */
export function mayEncryptLess(now: Selection, before: Selection): boolean {
  const [one, other] = [chosen(now), chosen(before)];
  if (one.field === other.field && one.pattern === other.pattern) return false;
  if (one.field === 'unencryptedSuffix' && one.pattern === DEFAULT_SELECTION.unencryptedSuffix) return false;
  if (one.field !== other.field) return true;
  switch (one.field) {
    case 'encryptedRegex':
    case 'encryptedCommentRegex':
      return !isSubset(alternatives(other.pattern), alternatives(one.pattern));
    case 'unencryptedRegex':
    case 'unencryptedCommentRegex':
      return !isSubset(alternatives(one.pattern), alternatives(other.pattern));
    case 'encryptedSuffix':
      return !other.pattern.endsWith(one.pattern);
    case 'unencryptedSuffix':
      return !one.pattern.endsWith(other.pattern);
  }
}

function chosen(selection: Selection): Chosen {
  for (const [, field] of SELECTION_FIELDS) {
    const pattern = selection[field] ?? '';
    if (pattern !== '') return { field, pattern };
  }
  return { field: 'unencryptedSuffix', pattern: DEFAULT_SELECTION.unencryptedSuffix ?? '' };
}

/** What a pattern names, each with its anchors. A pattern of another form is one name. */
function alternatives(pattern: string): Set<string> {
  const names = WHOLE_NAMES.exec(pattern)?.groups?.['names'];
  if (names !== undefined) return new Set(names.split('|').map(name => `^${name}$`));
  if (NAMES.test(pattern) || ANCHORED.test(pattern)) return new Set(pattern.split('|'));
  return new Set([pattern]);
}

function isSubset(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return [...some].every(each => all.has(each));
}
