import { RE2JS } from 're2js';
import { parseDocument } from 'yaml';
import { SecretsError } from '../errors.ts';

/** What a committed allow file lets through. */
export interface AllowEntry {
  readonly rule: string;
  /** As it is written, `test/**`. */
  readonly path: string;
  /** Of the values that are meant; empty: every value at that place. */
  readonly fingerprints: readonly string[];
  readonly reason: string;
  /** Counts from 1. */
  readonly line: number;
}

/** An allow file that was read. */
export interface AllowList {
  /** What fingerprints are made with: public, but one of its own for every repository. */
  readonly key: string;
  readonly entries: readonly AllowEntry[];
}

/** What an entry is asked about. */
interface Asked {
  readonly rule: string;
  readonly path: string;
  /** Called only where rule and path fit; it is slow on purpose. */
  readonly fingerprint: () => string | null;
}

const KEY = /^[0-9a-f]{32}$/;
const FINGERPRINT = /^[0-9a-f]{32}$/;
const MOST_BYTES = 1024 * 1024;

/**
 * Reads `.secrets-allow.yaml`. Whatever is not understood is refused as a whole: a guard that guesses is none.
 *
 * @throws SecretsError `BAD_ALLOW_LIST` with the line
 */
export function parseAllowFile(bytes: Uint8Array, file: string): AllowList {
  if (bytes.length > MOST_BYTES) throw refused('it has more than 1 MiB', file);
  const text = decode(bytes, file);
  const document = parseDocument(text, { schema: 'failsafe', maxAliasCount: 0, uniqueKeys: true } as never);
  const [error] = document.errors;
  const lineAt = (offset: number) => text.slice(0, offset).split('\n').length;
  if (error !== undefined) throw refused('it is no YAML', file, lineAt(error.pos[0]));
  const content: unknown = document.toJS();
  if (!isMap(content)) throw refused('it is no map with `key` and `allow`', file, 1);
  const { key, allow, ...others } = content;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw refused(`it has an unknown entry ${JSON.stringify(unknown)}`, file, 1);
  if (typeof key !== 'string' || !KEY.test(key)) throw refused('`key` is not 32 hexadecimal digits', file, 1);
  if (!Array.isArray(allow)) throw refused('`allow` is no list', file, 1);
  return { key, entries: allow.map((entry, index) => entryOf(entry, lineOfEntry(text, index), file)) };
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refused('it is no UTF-8 text', file);
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Good enough for a message: entries begin with `- `. */
function lineOfEntry(text: string, index: number): number {
  let seen = -1;
  const lines = text.split('\n');
  const at = lines.findIndex(
    line => /^\s*- +(?:rule|path|reason|fingerprints?)\s*:/.test(line) && ++seen === index,
  );
  return at < 0 ? 1 : at + 1;
}

function entryOf(entry: unknown, line: number, file: string): AllowEntry {
  if (!isMap(entry)) throw refused('an entry of `allow` is no map', file, line);
  const { rule, path, reason, fingerprints = [], ...others } = entry;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw refused(`an entry has an unknown ${JSON.stringify(unknown)}`, file, line);
  if (typeof rule !== 'string' || rule === '') throw refused('an entry names no rule', file, line);
  if (typeof path !== 'string' || path === '') throw refused('an entry names no path', file, line);
  if (typeof reason !== 'string' || !/[\p{L}\p{N}]{2}/u.test(reason))
    throw refused('an entry gives no reason', file, line);
  const prints: unknown[] = Array.isArray(fingerprints) ? fingerprints : [fingerprints];
  const good = prints.filter(print => typeof print === 'string' && FINGERPRINT.test(print));
  if (good.length < prints.length) throw refused('a fingerprint is not 32 hexadecimal digits', file, line);
  return { rule, path, reason, fingerprints: good.map(String), line };
}

function refused(message: string, file: string, line?: number): SecretsError {
  return new SecretsError('BAD_ALLOW_LIST', message, {
    file,
    line,
    hint: 'secrets scan --baseline writes one; docs/scan.md shows what belongs in it',
  });
}

/** Answers for one allow file, and remembers which of its entries were of use. */
export class Allowances {
  readonly #entries: readonly { readonly entry: AllowEntry; readonly pattern: RE2JS }[];
  readonly #used = new Set<AllowEntry>();

  constructor(list: AllowList) {
    this.#entries = list.entries.map(entry => ({ entry, pattern: globPattern(entry.path) }));
  }

  /** True where an entry lets the finding through. */
  allows({ rule, path, fingerprint }: Asked): boolean {
    for (const { entry, pattern } of this.#entries) {
      if (entry.rule !== rule || !pattern.matches(path)) continue;
      const print = entry.fingerprints.length === 0 ? null : fingerprint();
      if (print !== null && !entry.fingerprints.includes(print)) continue;
      this.#used.add(entry);
      return true;
    }
    return false;
  }

  /** Entries that let nothing through. */
  unused(): AllowEntry[] {
    return this.#entries.map(({ entry }) => entry).filter(entry => !this.#used.has(entry));
  }
}

/** `*` and `?` stay within a folder, a double star does not. Linear, whatever was written. */
function globPattern(glob: string): RE2JS {
  const source = glob.replace(/\*\*\/|\*\*|\*|\?|[\s\S]/g, part => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    return RE2JS.quote(part);
  });
  return RE2JS.compile(source, RE2JS.DOTALL);
}
