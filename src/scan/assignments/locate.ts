import type { Syntax } from './language.ts';

/** A name and the literal that it is given. Offsets are of the text. */
export interface Assigned {
  readonly name: string;
  readonly nameStart: number;
  readonly value: string;
  readonly start: number;
  readonly end: number;
  /** Empty: without any. */
  readonly quote: string;
  /** A call of something stands between, or a fallback sign: the value has to speak for itself. */
  readonly indirect: boolean;
}

/** Where a value is expected, behind what stands between it and its name. */
interface Gap {
  readonly at: number;
  /** Only a value in quotes is one here. */
  readonly quoted: boolean;
  /** What ends a value without quotes, besides blanks and quotes. */
  readonly until: string;
  readonly indirect: boolean;
  /** Blanks alone are between: what follows the value says nothing of it. */
  readonly loose: boolean;
}

/** A longer value is no password; it is cut off here, and {@link Assigned.value} is this long. */
export const LONGEST = 1024;
const WORD = Uint8Array.from({ length: 128 }, (_, code) =>
  /[A-Za-z0-9_.-]/.test(String.fromCharCode(code)) ? 1 : 0,
);
/** A pattern that is tried at one place, and what it may begin with there; what is no ASCII is always tried. */
class Ahead {
  readonly #pattern: RegExp;
  readonly #mayBegin: Uint8Array;

  /** @param first characters */
  constructor(first: string, pattern: RegExp) {
    this.#pattern = pattern;
    this.#mayBegin = new Uint8Array(128);
    for (let i = 0; i < first.length; i += 1) this.#mayBegin[first.charCodeAt(i)] = 1;
  }

