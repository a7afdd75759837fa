import { SecretsError } from '../../errors.ts';
import { loadFormat } from '../../sops/document.ts';
import type { FormatName } from '../../sops/formats/format.ts';
import { Comment, isScalar, Time, TreeList, TreeMap, type Value } from '../../sops/tree.ts';
import { getPath, leaves, setPath } from '../../sops/tree-path.ts';
import { shown } from '../../workspace/shown.ts';
import { inspectEnvText } from '../values/env-text.ts';
import { isLostAsYaml } from '../values/payload.ts';

/** What an editor left, understood. */
export interface ReadText {
  readonly documents: TreeMap[];
  /** What a person should know; never a value. */
  readonly notes: readonly string[];
}

/**
 * The text of one value as an editor shows it.
 *
 * @throws SecretsError `BAD_VALUE` where a map or a list stands there, `UNKNOWN_SECRET` where nothing does
 */
export async function valueText(
  documents: readonly TreeMap[],
  key: readonly string[],
  format: FormatName,
  file: string,
): Promise<Uint8Array> {
  const value = getPath(documents, key);
  if (value === undefined)
    throw new SecretsError('UNKNOWN_SECRET', `${key.join('/')} is not in the file`, { file });
  if (value === null) return new Uint8Array();
  if (value instanceof TreeMap || value instanceof TreeList) {
    throw new SecretsError('BAD_VALUE', `${key.join('/')} is a map or a list, not one value`, {
      file,
      hint: `edit the whole file: secrets edit ${file}`,
    });
  }
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') return Buffer.from(value);
  const text = new TextDecoder().decode((await loadFormat(format)).formatValue(value));
  return Buffer.from(text.replace(/\n$/, ''));
}

/**
 * Documents in which one value is what an editor left. The final newline that editors add is dropped where the value
 * had none; what became a text of several lines (a pasted key) keeps it.
 *
 * @param given what the editor began with
 * @throws SecretsError `EMPTY_VALUE`, `BAD_VALUE`
 */
export function readValueText(
  documents: readonly TreeMap[],
  key: readonly string[],
  given: Uint8Array,
  edited: Uint8Array,
  format: FormatName,
): ReadText {
  const text = decode(edited);
  const before = new TextDecoder('utf-8', { ignoreBOM: true }).decode(given);
  const notes: string[] = [];
  const kept = withoutEditorsNewline(text, before);
  const copy = documents.map(cloneMap);
  if (kept === before) return { documents: copy, notes };
  if (kept === '') throw emptied('a value');
  if (format === 'yaml' && isLostAsYaml(kept)) {
    throw new SecretsError(
      'BAD_VALUE',
      'YAML cannot hold text that begins with a tab and has several lines',
      {
        line: 1,
        hint: 'begin with something else, or store it with `secrets add --binary`',
      },
    );
  }
  if (text.endsWith('\n') && kept !== text) notes.push("dropped the final newline, which is the editor's");
  setPath(copy, key, kept);
  return { documents: copy, notes };
}

function withoutEditorsNewline(text: string, before: string): string {
  if (!text.endsWith('\n') || before.endsWith('\n')) return text;
  const kept = text.replace(/\r?\n$/, '');
  return kept.includes('\n') && !before.includes('\n') ? text : kept;
}

/**
 * Documents as an editor left them, by their format.
 *
 * @param before what the editor began with
 * @throws SecretsError `BAD_DOCUMENT`, `BAD_VALUE`, `ALREADY_ENCRYPTED` (a reserved key), `EMPTY_VALUE`, with a line
 * where one is known
 */
export async function readDocumentText(
  format: FormatName,
  before: Uint8Array,
  edited: Uint8Array,
): Promise<ReadText> {
  // Editors end a file with a newline; bytes are not changed by that.
  if (format === 'binary' && onlyNewlineAdded(before, edited))
    return readDocumentText(format, before, before);
  if (edited.length === 0 && before.length > 0) throw emptied('the document');
  const notes = format === 'dotenv' ? envNotes(before, edited) : [];
  const reader = await loadFormat(format);
  const documents = reader.parsePlain(edited);
  if (documents.some(document => reader.hasReservedKey(document))) throw reserved(format, edited);
  const old = reader.parsePlain(before);
  const isEmpty = (all: readonly TreeMap[]) => all.every(document => document.items.length === 0);
  if (isEmpty(documents) && !isEmpty(old)) throw emptied('the document');
  if (format === 'yaml' || format === 'json') notes.push(...nonStrings(old, documents));
  return { documents, notes };
}

