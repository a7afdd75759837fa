import { bytesOfLoose } from '../../src/sops/text.ts';
import type { Dice } from './dice.ts';
import type { FileRules } from './stock-sops.ts';

/**
 * Random plaintext files. Each packs many cases, so that one process of sops checks many; what is known to
 * break in stock sops itself is left out here and has tests of its own.
 */

const NASTY = [
  'a',
  'b',
  'Z',
  '0',
  '9',
  ' ',
  '_',
  '-',
  '.',
  ',',
  '/',
  '+',
  '*',
  '!',
  '?',
  '@',
  '$',
  '%',
  '^',
  '&',
  '<',
  '>',
  '(',
  ')',
  '{',
  '}',
  '[',
  ']',
  '|',
  '~',
  'é',
  'ß',
  '語',
  '😀',
  '\u00a0',
  '\u2028',
  '\u2029',
  '\u200b',
  '\ufeff',
  'ENC[',
  'AES256_GCM',
  'null',
  'true',
  '\t',
  '\u007f',
  '\u0085',
  '\ufffd',
];
/** Bytes that are not UTF-8, as loose text holds them. */
const BROKEN = ['\udcff', '\udc80', '\udcc3', '\udced\udca0\udc80', '\udce2\udc82'];
const NAMES = [
  'a',
  'b',
  'c',
  'key',
  'pass',
  'DB',
  '1',
  '2',
  '_',
  '-',
  '.',
  'é',
  'constructor',
  '__proto__',
  'x y',
];

/** Marks that the selection rules of {@link randomRules} look for. */
const KEY_MARKS = ['', '', '', 'Secret', '_unencrypted', '_enc'];
const COMMENT_MARKS = ['', '', 'keep-plain', 'make-secret'];

/** Rules of all kinds, each equally likely, the default more often. */
export function randomRules(dice: Dice): FileRules {
  const selection = dice.pick([
    {},
    {},
    { unencryptedSuffix: '_unencrypted' },
    { encryptedSuffix: '_enc' },
    { unencryptedRegex: '(?i)secret|^\\d' },
    { encryptedRegex: '^(pass|\\pL+$)|Secret' },
    { unencryptedCommentRegex: 'keep-(plain|clear)' },
    { encryptedCommentRegex: '\\bmake-secret\\b' },
  ]);
  return { selection, macOnlyEncrypted: dice.chance(30) };
}

function randomKey(dice: Dice, index: number): string {
  return `${dice.text(NAMES, 3)}${index}${dice.pick(KEY_MARKS)}`;
}

/** One JSON object with a member per case. */
export function randomJson(dice: Dice, cases: number): Uint8Array {
  const members = Array.from({ length: cases }, (_, index) => jsonMember(dice, randomKey(dice, index), 0));
  return Buffer.from(
    `{${space(dice)}${members.join(`,${space(dice)}`)}}${dice.pick(['', '\n', ' trailing {junk'])}`,
  );
}

function jsonMember(dice: Dice, key: string, depth: number): string {
  return `${jsonText(dice, key)}${space(dice)}:${space(dice)}${jsonValue(dice, depth)}`;
}

function jsonValue(dice: Dice, depth: number): string {
  const kind = dice.int(depth > 3 ? 6 : 9);
  if (kind < 3) return jsonText(dice, dice.text([...NASTY, '"', '\\', '\n', '\r', '\u0001', '\b', '\f'], 12));
  if (kind === 3) return jsonNumber(dice);
  if (kind === 4) return dice.pick(['true', 'false', 'null', '{}', '[]', '""']);
  if (kind === 5)
    return `"\\u${dice.pick(['d800', 'dc00', 'D83D\\uDe00', 'd800\\u0041', '0000', '2028', '00e9'])}"`;
  const length = dice.int(5);
  if (kind === 6)
    return `[${Array.from({ length }, () => jsonValue(dice, depth + 1)).join(` ,${space(dice)}`)}]`;
  // Members may bear the same name: both are kept.
  return `{${Array.from({ length }, () => jsonMember(dice, randomKey(dice, dice.int(6)), depth + 1)).join(',')}}`;
}

function jsonNumber(dice: Dice): string {
  const digits = String(dice.int(10 ** 9));
  return dice.pick([
    digits,
    `-${digits}`,
    `${digits}.${digits}`,
    `${digits}e${dice.int(300)}`,
    `-0.1${digits}E-${dice.int(290)}`,
    '0',
    '-0',
    '1.0',
    '1e3',
    '9007199254740993',
    '9223372036854775807',
    '-9223372036854775808',
    '9223372036854775808',
    '18446744073709551616',
    '1e21',
    '123456789012345678901234567890',
    '1e-7',
    '0.000001',
  ]);
}

