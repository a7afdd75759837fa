/** What a chunk of keystrokes came to. `more`: nothing is decided yet. */
export type Outcome = 'more' | 'end' | 'interrupted' | 'closed' | 'too-large';

const KEY = {
  ctrlC: 0x03,
  ctrlD: 0x04,
  backspace: 0x08,
  tab: 0x09,
  lineFeed: 0x0a,
  carriageReturn: 0x0d,
  ctrlU: 0x15,
  escape: 0x1b,
  space: 0x20,
  delete: 0x7f,
} as const;

const PASTE_BEGINS = '[200~';
const PASTE_ENDS = '\x1b[201~';
/** No key sends a longer escape sequence; what is longer is dropped and the rest is text again. */
const LONGEST_ESCAPE = 32;

/**
 * Turns the bytes of a terminal in raw mode into one value. Pure: the clock is the caller's, who calls
 * {@link Keystrokes.settle} when nothing came for a short while.
 *
 * A newline ends the value only where it was typed: inside a bracketed paste it belongs to the value. A
 * terminal without bracketed paste sends a paste as one burst, so a newline with more input right behind it
 * belongs to the value too, and after such a burst an Enter of its own ends it.
 */
export class Keystrokes {
  readonly #limit: number;
  #bytes: number[] = [];
  #pasting = false;
  #pasted = false;
  /** The bytes of an escape sequence so far, `null` outside of one. */
  #escape: string | null = null;
  #afterReturn = false;
  /** Newlines with nothing behind them yet. */
  #held = 0;
  #burstHasLines = false;
  #notice = false;

  /** @param limit the largest value, in bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** True inside a bracketed paste whose end has not arrived. */
  get pasting(): boolean {
    return this.#pasting;
  }

  /** True where {@link Keystrokes.settle} would decide something. */
  get unsettled(): boolean {
    return this.#held > 0 || this.#burstHasLines || this.#escape !== null;
  }

  /** True where (a part of) the value was pasted, so that it need not be asked twice. */
  get pasted(): boolean {
    return this.#pasted;
  }

