import { isWorthFinding, looksRandom } from './worth.ts';

/** A piece of a secret that is looked for. */
export interface Piece {
  readonly bytes: Buffer;
  /**
   * False for a line that may well stand elsewhere, as a setting of a config file: only several such lines of one secret
   * say that it is the secret.
   */
  readonly sure: boolean;
  /** Belongs to a variable of an env file inside the value. */
  readonly variable?: string | undefined;
}

const LEAST_LINE = 20;
/** Beyond this a value is looked for by its lines, or by pieces out of its middle. */
const LONGEST_WHOLE = 1024;
const WINDOW = 48;
/** So many pieces of one value; the rest of a large file says nothing more. */
const MOST_PIECES = 200;

const ENV_LINE = /^(?:export\s+)?([A-Za-z_]\w*)=(.*)$/;
/** What every key of a kind begins with, whoever it belongs to. */
const BOILERPLATE = /^-----(?:BEGIN|END) |^b3BlbnNzaC1rZXktdjEA|^-----|^[#;]|^PuTTY-User-Key-File/;
/** Blocks that everybody may read, often beside a key in one file. */
const PUBLIC_BLOCK =
  /-----BEGIN (?:[A-Z0-9 ]{0,30} )?(?:CERTIFICATE|PUBLIC KEY|PUBLIC KEY BLOCK|CERTIFICATE REQUEST)-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}-----|$)/g;

/** The pieces by which a decrypted value is found; none where it is too short, or of a kind that is no secret. */
export function piecesOf(value: string | Uint8Array): Piece[] {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : Buffer.from(value);
  const text = bytes.toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(bytes)) return windows(bytes);
  const trimmed = text.trim();
  if (!/[\r\n]/.test(trimmed)) {
    if (trimmed.length > LONGEST_WHOLE) return windows(Buffer.from(trimmed, 'utf8'));
    return [
      ...(isWorthFinding(unquoted(trimmed)) ? wholePieces(text, trimmed) : []),
      ...variablePieces(trimmed),
    ];
  }
  return linePieces(text);
}

/** Without blanks and quotes around it, as it is used; with them it may be spelled otherwise, in base64 for instance. */
function wholePieces(text: string, trimmed: string): Piece[] {
  return [...new Set([unquoted(trimmed), trimmed, text])].map(surePiece);
}

function surePiece(text: string): Piece {
  return { bytes: Buffer.from(text, 'utf8'), sure: true };
}

/** The value of a line of an env file. */
function variablePieces(line: string): Piece[] {
  const [, variable, quoted = ''] = ENV_LINE.exec(line) ?? [];
  const inside = unquoted(quoted);
  return variable !== undefined && isWorthFinding(inside) ? [{ ...surePiece(inside), variable }] : [];
}

function linePieces(text: string): Piece[] {
  const pieces: Piece[] = [];
  const trimmed = text.trim();
  if (trimmed.length <= LONGEST_WHOLE && isWorthFinding(trimmed)) pieces.push(surePiece(trimmed));
  for (const whole of text.replace(PUBLIC_BLOCK, '').split(/\r\n|\r|\n/)) {
    if (pieces.length >= MOST_PIECES) break;
    const line = whole.trim();
    const ofVariable = variablePieces(line);
    pieces.push(...ofVariable);
    if (ofVariable.length > 0 || line.length < LEAST_LINE) continue;
    if (BOILERPLATE.test(line) || !isWorthFinding(line)) continue;
    const sure = line.split(/[\s=:;,"'()<>[\]{}]+/).some(looksRandom);
    pieces.push({ bytes: Buffer.from(line, 'utf8'), sure });
  }
  // A line that is alone can have no second one beside it.
  const unsure = pieces.filter(piece => !piece.sure);
  return unsure.length === 1 ? pieces.map(piece => ({ ...piece, sure: true })) : pieces;
}

function unquoted(text: string): string {
  const trimmed = text.trim();
  const [first] = trimmed;
  const isQuoted = (first === '"' || first === "'") && trimmed.length > 1 && trimmed.endsWith(first);
  return isQuoted ? trimmed.slice(1, -1) : trimmed;
}

/** Bytes that are no text: all of them where they are few, else pieces from within; headers are alike in all files of a kind. */
function windows(bytes: Buffer): Piece[] {
  if (bytes.length <= 2 * WINDOW) return isDiverse(bytes) && bytes.length >= 8 ? [{ bytes, sure: true }] : [];
  return [0.25, 0.5, 0.75]
    .map(share => bytes.subarray(Math.floor(share * (bytes.length - WINDOW))).subarray(0, WINDOW))
    .filter(isDiverse)
    .map(piece => ({ bytes: piece, sure: true }));
}

function isDiverse(bytes: Uint8Array): boolean {
  return new Set(bytes).size >= Math.min(24, bytes.length / 2);
}
