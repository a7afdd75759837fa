import { base62Checksum } from '../../src/scan/tokens/checksum.ts';
import { Dice } from '../helpers/dice.ts';

const SMALL = 'abcdefghijklmnopqrstuvwxyz';
const LARGE = SMALL.toUpperCase();
const DIGITS = '0123456789';
const BASE62 = LARGE + SMALL + DIGITS;

/** What the letters in `{a20}` stand for. */
const ALPHABETS: Readonly<Record<string, string>> = {
  a: BASE62,
  b: `${BASE62}+/`,
  w: `${BASE62}_-`,
  h: '0123456789abcdef',
  H: '0123456789ABCDEF',
  d: DIGITS,
  l: SMALL + DIGITS,
  u: LARGE + DIGITS,
  s: `${LARGE}234567`,
  c: LARGE + SMALL,
  x: '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz',
  o: 'abcdefghijklmnopqrstuvwxyz234567',
};

/**
 * Makes a token of a plan: `gh|p_{a30}{sum}` is a beginning in two pieces, thirty random characters, and a checksum of
 * them. No plan holds a credential, nor does this repository.
 */
export function sampleOf(plan: string, dice: Dice): string {
  return written(plan, (letter, length) => random(letter, length, dice));
}

/** The same plan as people write it in documents: one character again and again. */
export function placeholderOf(plan: string, char: string): string {
  return written(plan.replaceAll('{sum}', '{a6}'), (letter, length) =>
    (ALPHABETS[letter]?.includes(char) ? char : 'a').repeat(length),
  );
}

function written(plan: string, part: (letter: string, length: number) => string): string {
  return plan
    .replaceAll('|', '')
    .replaceAll('{uuid}', '{h8}-{h4}-{h4}-{h4}-{h12}')
    .replace(/\{([a-zA-Z])(\d+)\}/g, (_, letter: string, length: string) => part(letter, Number(length)))
    .replace(/_([A-Za-z0-9]+)\{sum\}/, (_, body: string) => `_${body}${base62Checksum(body)}`);
}

/** A text that uses many characters, as a random one nearly always does. */
export function random(letter: string, length: number, dice: Dice): string {
  const alphabet = [...(ALPHABETS[letter] ?? '')];
  return Array.from({ length }, () => dice.pick(alphabet)).join('');
}

/** Of a fixed seed. */
export function diceOf(name: string): Dice {
  return new Dice([...name].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) >>> 0, 7));
}