  /** Takes what the terminal sent; what follows a deciding key in the same chunk is dropped. */
  feed(chunk: Uint8Array): Outcome {
    for (const byte of chunk) {
      const outcome = this.#pasting ? this.#pastedByte(byte) : this.#typedByte(byte);
      if (outcome !== 'more') return outcome;
      if (this.#bytes.length > this.#limit) return 'too-large';
    }
    return 'more';
  }

  /** To be called when nothing came for a while: a newline that is still the last key was Enter. */
  settle(): Outcome {
    if (this.#pasting) return 'more';
    this.#escape = null;
    const held = this.#held;
    const burst = this.#burstHasLines;
    this.#held = 0;
    this.#burstHasLines = false;
    if (!burst) return held > 0 ? 'end' : 'more';
    for (let i = 0; i < held; i++) this.#bytes.push(KEY.lineFeed);
    this.#notice = true;
    return this.#bytes.length > this.#limit ? 'too-large' : 'more';
  }

  /** The number of lines to report after a paste, once for each paste; `null` where there is nothing to say. */
  takeNotice(): number | null {
    if (!this.#notice) return null;
    this.#notice = false;
    return this.lines;
  }

  /** Lines of the value so far; a last line without a newline counts. */
  get lines(): number {
    const newlines = this.#newlines();
    const open = this.#bytes.length > 0 && this.#bytes.at(-1) !== KEY.lineFeed;
    return newlines + (open ? 1 : 0);
  }

  /** The value so far. A pasted single line loses its final newline: it came along from where it was copied. */
  value(): Uint8Array {
    const copiedNewline = this.#pasted && this.#bytes.at(-1) === KEY.lineFeed && this.#newlines() === 1;
    return Uint8Array.from(copiedNewline ? this.#bytes.slice(0, -1) : this.#bytes);
  }

  /** Overwrites what was gathered. */
  forget(): void {
    this.#bytes.fill(0);
    this.#bytes = [];
  }

  #newlines(): number {
    let count = 0;
    for (const byte of this.#bytes) if (byte === KEY.lineFeed) count++;
    return count;
  }

  #pastedByte(byte: number): Outcome {
    if (byte === KEY.ctrlC) return 'interrupted';
    this.#push(byte);
    if (byte === PASTE_ENDS.charCodeAt(PASTE_ENDS.length - 1) && this.#endsWith(PASTE_ENDS)) {
      this.#bytes.length -= PASTE_ENDS.length;
      this.#pasting = false;
      this.#afterReturn = false;
      this.#notice = true;
    }
    return 'more';
  }

  #typedByte(byte: number): Outcome {
    if (byte === KEY.ctrlC) return 'interrupted';
    if (this.#escape !== null && this.#continuesEscape(byte)) return 'more';
    if (byte === KEY.carriageReturn || byte === KEY.lineFeed) return this.#newline(byte);
    this.#releaseHeld(byte);
    if (byte === KEY.ctrlD) return this.#bytes.length === 0 ? 'closed' : 'end';
    if (byte === KEY.escape) this.#escape = '';
    else if (byte === KEY.delete || byte === KEY.backspace) this.#erase();
    else if (byte === KEY.ctrlU) this.#clear();
    else if (byte >= KEY.space || byte === KEY.tab) this.#bytes.push(byte);
    return 'more';
  }

  #newline(byte: number): Outcome {
    if (!(byte === KEY.lineFeed && this.#afterReturn)) this.#held++;
    this.#afterReturn = byte === KEY.carriageReturn;
    return 'more';
  }

  /** Something came right behind newlines: they were no Enter. */
  #releaseHeld(byte: number): void {
    this.#afterReturn = false;
    if (this.#held === 0) return;
    const text = byte >= KEY.space || byte === KEY.tab;
    for (let i = 0; i < this.#held; i++) this.#bytes.push(KEY.lineFeed);
    this.#held = 0;
    if (text) this.#burstHasLines = true;
    this.#pasted = true;
  }

  /** Returns false where the byte is no part of the sequence and stands for itself. */
  #continuesEscape(byte: number): boolean {
    const soFar = this.#escape ?? '';
    const introducer = soFar.charAt(0);
    if (soFar === '' && byte !== 0x5b && byte !== 0x4f) {
      this.#escape = null;
      return false;
    }
    const sequence = soFar + String.fromCharCode(byte);
    const final = soFar !== '' && (introducer === 'O' || (byte >= 0x40 && byte <= 0x7e));
    if (sequence === PASTE_BEGINS) this.#beginPaste();
    this.#escape = final || sequence.length > LONGEST_ESCAPE ? null : sequence;
    return true;
  }

  #beginPaste(): void {
    this.#pasting = true;
    this.#pasted = true;
    this.#afterReturn = false;
  }

  /** A terminal sends the newlines of a paste as carriage returns, some as they are, some as both. */
  #push(byte: number): void {
    const second = byte === KEY.lineFeed && this.#afterReturn;
    this.#afterReturn = byte === KEY.carriageReturn;
    if (!second) this.#bytes.push(byte === KEY.carriageReturn ? KEY.lineFeed : byte);
  }

  #endsWith(text: string): boolean {
    const from = this.#bytes.length - text.length;
    if (from < 0) return false;
    for (let i = 0; i < text.length; i++) if (this.#bytes[from + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  /** Takes away one character, which in UTF-8 is a byte and the continuation bytes behind it. */
  #erase(): void {
    let last = this.#bytes.pop();
    while (last !== undefined && last >= 0x80 && last < 0xc0) last = this.#bytes.pop();
  }

  #clear(): void {
    this.forget();
    this.#pasted = false;
    this.#burstHasLines = false;
    this.#notice = false;
  }
}
