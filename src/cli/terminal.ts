import { SecretsError } from '../errors.ts';
import { Redacted } from '../redacted.ts';
import { Keystrokes, type Outcome } from './keystrokes.ts';
import { type Lifecycle, RawMode, type TerminalInput, type TerminalOutput } from './raw-mode.ts';

interface HiddenOptions {
  /** Ask a second time with these words, unless the value was pasted, until both are the same. */
  readonly again?: string | undefined;
}

/** The person at the terminal. Prompts go to where talk goes, never to stdout. */
export interface Terminal {
  readonly isTTY: boolean;
  write(text: string): void;
  /** One value, nothing of it shown. Newlines of a paste belong to it. */
  readHidden(prompt: string, options?: HiddenOptions): Promise<Redacted<string>>;
  /** One line, shown while it is typed. */
  readLine(prompt: string): Promise<string>;
  /** True for `y` and `yes` alone. What was typed before the question does not answer it. */
  confirm(question: string): Promise<boolean>;
}

export interface TerminalOptions {
  /** Where exit and signals are heard; the process. */
  readonly lifecycle?: Lifecycle | undefined;
  /** False for a terminal that prints escape sequences instead of obeying them. */
  readonly escapes?: boolean | undefined;
}

const LARGEST = 1024 * 1024;
/** So long after a newline nothing came, so that it was Enter and no part of a paste. */
const QUIET_MS = 50;
const ATTEMPTS = 3;

/** Prompts on these streams. Nothing is read, and no mode changed, before something is asked. */
export function openTerminal(
  input: TerminalInput,
  output: TerminalOutput,
  options: TerminalOptions = {},
): Terminal {
  const escapes = options.escapes ?? process.env['TERM'] !== 'dumb';
  return new TtyTerminal(input, output, options.lifecycle ?? process, escapes);
}

interface Question {
  readonly prompt: string;
  readonly hidden: boolean;
  /** Drop what was typed before the question stood there. */
  readonly fresh?: boolean | undefined;
}

interface Answer {
  readonly text: Redacted<string>;
  readonly pasted: boolean;
}

class TtyTerminal implements Terminal {
  readonly #input: TerminalInput;
  readonly #output: TerminalOutput;
  readonly #lifecycle: Lifecycle;
  readonly #escapes: boolean;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(input: TerminalInput, output: TerminalOutput, lifecycle: Lifecycle, escapes: boolean) {
    this.#input = input;
    this.#output = output;
    this.#lifecycle = lifecycle;
    this.#escapes = escapes;
  }

  get isTTY(): boolean {
    return this.#input.isTTY === true && this.#output.isTTY === true;
  }

  write(text: string): void {
    this.#output.write(text);
  }

  async readHidden(prompt: string, options: HiddenOptions = {}): Promise<Redacted<string>> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const first = await this.#ask({ prompt, hidden: true });
      // nothing was typed, so nothing was mistyped
      if (options.again === undefined || first.pasted || first.text.reveal() === '') return first.text;
      const second = await this.#ask({ prompt: options.again, hidden: true });
      if (first.text.reveal() === second.text.reveal()) return first.text;
      if (attempt < ATTEMPTS) this.write('the two are not the same, try again\n');
    }
    throw new SecretsError('BAD_VALUE', 'the two values were never the same', {
      hint: 'paste it, or give it on stdin or with --from-file',
    });
  }

  async readLine(prompt: string): Promise<string> {
    return (await this.#ask({ prompt, hidden: false })).text.reveal();
  }

  async confirm(question: string): Promise<boolean> {
    const answer = await this.#ask({ prompt: `${question} [y/N] `, hidden: false, fresh: true });
    return /^y(es)?$/i.test(answer.text.reveal().trim());
  }

  /** One question stands on the screen at a time, whoever asks. */
  #ask(question: Question): Promise<Answer> {
    const begin = () => this.#askNow(question);
    const answer = this.#turn.then(begin, begin);
    this.#turn = answer;
    return answer;
  }

  async #askNow(question: Question): Promise<Answer> {
    if (!this.isTTY) {
      throw new SecretsError('USAGE', 'there is no terminal to ask on', {
        hint: 'give it on the command line, on stdin or in a file; see --help',
      });
    }
    const raw = new RawMode(this.#input, this.#output, this.#lifecycle, this.#escapes);
    const keys = new Keystrokes(LARGEST);
    let outcome: Outcome = 'more';
    raw.begin();
    try {
      if (question.fresh) await raw.drain();
      this.write(question.prompt);
      outcome = await this.#gather(raw, keys, question);
      return answerOf(outcome, keys);
    } finally {
      await raw.drain(keys.pasting || keys.lines > 1 || outcome === 'too-large');
      raw.end();
      this.write('\n');
      keys.forget();
    }
  }

  async #gather(raw: RawMode, keys: Keystrokes, question: Question): Promise<Outcome> {
    const shown = new VisibleLine(question.prompt, this.#escapes);
    for (;;) {
      const arrival = await raw.next(keys.unsettled ? QUIET_MS : null);
      if (arrival === 'interrupted' || arrival === 'closed') return arrival;
      const outcome = arrival === 'quiet' ? keys.settle() : keys.feed(arrival);
      if (arrival !== 'quiet') arrival.fill(0);
      const lines = keys.takeNotice();
      if (!question.hidden) this.write(shown.update(keys));
      else if (lines !== null) this.write(`(received ${counted(lines)}, Enter ends) `);
      if (outcome !== 'more') return outcome;
    }
  }
}

function answerOf(outcome: Outcome, keys: Keystrokes): Answer {
  if (outcome === 'interrupted') throw new SecretsError('INTERRUPTED', 'interrupted at a prompt');
  if (outcome === 'closed') throw new SecretsError('INTERRUPTED', 'the input ended at a prompt');
  if (outcome === 'too-large') {
    throw new SecretsError('BAD_VALUE', `what a prompt takes is limited to ${LARGEST / 1024} KiB`, {
      hint: 'give it with --from-file',
    });
  }
  const bytes = keys.value();
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { text: new Redacted(text), pasted: keys.pasted };
  } catch {
    throw new SecretsError('BAD_VALUE', 'what was typed is not UTF-8', {
      hint: 'set the terminal to UTF-8, or give the value with --from-file',
    });
  } finally {
    bytes.fill(0);
  }
}

function counted(lines: number): string {
  return lines === 1 ? '1 line' : `${lines} lines`;
}

/** Shows a line while it is edited. More than one line was pasted by mistake and is only counted. */
class VisibleLine {
  readonly #prompt: string;
  readonly #escapes: boolean;
  #last = '';

  constructor(prompt: string, escapes: boolean) {
    this.#prompt = prompt.slice(prompt.lastIndexOf('\n') + 1);
    this.#escapes = escapes;
  }

  /** What to write so that the screen shows the line as it is now. */
  update(keys: Keystrokes): string {
    const lines = keys.lines;
    const now = lines > 1 ? `(received ${counted(lines)}, Enter ends)` : printable(keys.value());
    const last = this.#last;
    if (now === last) return '';
    this.#last = now;
    if (now.startsWith(last)) return now.slice(last.length);
    return this.#escapes ? `\r${this.#prompt}${now}\x1b[K` : '';
  }
}

/** Without what a terminal would obey; a character that is not complete yet is left out. */
function printable(bytes: Uint8Array): string {
  return new TextDecoder('utf-8').decode(bytes, { stream: true }).replace(/[\p{Cc}\p{Cf}]/gu, '');
}
