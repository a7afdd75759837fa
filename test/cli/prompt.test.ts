import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { confirmedHidden } from '../../src/cli/prompt.ts';
import { openTerminal, type Terminal } from '../../src/cli/terminal.ts';
import { SecretsError } from '../../src/errors.ts';

/** A terminal of streams: what it is sent is written down, raw mode is a flag. */
class FakeTty extends EventEmitter {
  isTTY = true;
  raw = false;
  paused = true;
  written = '';
  readonly lifecycle = new EventEmitter();

  setRawMode(raw: boolean): void {
    this.raw = raw;
  }
  resume(): void {
    this.paused = false;
  }
  pause(): void {
    this.paused = true;
  }
  write(text: string): boolean {
    this.written += text;
    return true;
  }

  open(escapes = true): Terminal {
    return openTerminal(this, this, { lifecycle: this.lifecycle, escapes });
  }

  /** Waits until the text was written, then sends the keys. */
  async answer(prompt: string, keys: string): Promise<void> {
    await this.until(prompt);
    this.emit('data', Buffer.from(keys));
  }

  async until(text: string): Promise<void> {
    const from = this.#seen;
    await expect.poll(() => this.written.slice(from), { interval: 2, timeout: 5000 }).toContain(text);
    this.#seen = this.written.indexOf(text, from) + text.length;
  }
  #seen = 0;

  /** True where nothing of a prompt is left behind. */
  get restored(): boolean {
    const inputs = ['data', 'end', 'close', 'error'].every(event => this.listenerCount(event) === 0);
    const ends = ['exit', 'SIGINT', 'SIGTERM', 'SIGHUP', 'SIGCONT'].every(
      event => this.lifecycle.listenerCount(event) === 0,
    );
    const pasteOff = this.written.lastIndexOf('\x1b[?2004l') > this.written.lastIndexOf('\x1b[?2004h');
    return !this.raw && this.paused && inputs && ends && pasteOff;
  }
}

async function failure(promise: Promise<unknown>): Promise<SecretsError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof SecretsError) return error;
    throw error;
  }
  throw new Error('did not fail');
}