function onlyNewlineAdded(before: Uint8Array, edited: Uint8Array): boolean {
  if (before.at(-1) === 0x0a) return false;
  return edited.at(-1) === 0x0a && Buffer.compare(edited.subarray(0, -1), before) === 0;
}

/** What the rules for env files say; a file that broke them before is left to its format alone. */
function envNotes(before: Uint8Array, edited: Uint8Array): string[] {
  try {
    inspectEnvText(decode(before));
  } catch (error) {
    if (error instanceof SecretsError) return [];
    throw error;
  }
  const known = new Set(inspectEnvText(decode(before)).notes);
  return inspectEnvText(decode(edited)).notes.filter(note => !known.has(note));
}

function reserved(format: FormatName, edited: Uint8Array): SecretsError {
  const name = format === 'dotenv' ? 'sops_' : 'sops';
  const pattern = format === 'dotenv' ? /^sops_/ : /^[\s{,]*\[?["']?sops["']?\s*[:\]]/;
  const at = Buffer.from(edited)
    .toString('latin1')
    .split('\n')
    .findIndex(line => pattern.test(line));
  const what = format === 'dotenv' ? `a name that begins with ${name}` : `the key ${name}`;
  return new SecretsError('ALREADY_ENCRYPTED', `${what} is reserved for the metadata of sops`, {
    line: at < 0 ? undefined : at + 1,
    hint: 'take another name; the metadata itself is kept as it is',
  });
}

function emptied(what: string): SecretsError {
  return new SecretsError('EMPTY_VALUE', `nothing is left of ${what}`, {
    hint: 'to remove a secret: secrets rm; an empty value: secrets set --allow-empty',
  });
}

function nonStrings(before: readonly TreeMap[], after: readonly TreeMap[]): string[] {
  const known = leafKinds(before);
  const changed = [...leafKinds(after)].filter(([key, kind]) => kind !== 'text' && known.get(key) !== kind);
  return changed.map(
    ([key, kind]) =>
      `${shownKey(key)} is ${kind}, not text: sops-nix then installs none of the secrets of a host that is to receive it; quote it`,
  );
}

/** What each leaf is, by its path. */
function leafKinds(documents: readonly TreeMap[]): Map<string, string> {
  const kinds = new Map<string, string>();
  for (const document of documents) {
    for (const { path, value } of leaves(document)) kinds.set(path.join('/'), kindOf(value));
  }
  return kinds;
}

function kindOf(value: Value | null): string {
  if (value === null) return 'empty';
  if (typeof value === 'string' || value instanceof Uint8Array) return 'text';
  if (typeof value === 'boolean') return 'true or false';
  return value instanceof Time ? 'a date' : 'a number';
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new SecretsError('BAD_VALUE', 'the text is not valid UTF-8', {
      hint: 'save it as UTF-8; bytes that are no text are stored with `secrets add --binary`',
    });
  }
}

/** A key as a message shows it: a strange one quoted, without what a terminal obeys. */
export function shownKey(key: string): string {
  return /^[\w./@+:-]{1,80}$/.test(key) ? key : shown(key);
}

/** A copy whose maps and lists can be changed; comments and scalars are the same objects. */
export function cloneMap(map: TreeMap): TreeMap {
  return new TreeMap(map.items.map(({ key, value }) => ({ key, value: cloneValue(value) })));
}

function cloneValue(value: Value | null): Value | null {
  if (value instanceof TreeMap) return cloneMap(value);
  if (!(value instanceof TreeList)) return value;
  return new TreeList(
    value.elements.map(element =>
      element instanceof Comment || element === null || isScalar(element) ? element : cloneValue(element),
    ),
  );
}
