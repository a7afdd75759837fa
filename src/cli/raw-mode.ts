/** The part of `tty.ReadStream` that prompts use. */
export interface TerminalInput {
  readonly isTTY?: boolean | undefined;
  setRawMode?(raw: boolean): unknown;
  on(event: 'data' | 'end' | 'close' | 'error', listener: (chunk: Buffer) => void): unknown;
  off(event: 'data' | 'end' | 'close' | 'error', listener: (chunk: Buffer) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** The part of `tty.WriteStream` that prompts use. */
export interface TerminalOutput {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** Where the end of the process is heard; `process` is one. */
export interface Lifecycle {
  on(event: LifecycleEvent, listener: () => void): unknown;
  off(event: LifecycleEvent, listener: () => void): unknown;
}

type LifecycleEvent = 'exit' | 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGCONT';

const PASTE_ON = '\x1b[?2004h';
const PASTE_OFF = '\x1b[?2004l';
const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const DRAIN_QUIET_MS = 30;
const DRAIN_LONGEST_MS = 2_000;
/** A paste over a slow line comes with gaps. */
const PASTE_QUIET_MS = 250;
const PASTE_LONGEST_MS = 10_000;

/** What came: bytes, or why none did. */
export type Arrival = Uint8Array | 'quiet' | 'interrupted' | 'closed';

/**
 * The terminal in raw mode with bracketed paste, for the time of one prompt. However the process ends
 * (a signal, an uncaught error, `process.exit`), the modes are put back.
 */
export class RawMode {
  readonly #input: TerminalInput;
  readonly #output: TerminalOutput;
  readonly #lifecycle: Lifecycle;
  readonly #escapes: boolean;
  #active = false;
  #arrived: Buffer[] = [];
  #stopped: 'interrupted' | 'closed' | null = null;
  #wake: (() => void) | null = null;

  constructor(input: TerminalInput, output: TerminalOutput, lifecycle: Lifecycle, escapes: boolean) {
    this.#input = input;
    this.#output = output;
    this.#lifecycle = lifecycle;
    this.#escapes = escapes;
  }

  begin(): void {
    this.#active = true;
    this.#lifecycle.on('exit', this.#restore);
    this.#lifecycle.on('SIGCONT', this.#continue);
    for (const signal of ENDING_SIGNALS) this.#lifecycle.on(signal, this.#interrupt);
    this.#modes(true);
    this.#input.on('data', this.#data);
    this.#input.on('end', this.#close);
    this.#input.on('close', this.#close);
    this.#input.on('error', this.#close);
    this.#input.resume();
  }

  /** Puts everything back. To be called in a `finally`. */
  end(): void {
    this.#input.pause();
    this.#input.off('data', this.#data);
    this.#input.off('end', this.#close);
    this.#input.off('close', this.#close);
    this.#input.off('error', this.#close);
    this.#restore();
    this.#lifecycle.off('exit', this.#restore);
    this.#lifecycle.off('SIGCONT', this.#continue);
    for (const signal of ENDING_SIGNALS) this.#lifecycle.off(signal, this.#interrupt);
  }

  /** Waits for input: the bytes that came, or `quiet` after `quietMs` without any (`null`: waits for ever). */
  async next(quietMs: number | null): Promise<Arrival> {
    if (this.#arrived.length === 0 && this.#stopped === null) await this.#wait(quietMs);
    const chunk = this.#arrived.shift();
    return chunk ?? this.#stopped ?? 'quiet';
  }

  /**
   * Throws away what is still coming, so that the rest of a paste never reaches the next prompt or the shell.
   *
   * @param paste true where more of a paste may be on its way
   */
  async drain(paste = false): Promise<void> {
    const quiet = paste ? PASTE_QUIET_MS : DRAIN_QUIET_MS;
    const deadline = performance.now() + (paste ? PASTE_LONGEST_MS : DRAIN_LONGEST_MS);
    do {
      for (const chunk of this.#arrived) chunk.fill(0);
      this.#arrived = [];
      if (this.#stopped === 'closed') return;
      await this.#wait(quiet);
    } while (this.#arrived.length > 0 && performance.now() < deadline);
    this.#arrived = [];
  }

  #wait(milliseconds: number | null): Promise<void> {
    return new Promise(resolve => {
      const timer = milliseconds === null ? undefined : setTimeout(() => this.#wake?.(), milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
    });
  }

  #modes(raw: boolean): void {
    try {
      this.#input.setRawMode?.(raw);
    } catch {
      // The terminal is gone (EIO after a hang-up): there is nothing to put back.
    }
    if (this.#escapes) this.#output.write(raw ? PASTE_ON : PASTE_OFF);
  }

  readonly #data = (chunk: Buffer): void => {
    this.#arrived.push(chunk);
    this.#wake?.();
  };

  readonly #close = (): void => {
    this.#stopped ??= 'closed';
    this.#wake?.();
  };

  readonly #interrupt = (): void => {
    this.#stopped ??= 'interrupted';
    this.#wake?.();
  };

  readonly #restore = (): void => {
    if (!this.#active) return;
    this.#active = false;
    this.#modes(false);
  };

  /** While the process was stopped, the shell had the terminal with modes of its own. */
  readonly #continue = (): void => {
    if (!this.#active) return;
    this.#modes(false);
    this.#modes(true);
  };
}
