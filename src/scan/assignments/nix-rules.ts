import type { Hit, ScanRule, Source } from '../model.ts';
import { readNix } from '../nix-source.ts';
import { keywordPlaces } from '../tokens/rule.ts';
import { isCredential, isKeyId, isSharedSecret, judge, repeatsName } from './judge.ts';
import { type Language, languageOf } from './language.ts';
import { assignedTo, nameAround } from './locate.ts';
import { classifyName, type NameClass, PASSWORD_KEYWORDS, TOKEN_KEYWORDS } from './names.ts';
import { type NixString, nixStrings } from './nix-strings.ts';
import { isSpacedPassword } from './spaced.ts';
import { isDescription, isPlaceholder, isReference } from './value.ts';

const NIX_PASSWORD_KEYWORDS = [...PASSWORD_KEYWORDS, 'basicauth'];

/** Literals in Nix code: they end in the store, where everybody on the machine can read them. */
export const NIX_RULES: readonly ScanRule[] = [
  {
    id: 'nix-password',
    title: 'a password, written out in Nix',
    keywords: NIX_PASSWORD_KEYWORDS,
    why: 'it also ends in the Nix store, which everybody on the machine can read',
    concerns: isNix,
    find: source => literals(source, NIX_PASSWORD_KEYWORDS, 'password'),
  },
  {
    id: 'nix-token',
    title: 'a token or key, written out in Nix',
    keywords: TOKEN_KEYWORDS,
    why: 'it also ends in the Nix store, which everybody on the machine can read',
    concerns: isNix,
    find: source => literals(source, TOKEN_KEYWORDS, 'token'),
  },
];

function isNix(path: string): boolean {
  return path.toLowerCase().endsWith('.nix');
}

function* literals(source: Source, keywords: readonly string[], wanted: NameClass): Iterable<Hit> {
  const { setting } = languageOf(source.path);
  const places = keywordPlaces(source, keywords);
  if (!isNamed(source.text, places, wanted)) return;
  const nix = readNix(source.text);
  const strings = nixStrings(nix);
  for (const string of strings) {
    const hit = boundLiteral(string, wanted, setting);
    if (hit !== null) yield hit;
  }
  const parts = [
    ...strings.map(part => ({ ...part, code: false })),
    // a comment is code that somebody took out, or prose
    ...nix.comments.flatMap(part => [true, false].map(code => ({ ...part, code }))),
  ];
  for (const part of parts.toSorted((a, b) => a.start - b.start)) {
    const language: Language = { syntax: part.code ? 'code' : 'plain', setting };
    yield* written(source, placesIn(places, part), part, language, wanted);
  }
}

/** True where a name of the class occurs at all; taking the file apart costs more than this. */
function isNamed(text: string, places: readonly number[], wanted: NameClass): boolean {
  let done = 0;
  for (const at of places) {
    if (at < done) continue;
    const { start, end } = nameAround(text, at, done);
    done = end;
    const name = text.slice(start, end);
    if (
      name.endsWith('basicAuth') ||
      classifyName(name) === wanted ||
      classifyName(withoutEnding(name)) === wanted
    )
      return true;
  }
  return false;
}

/** `passwordFile`, `db-password.txt` → `password`, `db-password`. */
function withoutEnding(name: string): string {
  return name.slice(-200).replace(/(?:File|Path|\.\w{1,5})$/, '');
}

/** A string that is the value of something with a telling name. */
function boundLiteral(string: NixString, wanted: NameClass, setting: Language['setting']): Hit | null {
  const value = string.text.trim();
  if (value.length < 6 || value.length > 1024 || nameClass(string) !== wanted) return null;
  if (isSpacedPassword(value, setting) || isNetworkKey(value, string.name)) return hitOf(string, value);
  if (/\s/.test(value)) return null;
  if (isReference(value) || isPlaceholder(value) || isDescription(value)) return null;
  const path = string.name.join('.');
  if (repeatsName(value, path) || isKeyId(value, path)) return null;
  const shared = { name: path, value, indirect: false };
  if (!isCredential(value, wanted, false, { setting }) && !isSharedSecret(shared, { syntax: 'nix', setting }))
    return null;
  return hitOf(string, value);
}

function hitOf(string: NixString, value: string): Hit {
  const start = string.start + string.text.indexOf(value);
  return { start, end: start + value.length, secretStart: start, secretEnd: start + value.length };
}

/** `networking.wireless.networks.NAME.psk`: whatever it is, it opens the network. */
function isNetworkKey(value: string, name: readonly string[]): boolean {
  if (name.at(-1) !== 'psk' || !/^[\x20-\x7e]{8,63}$/.test(value)) return false;
  return !isReference(value) && !isPlaceholder(value);
}

function nameClass({ name, file }: NixString): NameClass | null {
  const last = name.at(-1) ?? '';
  const own =
    classifyName(last.replace(/^-+/, '')) ??
    (name.length > 1 ? classifyName(name.slice(-2).join('.')) : null);
  if (own !== null || file === null) return own;
  const [binding = '', ...rest] = file.split('/');
  const called = rest.at(-1) ?? binding;
  return classifyName(withoutEnding(called)) ?? classifyName(called) ?? classifyName(withoutEnding(binding));
}

/** Assignments in the text of a string or comment. */
function* written(
  { text }: Source,
  places: readonly number[],
  part: { start: number; end: number },
  language: Language,
  wanted: NameClass,
): Iterable<Hit> {
  let done = part.start;
  for (const at of places) {
    if (at < done) continue;
    const name = nameAround(text, at, done);
    done = name.end;
    if (classifyName(text.slice(name.start, name.end)) !== wanted) continue;
    const found = assignedTo(text, name, language.syntax, part.end);
    if (found === null) continue;
    done = Math.max(done, found.end);
    if (found.end > part.end || judge(found, language) !== wanted) continue;
    yield { start: found.nameStart, end: found.end, secretStart: found.start, secretEnd: found.end };
  }
}

function placesIn(
  places: readonly number[],
  { start, end }: { start: number; end: number },
): readonly number[] {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((places[middle] ?? 0) < start) low = middle + 1;
    else high = middle;
  }
  let last = low;
  while ((places[last] ?? end) < end) last += 1;
  return places.slice(low, last);
}
