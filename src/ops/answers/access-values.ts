import { canonicalRecipient } from '../../workspace/parse-keys.ts';
import type { SideFile, SideSecret } from './access-files.ts';
import type { ValueChange } from './access-model.ts';
import type { LeafMark } from './marks.ts';

/** A secret as it was and as it is; one of the two may be missing. */
export interface SecretPair {
  readonly before: SideSecret | null;
  readonly after: SideSecret | null;
}

/** The files of both sides, by path; what differs in none of them is not here. */
export interface BothSides {
  readonly before: ReadonlyMap<string, SideFile>;
  readonly after: ReadonlyMap<string, SideFile>;
}

/**
 * Which secret of one side is which of the other: by its place, else by its ciphertext, which moves along with the file,
 * else by its name where only one of that name went and one came.
 */
export function pairSecrets({ before, after }: BothSides): SecretPair[] {
  const was = new Map(secretsOf(before).map(each => [placeOf(each), each]));
  const pairs: SecretPair[] = [];
  const came: SideSecret[] = [];
  for (const each of secretsOf(after)) {
    const former = was.get(placeOf(each));
    if (former === undefined) came.push(each);
    else pairs.push({ before: former, after: each });
    was.delete(placeOf(each));
  }
  const gone = new Set(was.values());
  for (const keys of [ciphertextsOf, namesOf]) matchUp(came, gone, keys, pairs);
  return [
    ...pairs,
    ...came.map(each => ({ before: null, after: each })),
    ...[...gone].map(each => ({ before: each, after: null })),
  ];
}

/** Takes out of both sets what one key alone joins. */
function matchUp(
  came: SideSecret[],
  gone: Set<SideSecret>,
  keysOf: (secret: SideSecret) => string[],
  pairs: SecretPair[],
): void {
  const former = uniquely(gone, keysOf);
  const present = uniquely(came, keysOf);
  const rest = came.splice(0);
  for (const after of rest) {
    const key = keysOf(after).find(text => present.get(text) === after && former.has(text));
    const before = key === undefined ? undefined : former.get(key);
    if (before === undefined || !gone.delete(before)) came.push(after);
    else pairs.push({ before, after });
  }
}

function uniquely(
  secrets: Iterable<SideSecret>,
  keysOf: (secret: SideSecret) => string[],
): Map<string, SideSecret> {
  const seen = new Map<string, SideSecret | null>();
  for (const secret of secrets)
    for (const key of keysOf(secret)) seen.set(key, seen.has(key) ? null : secret);
  return new Map([...seen].flatMap(([key, secret]) => (secret === null ? [] : [[key, secret]])));
}

function secretsOf(files: ReadonlyMap<string, SideFile>): SideSecret[] {
  return [...files.values()].flatMap(file => (file.kind === 'sops' ? file.secrets : []));
}

function placeOf({ file, key }: SideSecret): string {
  return `${file}\0${key ?? ''}`;
}

function ciphertextsOf({ leaves }: SideSecret): string[] {
  return leaves.flatMap(({ mark }) => mark ?? []);
}

function namesOf({ ownName }: SideSecret): string[] {
  return ownName === null ? [] : [ownName];
}

/** What became of the values; one that only has other readers is not among them. */
export function valueChanges(sides: BothSides, pairs: readonly SecretPair[]): ValueChange[] {
  const wholeFiles = encryptedAnew(sides);
  return [
    ...pairs.flatMap(pair => changeOf(pair, wholeFiles) ?? []),
    ...[...sides.after].flatMap(([file, { kind }]) => {
      if (kind !== 'in-clear' && kind !== 'unreadable') return [];
      const nothing = { from: null, parts: [], wholeFile: false, readers: [] };
      return [{ secret: file, file, change: kind, ...nothing }];
    }),
  ];
}

function changeOf({ before, after }: SecretPair, wholeFiles: ReadonlySet<string>): ValueChange | null {
  const one = after ?? before;
  if (one === null) return null;
  const { secret, file, readers } = one;
  const place = { secret, file, readers, parts: [], from: null, wholeFile: false };
  if (before === null) return { ...place, change: 'new' };
  if (after === null) return { ...place, change: 'removed' };
  const parts = changedParts(before.leaves, after.leaves);
  const from = before.secret === after.secret ? null : before.secret;
  if (parts.length === 0) return from === null ? null : { ...place, change: 'moved', from };
  const isOne = after.leaves.length < 2;
  return { ...place, change: 'changed', from, parts: isOne ? [] : parts, wholeFile: wholeFiles.has(file) };
}

/** The keys whose ciphertexts differ. */
function changedParts(before: readonly LeafMark[], after: readonly LeafMark[]): string[] {
  const was = new Map(before.map(({ key, mark }) => [key, mark]));
  const is = new Map(after.map(({ key, mark }) => [key, mark]));
  return [...new Set([...was.keys(), ...is.keys()])].filter(key => was.get(key) !== is.get(key));
}

/** Files of several values of which none has its old ciphertext: that is also what a new data key makes of them. */
function encryptedAnew({ before, after }: BothSides): Set<string> {
  const anew = [...after].filter(([path, file]) => {
    const former = before.get(path);
    if (file.kind !== 'sops' || former?.kind !== 'sops') return false;
    const marks = file.leaves.flatMap(({ mark }) => mark ?? []);
    const old = new Set(former.leaves.map(({ mark }) => mark));
    return marks.length > 1 && marks.every(mark => !old.has(mark));
  });
  return new Set(anew.map(([path]) => path));
}

/** The keys of a secret's readers, each once. */
export function readerKeys(secret: SideSecret | null): Set<string> {
  return new Set((secret?.readers ?? []).map(({ recipient }) => canonicalRecipient(recipient)));
}