describe('a hidden prompt', () => {
  it('shows the prompt and nothing of the value', async () => {
    const tty = new FakeTty();
    const value = tty.open().readHidden('value: ');
    await tty.answer('value: ', 'hunter2');
    expect(tty.raw).toBe(true);
    tty.emit('data', Buffer.from('\r'));
    expect((await value).reveal()).toBe('hunter2');
    expect(tty.written).toBe('\x1b[?2004hvalue: \x1b[?2004l\n');
    expect(tty.restored).toBe(true);
  });

  it('counts the lines of a paste', async () => {
    const tty = new FakeTty();
    const value = tty.open().readHidden('value: ');
    await tty.answer('value: ', '\x1b[200~-----BEGIN\rline\r-----END\r\x1b[201~');
    await tty.answer('(received 3 lines, Enter ends)', '\r');
    expect((await value).reveal()).toBe('-----BEGIN\nline\n-----END\n');
    expect(tty.written).not.toContain('BEGIN');
  });

  it('puts a character together that arrives in pieces', async () => {
    const tty = new FakeTty();
    const value = tty.open().readHidden('value: ');
    await tty.until('value: ');
    for (const byte of Buffer.from('✓é')) tty.emit('data', Buffer.from([byte]));
    tty.emit('data', Buffer.from('\r'));
    expect((await value).reveal()).toBe('✓é');
  });

  it('throws away what follows the Enter', async () => {
    const tty = new FakeTty();
    const terminal = tty.open();
    const first = terminal.readHidden('first: ');
    await tty.answer('first: ', 'a\x04rest of a paste\rrm -rf\r');
    expect((await first).reveal()).toBe('a');
    const second = terminal.readHidden('second: ');
    await tty.answer('second: ', 'b\r');
    expect((await second).reveal()).toBe('b');
  });

  it('keeps draining a paste that is interrupted, over a slow line', async () => {
    const tty = new FakeTty();
    const value = failure(tty.open().readHidden('value: '));
    await tty.answer('value: ', '\x1b[200~first\r\x03');
    for (let i = 0; i < 3; i++) {
      await new Promise(resolve => setTimeout(resolve, 100));
      expect(tty.raw).toBe(true);
      tty.emit('data', Buffer.from('more\r'));
    }
    expect((await value).code).toBe('INTERRUPTED');
    expect(tty.restored).toBe(true);
  });

  it.each([
    ['Ctrl-C', '\x03', 'INTERRUPTED'],
    ['Ctrl-D', '\x04', 'INTERRUPTED'],
    ['bytes that are no UTF-8', Buffer.from([0xff, 0x0d]), 'BAD_VALUE'],
    ['more than a prompt takes', 'x'.repeat(1024 * 1024 + 1), 'BAD_VALUE'],
  ])('fails on %s, the terminal restored', async (_title, keys, code) => {
    const tty = new FakeTty();
    const error = failure(tty.open().readHidden('value: '));
    await tty.until('value: ');
    tty.emit('data', Buffer.from('xyzzy'));
    if (code === 'INTERRUPTED') tty.emit('data', Buffer.from('\x15'));
    tty.emit('data', Buffer.from(keys));
    expect((await error).code).toBe(code);
    expect(String((await error).message)).not.toContain('xyzzy');
    expect(tty.restored).toBe(true);
  });

  it.each(['end', 'close', 'error'])('fails when the input is over (%s)', async event => {
    const tty = new FakeTty();
    const error = failure(tty.open().readHidden('value: '));
    await tty.until('value: ');
    tty.emit(event, new Error('EIO'));
    expect((await error).code).toBe('INTERRUPTED');
    expect(tty.restored).toBe(true);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('ends on %s', async signal => {
    const tty = new FakeTty();
    const error = failure(tty.open().readHidden('value: '));
    await tty.until('value: ');
    tty.lifecycle.emit(signal);
    expect((await error).code).toBe('INTERRUPTED');
    expect(tty.restored).toBe(true);
  });

  it('restores the terminal when the process exits in the middle', async () => {
    const tty = new FakeTty();
    const value = tty.open().readHidden('value: ');
    await tty.until('value: ');
    tty.lifecycle.emit('exit');
    expect(tty.raw).toBe(false);
    expect(tty.written.endsWith('\x1b[?2004l')).toBe(true);
    tty.emit('data', Buffer.from('\r'));
    await value;
  });

  it('sets the modes again after the process was stopped and continued', async () => {
    const tty = new FakeTty();
    const value = tty.open().readHidden('value: ');
    await tty.until('value: ');
    tty.raw = false;
    tty.lifecycle.emit('SIGCONT');
    expect(tty.raw).toBe(true);
    tty.emit('data', Buffer.from('\r'));
    await value;
  });

  it('sends no escape sequences where the terminal does not obey them', async () => {
    const tty = new FakeTty();
    const value = tty.open(false).readHidden('value: ');
    await tty.answer('value: ', 'a\r');
    await value;
    expect(tty.written).toBe('value: \n');
  });

  it('is refused where there is no terminal', async () => {
    const tty = new FakeTty();
    tty.isTTY = false;
    expect((await failure(tty.open().readHidden('value: '))).code).toBe('USAGE');
    expect(tty.written).toBe('');
  });
});

describe('a value asked twice', () => {
  it('is asked again until both are the same', async () => {
    const tty = new FakeTty();
    const value = confirmedHidden(tty.open(), 'value: ');
    await tty.answer('value: ', 'one\r');
    await tty.answer('once more: ', 'two\r');
    await tty.until('try again');
    await tty.answer('value: ', 'two\r');
    await tty.answer('once more: ', 'two\r');
    expect((await value).reveal()).toBe('two');
  });

  it('is given up after three times', async () => {
    const tty = new FakeTty();
    const error = failure(confirmedHidden(tty.open(), 'value: '));
    for (let i = 0; i < 3; i++) {
      await tty.answer('value: ', 'one\r');
      await tty.answer('once more: ', 'two\r');
    }
    expect((await error).code).toBe('BAD_VALUE');
    expect(tty.restored).toBe(true);
  });

  it('is asked once where it was pasted', async () => {
    const tty = new FakeTty();
    const value = confirmedHidden(tty.open(), 'value: ');
    await tty.answer('value: ', '\x1b[200~token\x1b[201~\r');
    expect((await value).reveal()).toBe('token');
    expect(tty.written).not.toContain('once more');
  });
});

describe('a visible line', () => {
  it('shows what is typed and its corrections', async () => {
    const tty = new FakeTty();
    const line = tty.open().readLine('Variable: ');
    await tty.answer('Variable: ', 'TOKEM');
    await tty.answer('TOKEM', '\x7f');
    await tty.answer('\rVariable: TOKE\x1b[K', 'N\r');
    expect(await line).toBe('TOKEN');
  });

  it('shows no pasted escape sequence, and no second line', async () => {
    const tty = new FakeTty();
    const line = tty.open().readLine('Variable: ');
    await tty.answer('Variable: ', '\x1b[200~A\x1b]0;title\x07\x1b[201~');
    await tty.answer('A]0;title', '\x15\x1b[200~A=hunter2\rB=2\x1b[201~');
    await tty.answer('(received 2 lines, Enter ends)', '\r');
    expect(await line).toBe('A=hunter2\nB=2');
    expect(tty.written).not.toContain('hunter2');
  });
});

describe('a question', () => {
  it.each([
    ['y\r', true],
    ['YES\r', true],
    ['n\r', false],
    ['\r', false],
    ['yup\r', false],
  ])('%j', async (keys, wanted) => {
    const tty = new FakeTty();
    const answer = tty.open().confirm('trust this key?');
    await tty.answer('trust this key? [y/N] ', keys);
    expect(await answer).toBe(wanted);
    expect(tty.restored).toBe(true);
  });

  it('is not answered by what was typed before it stood there', async () => {
    const tty = new FakeTty();
    const answer = tty.open().confirm('trust this key?');
    tty.emit('data', Buffer.from('y\r'));
    await tty.answer('trust this key? [y/N] ', '\r');
    expect(await answer).toBe(false);
  });
});
