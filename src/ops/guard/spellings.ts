/** One way in which a value may stand in a file. */
export interface Spelling {
  readonly bytes: Buffer;
  /** True where blanks and line breaks may stand between any two characters: base64 is folded. */
  readonly folds: boolean;
}

/** Longer values are looked for by this much of their base64: the rest follows from it. */
const LONGEST_BASE64 = 4096;

/** Every way in which a value is looked for; the plainest first, none twice. */
export function spellingsOf(value: Buffer): Spelling[] {
  const found = new Map<string, Spelling>();
  const add = (bytes: Buffer | string, folds = false) => {
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : bytes;
    if (buffer.length >= 8) found.set(`${buffer.toString('latin1')}${folds}`, { bytes: buffer, folds });
  };
  add(value);
  const text = value.toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(value);
  if (isText) for (const spelling of textSpellings(text)) add(spelling);
  for (const spelling of base64Spellings(value.subarray(0, LONGEST_BASE64))) add(spelling, true);
  add(value.toString('hex'));
  add(value.toString('hex').toUpperCase());
  return [...found.values()];
}

function* textSpellings(text: string): Generator<string | Buffer> {
  yield* utf16(text);
  if (/[^\u0000-\u007f]/.test(text) && !/[^\u0000-\u00ff]/.test(text)) yield Buffer.from(text, 'latin1');
  yield* escapedSpellings(text);
  yield* percentSpellings(text);
}

function* utf16(text: string): Generator<Buffer> {
  const little = Buffer.from(text, 'utf16le');
  yield little;
  yield Buffer.from(little).swap16();
}

/** In JSON (also as Go writes it), in strings of Nix, in quotes of a shell, in YAML, in XML. */
function* escapedSpellings(text: string): Generator<string> {
  const json = JSON.stringify(text).slice(1, -1);
  yield json;
  yield json.replaceAll('/', '\\/');
  yield json.replace(/[<>&\u2028\u2029]/g, unicodeEscape);
  yield json.replace(/[^\u0000-\u007f]/g, unicodeEscape);
  // once more, for JSON within a string of JSON
  yield JSON.stringify(json).slice(1, -1);
  yield text
    .replace(/["\\]|\$\{/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t');
  yield text.replaceAll("''", "'''").replaceAll('${', "''${");
  yield text.replaceAll("'", "'\\''");
  yield text.replaceAll("'", `'"'"'`);
  yield text.replace(/["\\$`]/g, '\\$&');
  yield text.replace(/["\\$`!]/g, '\\$&');
  yield text.replace(/[^\w@%+=:,./\n-]/g, '\\$&');
  yield text.replaceAll("'", "''");
  yield text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  yield text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
  yield text.replace(/[\\']/g, '\\$&');
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function* percentSpellings(text: string): Generator<string> {
  const encoded = encodeURIComponent(text);
  const strict = encoded.replace(
    /[!'()*~]/g,
    character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  for (const form of [encoded, encodeURI(text), strict, strict.replaceAll('%7E', '~')]) {
    yield form;
    yield form.replaceAll('%20', '+');
    yield form.replace(/%[0-9A-F]{2}/g, code => code.toLowerCase());
  }
}

/** What of the base64 of a text around the value depends on the value alone, wherever in the text it begins. */
function* base64Spellings(value: Buffer): Generator<string> {
  for (const before of [0, 1, 2]) {
    const padded = Buffer.concat([Buffer.alloc(before), value]);
    const from = Math.ceil((before * 8) / 6);
    const to = Math.floor((padded.length * 8) / 6);
    const encoded = padded.toString('base64').slice(from, to);
    yield encoded;
    yield encoded.replaceAll('+', '-').replaceAll('/', '_');
  }
}