function jsonText(dice: Dice, text: string): string {
  const quoted = JSON.stringify(text);
  return dice.chance(20) ? quoted.replaceAll('/', '\\/').replaceAll('a', '\\u0061') : quoted;
}

function space(dice: Dice): string {
  return dice.pick(['', '', ' ', '\n', '\t', '\r\n  ']);
}

/** One dotenv file with a few lines per case. */
export function randomDotenv(dice: Dice, cases: number): Uint8Array {
  const blocks = Array.from({ length: cases }, (_, index) => dotenvCase(dice, index));
  return bytesOfLoose(blocks.join('\n') + dice.pick(['', '\n', '\n\n']));
}

function dotenvCase(dice: Dice, index: number): string {
  const value = () => dice.text([...NASTY, ...BROKEN, '"', "'", '\\', '\\n', '=', '#', ';', '`', '\r'], 10);
  return Array.from({ length: 1 + dice.int(4) }, () => {
    const kind = dice.int(10);
    if (kind === 0) return '';
    if (kind < 3) return `#${dice.text(NASTY, 5)}${dice.pick(COMMENT_MARKS)}${dice.text(['"', '=', ' '], 2)}`;
    return `${dice.pick(['', '', 'export ', ' '])}${randomKey(dice, index)}=${value()}`;
  }).join('\n');
}

/**
 * One INI file with a section per case.
 *
 * @param tricky - quoting, continuation and inline comments of all kinds; only where every value is encrypted,
 * because stock sops writes some of them in clear so that it reads them back differently
 */
export function randomIni(dice: Dice, cases: number, tricky: boolean): Uint8Array {
  const sections = Array.from({ length: cases }, (_, index) => {
    const header = index === 0 && dice.chance(50) ? '' : iniHeader(dice, index);
    const lines = Array.from({ length: dice.int(6) }, (_unused, at) => iniLine(dice, at, tricky));
    return header + lines.join('');
  });
  return bytesOfLoose(dice.pick(['', '', '\ufeff']) + sections.join(dice.pick(['', '\n', ' \t\n'])));
}

function iniHeader(dice: Dice, index: number): string {
  const name = dice.chance(10)
    ? dice.pick(['DEFAULT', 'again', ' spaced ', 'a]b'])
    : `${dice.text(NAMES, 2)}${index}`;
  return `${iniComment(dice)}[${name}]${dice.pick(['', '', ' ; behind', ' # make-secret'])}\n`;
}

function iniComment(dice: Dice): string {
  const lines = Array.from({ length: dice.chance(30) ? 1 + dice.int(3) : 0 }, () => {
    return `${dice.pick([';', '#', ' ;', '; ;', '##'])} ${dice.pick(['x', 'é', 'w = 1', '[s]'])}${dice.pick(COMMENT_MARKS)}\n`;
  });
  return lines.join('');
}

function iniLine(dice: Dice, index: number, tricky: boolean): string {
  const key = tricky
    ? dice
        .pick(['"q=u:o"', '`b"t`', '"""tri`ple"""', 'k', 'k', 'sp ace', 'dup', 'é', '%(x)s'])
        .replace('k', `k${index}`)
    : `${dice.text(['a', 'b', 'pass', 'é', '1', ' '], 2).trim()}${index}${dice.pick(KEY_MARKS)}`;
  const value = tricky ? trickyValue(dice) : dice.text(['a', 'b', '1', 'é', ',', 'x=y', '/', '-'], 6);
  return `${iniComment(dice)}${dice.pick(['', '', '  ', '\t'])}${key}${dice.pick(['=', ' = ', ':', ' :  '])}${value}${dice.pick(['\n', '\n', '\r\n', '\n\n'])}`;
}

function trickyValue(dice: Dice): string {
  const text = dice.text([...NASTY, ...BROKEN, '=', ':'], 8);
  return dice.pick([
    text,
    `"${text}"`,
    `'${text}'`,
    `\`${text}#;'"\``,
    `"""${text}\nsecond; line\n\`x\`"""`,
    `${text} ; behind`,
    `${text} # behind`,
    `one\\\n  two\\\nthree`,
    `'it's'`,
    '%(key)s',
    '"half',
    '',
  ]);
}

/** Bytes of any kind and length. */
export function randomBinary(dice: Dice): Uint8Array {
  const length = dice.pick([0, 1, 2, dice.int(64), dice.int(4096), dice.int(65536)]);
  const kind = dice.int(4);
  if (kind === 0) return bytesOfLoose(dice.text([...NASTY, '\n', '\r\n', '"', '\\'], length % 200));
  if (kind === 1) return Buffer.concat([Buffer.from('\ufeff'), dice.bytes(length)]);
  return dice.bytes(length);
}
