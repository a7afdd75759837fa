import { Comment, TreeList, TreeMap, type Value } from '../../sops/tree.ts';
import { isValueLike } from '../../value-like.ts';
import { pathName } from './names.ts';
import type { ManagedText } from './read-managed.ts';
import type { Flaw } from './snapshot.ts';
import { yamlFlaws } from './yaml-flaws.ts';

const CONFLICT = /^(?:<{7}|>{7}|\|{7}) /m;
const IN_SECTION = 'a comment stands in the sops section, in the clear';
const INI_HEADER = /^\[(.*)\](.*)$/;

/** The line of the first conflict marker of git, `null` where there is none. */
export function conflictLine(bytes: Uint8Array): number | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!['<<<<<<< ', '>>>>>>> ', '||||||| '].some(mark => buffer.includes(mark))) return null;
  const text = buffer.toString('latin1');
  const at = CONFLICT.exec(text)?.index;
  return at === undefined ? null : text.slice(0, at).split('\n').length;
}

/** What the readers of sops pass over in silence: keys that stand twice, and text behind the document. */
export function documentFlaws(file: ManagedText): Flaw[] {
  const flaws = file.documents.flatMap(document => [...doubleKeys(document, [])]);
  if (file.format === 'dotenv' || file.format === 'ini')
    flaws.push(...file.documents.flatMap(document => [...valuesForNames(document)]));
  if (file.format === 'json' || file.format === 'binary') flaws.push(...textBehind(file.bytes));
  if (file.format === 'yaml') flaws.push(...yamlFlaws(file.bytes));
  if (file.format === 'ini') flaws.push(...hiddenInIni(file.bytes));
  return flaws;
}

function* doubleKeys(value: Value | Comment | null, path: readonly string[]): Generator<Flaw> {
  if (value instanceof TreeList) for (const element of value.elements) yield* doubleKeys(element, path);
  if (!(value instanceof TreeMap)) return;
  const seen = new Set<string>();
  for (const { key, value: child } of value.items) {
    if (key instanceof Comment) continue;
    const own = [...path, key];
    // A section of an INI file may stand twice, as the peers of WireGuard do.
    if (seen.has(key) && !(path.length === 0 && child instanceof TreeMap))
      yield document(`the key ${pathName(own)} stands twice`);
    seen.add(key);
    yield* doubleKeys(child, own);
  }
}

/** `abc=` is a name without a value to both formats, and names are never encrypted. */
function* valuesForNames(document: TreeMap): Generator<Flaw> {
  for (const { key, value } of document.items) {
    if (key instanceof Comment) continue;
    if (isValueLike(key))
      yield { rule: 'managed-value', message: `a line is a value without a name: ${pathName([key])}` };
    if (value instanceof TreeMap) yield* valuesForNames(value);
  }
}

/** sops stops reading at the closing brace. */
function textBehind(bytes: Uint8Array): Flaw[] {
  const text = new TextDecoder().decode(bytes);
  try {
    JSON.parse(text);
    return [];
  } catch {
    return [document('there is text behind the closing brace, which sops does not read')];
  }
}

/** Of a key that stands twice sops reads the last one, and of comments around its own section none. */
function hiddenInIni(bytes: Uint8Array): Flaw[] {
  const flaws: Flaw[] = [];
  const say = (message: string, line: number) => flaws.push({ ...document(message), line });
  let section = '';
  let keys = new Set<string>();
  let open: string | null = null;
  /** The line of a comment that belongs to what follows; 0: there is none. */
  let comment = 0;
  for (const [index, whole] of new TextDecoder().decode(bytes).split('\n').entries()) {
    const line = whole.trim();
    const header = INI_HEADER.exec(line);
    if (open !== null) {
      if (line.includes(open)) open = null;
    } else if (header !== null) {
      section = header[1] ?? '';
      keys = new Set();
      if (section === 'sops' && comment > 0) say(IN_SECTION, comment);
      if (section === 'sops' && (header[2] ?? '').trim() !== '') say(IN_SECTION, index + 1);
      // A comment behind it is one of the section, and judged with it.
      if (/^\s*[^\s;#]/.test(header[2] ?? ''))
        say('there is text behind a section header, which sops does not read', index + 1);
    } else if (/^[;#]/.test(line)) {
      if (line.replace(/^[;#\s]+/, '') === '') continue;
      comment = index + 1;
      if (section === 'sops') say(IN_SECTION, index + 1);
      continue;
    } else if (line !== '') {
      const { key, value } = iniKey(line);
      if (keys.has(key) && key !== '-') say(`the key ${pathName([section, key])} stands twice`, index + 1);
      keys.add(key);
      open = openQuote(value);
      if (section === 'sops' && /^[^`"].*[;#]/.test(value)) say(IN_SECTION, index + 1);
    }
    if (line !== '') comment = 0;
  }
  return flaws;
}

function iniKey(line: string): { key: string; value: string } {
  const at = line.search(/[=:]/);
  return at < 0
    ? { key: line, value: '' }
    : { key: line.slice(0, at).trim(), value: line.slice(at + 1).trim() };
}

/** The quote of a value that goes on in the next line. */
function openQuote(value: string): string | null {
  const quote = value.startsWith('"""') ? '"""' : value.startsWith('`') ? '`' : null;
  return quote !== null && !value.slice(quote.length).includes(quote) ? quote : null;
}

function document(message: string): Flaw {
  return { rule: 'managed-document', message };
}