  /** Where a match that begins at a place ends; `-1`: there is none. */
  end(text: string, at: number): number {
    const code = text.charCodeAt(at);
    if (code < 128 && this.#mayBegin[code] === 0) return -1;
    this.#pattern.lastIndex = at;
    return this.#pattern.test(text) ? this.#pattern.lastIndex : -1;
  }
}

const SPACES = ' \t\n\r\f\v';
const CLOSED = new Ahead('\\"\'`])', /(?:\\{0,3}["'`])?[\])]{0,2}/y);
/** `: string =`, `: &'static str =`, ` string =`, `?: string =`. */
const TYPED = new Ahead(
  '?!: \t',
  /[?!]?[ \t]{0,4}:?[ \t]{1,4}[&'A-Za-z][\w&'.<>| ]{0,40}=(?![=>~])[ \t]{0,20}/y,
);
const SIGN = new Ahead(
  ' \t?|:=+',
  /[ \t]{0,30}(?:\?\?=|\|\|=|:=|=>|\?=|\+=|=(?![=~>])|:(?![:=/]))[ \t]{0,30}/y,
);
const ELSE = new Ahead(' \t|?o', /[ \t]{0,8}(?:\|\||\?\?|\bor\b|\?:)[ \t]{0,8}(?=["'`])/y);
const COMMA = new Ahead(' \t,', /[ \t]{0,8},\s{0,20}(?=\\{0,2}["'`])/y);
/** `getenv("NAME", "value")`: a name and its value, not two values. */
const TELLING_CALL =
  /(?:env|get|default|define|config|setting|option|set|put|property|var|add|header)\w{0,12}[([][ \t]{0,4}$/i;
const SHELL_ELSE = new Ahead(':-=', /:?[-=]/y);
const BLANKS = new Ahead(' \t', /[ \t]{1,20}/y);
const CELL = new Ahead(',;\t', /[,;\t]/y);
const PAIR = new Ahead(
  `"'\`,;${SPACES}`,
  /["'`]?[ \t]{0,8}[,;]?\s{1,60}(?:-[ \t])?["'`]?(?:value|Value|VALUE|content|defaultValue|default)["'`]?[ \t]{0,8}[:=][ \t]{0,20}/y,
);
const TIGHT_PAIR = new Ahead(
  `"'\``,
  /["'`][ \t]{0,8},["'`]?(?:value|Value|VALUE)["'`]?[ \t]{0,4}[:=][ \t]{0,4}/y,
);
const PLIST = new Ahead(' \t<', /[ \t]{0,4}<\/key>\s{0,60}<string>/y);
const ELEMENT = new Ahead(
  ' \t>',
  /(?:[ \t]{1,4}[\w:.-]{1,40}="[^"<>]{0,80}"){0,3}[ \t]{0,4}>(?:<!\[CDATA\[|\s{1,60}<(?:Value|value|string)>)?/y,
);
/** `<entry key="password">…</entry>` */
const ENTRY = new Ahead(`"'`, /["'][ \t]{0,4}>(?=[^<>\s]{4,512}<\/)/y);
const NESTED = new Ahead(
  `"' \t:`,
  /["']?[ \t]{0,4}:[ \t]{0,4}\{[^{}]{0,200}?"value"[ \t]{0,4}:[ \t]{0,4}(?=")/y,
);
/** What may stand right before the first quote: `b"`, `Some("`, `mkDefault "`. */
const BEFORE_QUOTE = new Ahead(
  '[(@$_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
  /(?:[bBrRuUfFlL@$]{1,2}|\[\]byte\(|(?:new[ \t]{1,4})?[A-Za-z_][\w.:]{0,60}[!]?\(|[[(])(?=\\{0,2}["'`])/y,
);
const QUOTE = new Ahead(`\\"'\``, /"""|'''|\\{1,3}["'`]|["'`]/y);
/** A value on lines of its own. */
const BLOCK = new Ahead('|>', /[|>][-+]?\d?[ \t]{0,8}\r?\n[ \t]{1,40}/y);
/** `the password is \`…\``, in documents. */
const IS = new Ahead('*_ \t', /[*_]{0,3}[ \t]{1,4}is:?[ \t]{1,4}[*_]{0,3}/y);
const CALL = new Ahead('(', /\([ \t]{0,4}(?=["'])/y);
/** What stands in a string of code: `password=… dbname=…`. */
const IN_STRING = /^[\w.!%*@#+/=:~^-]+$/;
const ANCHOR = new Ahead('!&', /(?:!!str|&[A-Za-z_][\w-]{0,40})[ \t]{1,4}/y);

/** Where the name around a place begins and ends; the end is never before the place. */
export function nameAround(text: string, at: number, floor: number): { start: number; end: number } {
  let start = at;
  const least = Math.max(floor, at - LONGEST);
  while (start > least && isOfWord(text.charCodeAt(start - 1))) start -= 1;
  let end = at;
  while (end < text.length && isOfWord(text.charCodeAt(end))) end += 1;
  return { start, end };
}

function isOfWord(code: number): boolean {
  return WORD[code] === 1;
}

/**
 * What is assigned to the name at a place, in one of the ways of {@link gapsBehind}; `null`: nothing literal.
 *
 * @param limit offset behind which no value goes on, and no line is looked at
 */
export function assignedTo(
  text: string,
  name: { start: number; end: number },
  syntax: Syntax,
  limit: number = text.length,
): Assigned | null {
  for (const gap of gapsBehind(text, name.start, name.end, syntax)) {
    if (gap.at >= limit) continue;
    const found = readValue(text, gap, syntax, limit);
    if (found === null) continue;
    return { name: text.slice(name.start, name.end), nameStart: name.start, ...found };
  }
  return null;
}

function* gapsBehind(text: string, start: number, end: number, syntax: Syntax): Iterable<Gap> {
  const before = text.charAt(start - 1);
  const plainQuote = /["'`]/.test(before);
  const gap = (at: number, extra: Partial<Gap> = {}): Gap => ({
    at,
    quoted: syntax === 'code' || syntax === 'json' || syntax === 'markup',
    until: /[?&;,]/.test(before) ? '&;,' : before === '{' ? '}' : syntax === 'prose' ? ')]' : '',
    indirect: false,
    loose: false,
    ...extra,
  });
  if (before === '<' && syntax !== 'shell') {
    const at = ELEMENT.end(text, end);
    if (at >= 0) yield gap(at, { quoted: false, until: '<' });
  }
  if (before === '{' && text.charAt(start - 2) === '$') {
    const at = SHELL_ELSE.end(text, end);
    if (at >= 0) yield gap(at, { quoted: false, until: '}' });
    return;
  }
  const closed = Math.max(end, CLOSED.end(text, end));
  const sign = SIGN.end(text, closed);
  // `AES:PSK:3DES` is a list.
  const listed = (before === ':' || before === '!') && /^:(?!\s)/.test(text.slice(closed, closed + 2));
  if (sign >= 0 && !listed) yield gap(sign);
  const typed = sign >= 0 && text.charAt(sign - 1) !== ' ' ? -1 : TYPED.end(text, end);
  if (typed >= 0) yield gap(typed, { quoted: true });
  for (const pattern of [PAIR, TIGHT_PAIR]) {
    const pair = pattern.end(text, end);
    if (pair >= 0) yield gap(pair);
  }
  const other = ELSE.end(text, closed);
  if (other >= 0) yield gap(other, { quoted: true, indirect: true });
  if (plainQuote) {
    const comma = COMMA.end(text, closed);
    const indirect = !TELLING_CALL.test(text.slice(Math.max(0, start - 40), start - 1));
    if (comma >= 0) yield gap(comma, { quoted: true, indirect });
    const entry = ENTRY.end(text, end);
    if (entry >= 0) yield gap(entry, { quoted: false, until: '<' });
    const nested = syntax === 'json' ? NESTED.end(text, end) : -1;
    if (nested >= 0) yield gap(nested, { quoted: true });
  }
  yield* looseGaps(text, start, end, syntax, gap);
}

/** Where nothing but a blank, a comma or a tag separates the two. */
function* looseGaps(
  text: string,
  start: number,
  end: number,
  syntax: Syntax,
  gap: (at: number, extra?: Partial<Gap>) => Gap,
): Iterable<Gap> {
  const call = syntax === 'code' ? CALL.end(text, end) : -1;
  if (call >= 0) yield gap(call, { quoted: true, indirect: true });
  const is = syntax === 'prose' ? IS.end(text, end) : -1;
  if (is >= 0) yield gap(is, { loose: true });
  const plist = PLIST.end(text, end);
  if (plist >= 0) yield gap(plist, { quoted: false, until: '<' });
  if (syntax === 'table') {
    const cell = CELL.end(text, end);
    if (cell >= 0) yield gap(cell, { quoted: false, until: ',;' });
  }
  const blanks = BLANKS.end(text, end);
  if (blanks < 0) return;
  const before = text.slice(Math.max(0, start - 24), start);
  if (/[(][ \t]*(?:setq|setenv|def|define)[ \t]{1,4}$/.test(before)) yield gap(blanks, { quoted: true });
  if (syntax === 'code' && /#[ \t]{0,4}define[ \t]{1,8}$/.test(text.slice(Math.max(0, start - 16), start)))
    yield gap(blanks, { quoted: true });
  if (text.charAt(start) === '-') yield gap(blanks, { quoted: false, loose: true });
  else if (syntax === 'plain' || syntax === 'shell' || syntax === 'prose') {
    const line =
      text
        .slice(Math.max(0, start - 24), start)
        .split('\n')
        .at(-1) ?? '';
    if (
      /(?:^|\s)(?:ENV|set -g?x|set -U?x|set -xg|setenv|SetEnv|fastcgi_param|setx|ARG|env)[ \t]{1,4}$/.test(
        line,
      )
    )
      yield gap(blanks, { quoted: false, loose: true });
    else if (syntax === 'plain' && /^[ \t]*$/.test(line)) yield gap(blanks, { quoted: false, loose: true });
  }
}

function readValue(
  text: string,
  gap: Gap,
  syntax: Syntax,
  limit: number,
): Pick<Assigned, 'value' | 'start' | 'end' | 'quote' | 'indirect'> | null {
  let at = gap.at;
  if (syntax === 'yaml') at = Math.max(at, ANCHOR.end(text, at));
  if (!/["'`\\]/.test(text.charAt(at))) {
    const opened = BEFORE_QUOTE.end(text, at);
    if (opened >= 0)
      return quoted(text, opened, limit, gap.indirect || opened - at > 2, text.slice(at, opened));
  }
  if (gap.until !== '<' && QUOTE.end(text, at) >= 0) return quoted(text, at, limit, gap.indirect, '');
  const block = syntax === 'yaml' ? BLOCK.end(text, at) : -1;
  if (block >= 0) return bare(text, block, limit, { ...gap, until: '' }, syntax);
  if (text.startsWith('${', at)) return null;
  if (!gap.quoted) return bare(text, at, limit, gap, syntax);
  const found = bare(text, at, limit, { ...gap, until: gap.until || '&;' }, syntax);
  return text.charAt(at - 1) === '=' && IN_STRING.test(found.value) ? { ...found, indirect: true } : null;
}

function quoted(text: string, at: number, limit: number, indirect: boolean, prefix: string) {
  const start = QUOTE.end(text, at);
  if (start < 0) return null;
  const quote = text.slice(at, start);
  if (text.startsWith('${', start)) return null;
  const end = closing(text, start, quote, Math.min(limit, start + LONGEST));
  if (end < 0) return null;
  const value = text.slice(start, end);
  if (/[fF$]/.test(prefix) && prefix.length <= 2 && value.includes('{')) return null;
  return { value, start, end, quote, indirect };
}

/** Where a quote closes, on the same line; `-1`: nowhere. */
function closing(text: string, start: number, quote: string, limit: number): number {
  const escapes = quote.length === 1 && quote !== "'";
  for (let i = start; i < limit; i += 1) {
    const char = text.charAt(i);
    if (char === '\n' && quote.length < 3) return -1;
    if (text.startsWith(quote, i)) return i;
    if (escapes && char === '\\') i += 1;
  }
  return -1;
}

function bare(text: string, at: number, limit: number, gap: Gap, syntax: Syntax) {
  const stop = Math.min(limit, at + LONGEST);
  let end = at;
  while (end < stop && !isEnd(text.charAt(end), gap.until)) end += 1;
  // Nothing is the value then, but it has been looked at.
  const sentence = gap.until === '' && !gap.loose && isSentence(text, at, end, syntax);
  const trailing = syntax === 'prose' ? /[.,;:)\]\\]/ : /[,;)\]\\]/;
  while (end > at && trailing.test(text.charAt(end - 1)) && gap.until === '') end -= 1;
  return { value: sentence ? '' : text.slice(at, end), start: at, end, quote: '', indirect: gap.indirect };
}

/** `password: ask the admin`: more words follow, and not because the next thing of a command does. */
function isSentence(text: string, at: number, end: number, syntax: Syntax): boolean {
  if (syntax !== 'yaml' && !(syntax !== 'shell' && /[ \t]/.test(text.charAt(at - 1)))) return false;
  // `{user: a, password: b, port: 1}`
  if (syntax === 'yaml' && text.charAt(end - 1) === ',') return false;
  return /^[ \t]{1,8}[^#;\s&|}\]-]/.test(text.slice(end, end + 10));
}

function isEnd(char: string, until: string): boolean {
  return char <= ' ' || char === '"' || char === "'" || char === '`' || char === '<' || until.includes(char);
}
