import { languageOf } from '../assignments/language.ts';
import { classifyName } from '../assignments/names.ts';
import { isRandom } from '../assignments/score.ts';
import { isHumanPassword, isPlaceholder, isReference, type Setting } from '../assignments/value.ts';
import type { Hit, ScanRule, Source } from '../model.ts';
import { keywordPlaces } from '../tokens/rule.ts';
import { hit, textOfBase64 } from './found.ts';

const KEYWORDS = [
  'kind: secret',
  'kind:  secret',
  '"kind": "secret"',
  '"kind":"secret"',
  "kind: 'secret'",
  'kind: "secret"',
];
/** Longest document that is looked at, to either side of its kind. */
const REACH = 65_536;
const LONGEST_LINE = 16_384;
/** What is no secret in a Secret. */
const OPEN_KEY =
  /^(?:user(?:name)?|login|host(?:name)?|port|url|uri|endpoint|server|database|db(?:name|_name|-name)?|name|namespace|email|type|region|bucket|issuer|project|enabled|ca\.crt|tls\.crt|client_?id|.{0,40}(?:user|username|host|port|name|id|\.crt|\.pem|public|pub|email|region|bucket))$/i;

/** The values of `data` and `stringData` in a Secret of Kubernetes, in YAML and in JSON. */
export const KUBERNETES_SECRET: ScanRule = {
  id: 'kubernetes-secret',
  title: 'a value in a Kubernetes Secret',
  keywords: KEYWORDS,
  why: 'base64 hides nothing: whoever reads it has the value',
  find: secrets,
};

function* secrets(source: Source): Iterable<Hit> {
  const { text } = source;
  const { setting } = languageOf(source.path);
  let done = 0;
  for (const at of keywordPlaces(source, KEYWORDS)) {
    if (
      at < done ||
      /\w/.test(text.charAt(at + (KEYWORDS.find(word => source.lower.startsWith(word, at))?.length ?? 0)))
    )
      continue;
    const window = { start: Math.max(done, at - REACH), end: Math.min(text.length, at + REACH) };
    const before = text.slice(window.start, at);
    const parted = /^---/.test(before) ? 0 : before.lastIndexOf('\n---');
    const start = window.start + Math.max(0, parted);
    const after = text.slice(at, window.end).indexOf('\n---');
    const end = after < 0 ? window.end : at + after;
    done = end;
    yield* text.charAt(at) === '"' ? inJson(text, start, end, setting) : inYaml(text, start, end, setting);
  }
}

const ENTRY = /^([ \t]{1,40})(?:"([^"\n]{1,128})"|'([^'\n]{1,128})'|([\w.-]{1,128})):[ \t]{0,8}(.*)$/;

/** Reads the lines below `data:` and `stringData:` that are deeper than it. */
function* inYaml(text: string, start: number, end: number, setting: Setting): Iterable<Hit> {
  let encoded: boolean | null = null;
  let indent = -1;
  let pending: { key: string; encoded: boolean } | null = null;
  let at = start;
  while (at < end) {
    const newline = text.indexOf('\n', at);
    const stop = newline < 0 || newline > end ? end : newline;
    const line = text.slice(at, Math.min(stop, at + LONGEST_LINE)).trimEnd();
    const section = /^[ \t]{0,40}(data|stringData):[ \t]{0,8}(?:#.*)?$/.exec(line);
    const entry = section === null ? ENTRY.exec(line) : null;
    if (section !== null) {
      encoded = section[1] === 'data';
      indent = line.search(/\S/);
    } else if (/\S/.test(line) && line.search(/\S/) <= indent) encoded = null;
    else if (entry !== null && encoded !== null && (pending === null || /^\S/.test(entry[5] ?? ''))) {
      const key = entry[2] ?? entry[3] ?? entry[4] ?? '';
      const value = unquoted(entry[5] ?? '');
      pending = /^[|>][-+]?\d?$/.test(entry[5] ?? '') ? { key, encoded } : null;
      if (pending === null && isSecretValue(key, value, encoded, setting)) {
        const from = at + line.lastIndexOf(value);
        yield hit(from, from + value.length, from, from + value.length);
      }
    } else if (pending !== null && /\S/.test(line)) {
      const value = line.trim();
      const { key, encoded: base64 } = pending;
      pending = null;
      const from = at + line.indexOf(value);
      if (isSecretValue(key, value, base64, setting))
        yield hit(from, from + value.length, from, from + value.length);
    }
    at = stop + 1;
  }
}

function unquoted(value: string): string {
  const quoted = /^(["'])(.*)\1(?:[ \t]+#.*)?$/.exec(value);
  return quoted?.[2] ?? value.replace(/[ \t]+#.*$/, '');
}

const SECTION = /"(data|stringData)"\s{0,8}:\s{0,8}\{([^{}]{1,16384})\}/g;
const PAIR = /"([^"\\\n]{1,128})"\s{0,8}:\s{0,8}"([^"\\\n]{1,8192})"/dg;

function* inJson(text: string, start: number, end: number, setting: Setting): Iterable<Hit> {
  const part = text.slice(start, end);
  for (const section of part.matchAll(SECTION)) {
    const body = section[2] ?? '';
    const offset = start + section.index + section[0].length - 1 - body.length;
    for (const pair of body.matchAll(PAIR)) {
      const place = pair.indices?.[2];
      if (place === undefined || !isSecretValue(pair[1] ?? '', pair[2] ?? '', section[1] === 'data', setting))
        continue;
      yield hit(offset + place[0], offset + place[1], offset + place[0], offset + place[1]);
    }
  }
}

function isSecretValue(key: string, written: string, encoded: boolean, setting: Setting): boolean {
  if (written.length < 5 || /^ENC\[|^!/.test(written) || OPEN_KEY.test(key)) return false;
  const value = encoded ? textOfBase64(written)?.trim() : written;
  const named = classifyName(key) !== null;
  if (value === undefined || value === '') return encoded && named && isRandom(written, 24);
  // Keys in PEM have rules of their own, which look inside.
  if (value.startsWith('-----') || isReference(value) || isPlaceholder(value)) return false;
  if (/\s/.test(value))
    return encoded && /password|secret|token/i.test(value) && setting === 'config' && value.includes('\n');
  if (isRandom(value)) return true;
  if (!named || value.length < 6) return false;
  if (setting !== 'config') return isHumanPassword(value, setting);
  return encoded || isHumanPassword(value, 'config');
}
