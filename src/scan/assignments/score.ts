/**
 * How much more (above 4) or less often a letter follows another in words and names than by chance: powers of two,
 * a row for each first letter. Counted over English documentation and type declarations.
 */
const FOLLOWS: readonly string[] = [
  '25652350503756050767433341',
  '51205010430500400331400030',
  '60326106405520720536400020',
  '52447321611333530453411020',
  '64775543422567454876353651',
  '40114400600302500422400020',
  '30106223400324310433300000',
  '50106001400121510323200010',
  '44555450102558750466140204',
  '10004000100000200030200000',
  '20116100300112110031100000',
  '62247210611511630144530050',
  '64126000500241550140300020',
  '61666471503324530267441030',
  '35562430313568460755544211',
  '60216013401510540646410010',
  '00000000000000000000400000',
  '73548340603354630566431050',
  '52527315603333550267513140',
  '62538326701432640665412060',
  '44435330400546040655100000',
  '50006000400000200000000000',
  '40004002400003300330000000',
  '20303000300000240014000000',
  '22213110200224350143001000',
  '20004000100000500000000011',
];
const BY_CHANCE = 4;
const LEAST = 12;
/** So many pairs more, of no meaning, so that a few do not decide. */
const FEW = 3;
const A = 0x61;

/**
 * True for what a machine has made: long enough, of enough different characters, and not of words. Takes time in
 * proportion to the value, which callers bound.
 */
export function isRandom(value: string, least = LEAST): boolean {
  const body = value.replace(/={1,2}$/, '');
  if (body.length < least || !/^[\x21-\x7e]+$/.test(body)) return false;
  if (/^\d+$/.test(body) || isSequence(body)) return false;
  const distinct = new Set(body).size;
  if (/^[0-9a-fA-F-]+$/.test(body)) return isRandomHex(body, distinct);
  if (distinct < Math.min(10, body.length * 0.5)) return false;
  const shape = shapeOf(body);
  if (shape.inWords >= 0.55) return false;
  if (shape.digits === 0 && !(shape.upper >= 2 && shape.lower >= 2)) return isUnpronounceable(shape, body);
  // Capitals where words begin, as in `Webhook-Secret`.
  if (shape.digits === 0 && body.length / shape.pieces >= 4) return false;
  return shape.mean < 0.9 && shape.changes / (body.length - 1) >= 0.12;
}

function isRandomHex(body: string, distinct: number): boolean {
  return distinct >= (body.length >= 24 ? 9 : 7) && /\d/.test(body) && /[a-fA-F]/.test(body);
}

/** Letters of one case alone: only a long text in which hardly any pair is one of a language. */
function isUnpronounceable(shape: Shape, body: string): boolean {
  if (shape.inWords >= 0.3) return false;
  // sixteen letters are what some issuers make for a program that knows no second factor
  return body.length >= 20 ? shape.mean < 0 : /^[a-z]{16,}$/.test(body) && shape.mean < -0.2;
}

/** True where five in a row count up, down or stay: `12345`, `edcba`, `xxxxx`; or a piece is repeated throughout. */
export function isSequence(text: string): boolean {
  let run = 1;
  let step = Number.NaN;
  for (let i = 1; i < text.length; i += 1) {
    const now = text.charCodeAt(i) - text.charCodeAt(i - 1);
    run = now === step ? run + 1 : Math.abs(now) <= 1 ? 2 : 1;
    step = Math.abs(now) <= 1 ? now : Number.NaN;
    if (run >= 5) return true;
  }
  return isRepeated(text);
}

function isRepeated(text: string): boolean {
  for (let period = 1; period <= Math.min(12, text.length / 2); period += 1) {
    let i = period;
    while (i < text.length && text.charCodeAt(i) === text.charCodeAt(i - period)) i += 1;
    if (i === text.length) return true;
  }
  return false;
}

interface Shape {
  readonly digits: number;
  readonly upper: number;
  readonly lower: number;
  readonly pieces: number;
  /** How often the kind of character changes from one to the next. */
  readonly changes: number;
  /** Of the pairs of letters, against chance: words have more than 0, random text less. */
  readonly mean: number;
  /** The share of the characters that belongs to what reads as words. */
  readonly inWords: number;
}

function shapeOf(text: string): Shape {
  let [digits, upper, lower, changes, words, pieces] = [0, 0, 0, 0, 0, 0];
  let [sum, pairs] = [0, 0];
  for (const piece of text.match(/[A-Z]?[a-z]+|[A-Z]+|\d+|[^A-Za-z\d]+/g) ?? []) {
    changes += 1;
    pieces += 1;
    if (/^\d/.test(piece)) digits += piece.length;
    if (!/^[A-Za-z]/.test(piece)) continue;
    const capitals = piece.replace(/[a-z]+/, '').length;
    upper += capitals;
    lower += piece.length - capitals;
    if (capitals === 1 && piece.length > 1) changes += 1;
    const score = lettersScore(piece.toLowerCase());
    sum += score;
    pairs += piece.length - 1;
    if (piece.length >= 4 && score / (piece.length - 1) >= 0.25) words += piece.length;
  }
  return {
    digits,
    upper,
    lower,
    changes,
    pieces,
    mean: sum / (pairs + FEW),
    inWords: words / text.length,
  };
}

function lettersScore(letters: string): number {
  let sum = 0;
  for (let i = 1; i < letters.length; i += 1) {
    sum += Number(FOLLOWS[letters.charCodeAt(i - 1) - A]?.[letters.charCodeAt(i) - A] ?? 0) - BY_CHANCE;
  }
  return sum;
}
