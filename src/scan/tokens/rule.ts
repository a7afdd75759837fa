import type { Hit, ScanRule, Source } from '../model.ts';
import { looksMadeUp, looksRandom } from '../random.ts';

/** One kind of token that is known by how it looks: a row of a table. */
export interface TokenSpec {
  readonly id: string;
  readonly title: string;
  /** In lower case, each at least three characters long. */
  readonly keywords: readonly string[];
  /**
   * What a whole token looks like, case matters. A group is the part that is random; without one all behind the
   * keyword is. Quantifiers are bounded, none nested.
   */
  readonly pattern: string;
  /** Characters of the token that stand before the keyword, and how many at most. */
  readonly before?: { readonly chars: RegExp; readonly most: number };
  /** What may not follow; without it the characters that tokens consist of. */
  readonly end?: string;
  /**
   * The issuer's own checksum. `true`: it is a token whatever it looks like; `false`: it is one only if it looks
   * quite random, because not every issuer has kept to its form.
   */
  readonly checksum?: (token: string) => boolean;
  /** What cannot be said in a pattern. */
  readonly check?: (token: string) => boolean;
  /** The form alone is too common: what looks like words is let through. */
  readonly strict?: boolean;
  readonly why?: string;
  readonly revoke?: string;
}

const END = '(?![A-Za-z0-9_-])';

/** The rule of a row. */
export function tokenRule(spec: TokenSpec): ScanRule {
  const { before } = spec;
  let table = WORD;
  let strict: RegExp | null = null;
  let loose: RegExp | null = null;
  return {
    ...described(spec),
    *find(source) {
      strict ??= new RegExp(`(?:${spec.pattern})${spec.end ?? END}`, 'y');
      if (before !== undefined && table === WORD) table = tableOf(before.chars);
      loose ??= new RegExp(spec.pattern, 'y');
      const pattern = source.loose === true ? loose : strict;
      let done = 0;
      for (const at of keywordPlaces(source, spec.keywords)) {
        if (at < done) continue;
        const start = before === undefined ? at : startOf(source.text, at, before.most, table);
        if (start < done || !(source.loose === true || isBorder(source.text, start))) continue;
        pattern.lastIndex = start;
        const match = pattern.exec(source.text);
        if (match === null) continue;
        done = start + match[0].length;
        if (isToken(match, spec)) yield whole(start, done);
      }
    },
  };
}

/** One kind of credential that is known by the name it is given to: `HCLOUD_TOKEN=…`. */
export interface AssignedSpec {
  readonly id: string;
  readonly title: string;
  /** In lower case: the name, or how it begins. */
  readonly keywords: readonly string[];
  /** What the value looks like, with bounded quantifiers. */
  readonly value: string;
  /** What the rest of the name must have; without it anything that is not said to be public. */
  readonly name?: RegExp;
  readonly check?: (value: string) => boolean;
  /** The value is a number. */
  readonly digits?: boolean;
  readonly why?: string;
  readonly revoke?: string;
}

/** Names for what belongs to a credential and is not secret. */
const PUBLIC_NAME =
  /(?:hash|sha\d*|sum|digest|commit|rev|version|public|pub|fingerprint|[_-]id|url|uri|host|file|path|md5|etag|action|image|tag|ref)$/i;
const IDENTIFIER = /I[dD]$/;
const REST = '([A-Za-z0-9_.-]{0,40})';
/** Between name and value: quotes, signs, blanks, tags, and the word `value` of Kubernetes lists. */
const GAP = `(?:[\\s"'\`:=>,()\\[\\]{}|]|</?[A-Za-z]{1,10}>){1,24}(?:[Vv]alue["'\`]?[\\s:="'\`]{1,8})?(?:[Bb]earer |[Tt]oken |[Tt]oken=)?`;

/** The rule of a row: the name, what stands between, and the value, all close together. */
export function assignedRule(spec: AssignedSpec): ScanRule {
  let pattern: RegExp | null = null;
  const longest = spec.keywords.map(keyword => keyword.length);
  return {
    ...described(spec),
    *find(source) {
      pattern ??= new RegExp(`${REST}${GAP}(${spec.value})(?![A-Za-z0-9_/+=-])`, 'y');
      let done = 0;
      for (const at of keywordPlaces(source, spec.keywords)) {
        if (at < done) continue;
        const index = spec.keywords.findIndex(keyword => source.lower.startsWith(keyword, at));
        pattern.lastIndex = at + (longest[index] ?? 0);
        const match = pattern.exec(source.text);
        const value = match?.[2];
        if (match === null || value === undefined) continue;
        const end = pattern.lastIndex;
        done = end;
        if (
          !namesSecret(match[1] ?? '', spec) ||
          !(spec.digits === true ? !looksMadeUp(value) : looksRandom(value))
        )
          continue;
        if (spec.check?.(value) ?? true)
          yield { start: at, end, secretStart: end - value.length, secretEnd: end };
      }
    },
  };
}

function namesSecret(rest: string, spec: AssignedSpec): boolean {
  return !PUBLIC_NAME.test(rest) && !IDENTIFIER.test(rest) && (spec.name?.test(rest) ?? true);
}

function described(spec: TokenSpec | AssignedSpec): Omit<ScanRule, 'find'> {
  return {
    id: spec.id,
    title: spec.title,
    keywords: spec.keywords,
    ...(spec.why === undefined ? {} : { why: spec.why }),
    ...(spec.revoke === undefined ? {} : { revoke: spec.revoke }),
  };
}

/** Where a rule's keywords occur, rising: as the engine found them, or found here. */
export function keywordPlaces(source: Source, keywords: readonly string[]): readonly number[] {
  if (source.at !== undefined) return source.at;
  const found = new Set<number>();
  for (const keyword of keywords) {
    for (let at = source.lower.indexOf(keyword); at >= 0; at = source.lower.indexOf(keyword, at + 1)) {
      found.add(at);
    }
  }
  return [...found].sort((a, b) => a - b);
}

/** A hit whose value is all that is reported. */
export function whole(start: number, end: number): Hit {
  return { start, end, secretStart: start, secretEnd: end };
}

function startOf(text: string, at: number, most: number, isPart: Uint8Array): number {
  let start = at;
  const least = Math.max(0, at - most);
  while (start > least && isPart[text.charCodeAt(start - 1)] === 1) start -= 1;
  return start;
}

/** For each character of ASCII whether a pattern of one character takes it. */
function tableOf(chars: RegExp): Uint8Array {
  return Uint8Array.from({ length: 128 }, (_, code) => (chars.test(String.fromCharCode(code)) ? 1 : 0));
}

const WORD = tableOf(/[A-Za-z0-9]/);

/** True where a word may begin: behind no letter or digit, except that of an escape as `\n`. */
export function isBorder(text: string, at: number): boolean {
  if (at === 0 || WORD[text.charCodeAt(at - 1)] !== 1) return true;
  return text.charAt(at - 2) === '\\' && /[nrt]/.test(text.charAt(at - 1));
}

function isToken(match: RegExpExecArray, spec: TokenSpec): boolean {
  const token = match[0];
  if (spec.check !== undefined && !spec.check(token)) return false;
  const valid = spec.checksum?.(token);
  if (valid === true) return true;
  const random = match[1] ?? withoutKeyword(token, spec.keywords);
  return spec.strict === true || valid === false ? looksRandom(random) : !looksMadeUp(random);
}

function withoutKeyword(token: string, keywords: readonly string[]): string {
  const lower = token.toLowerCase();
  const keyword = keywords.find(word => lower.startsWith(word));
  return keyword === undefined ? token : token.slice(keyword.length);
}
