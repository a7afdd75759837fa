import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Keystrokes, type Outcome } from '../../src/cli/keystrokes.ts';

const PASTE = (text: string) => `\x1b[200~${text}\x1b[201~`;
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (keys: Keystrokes) => new TextDecoder().decode(keys.value());

/** Feeds bursts, each followed by a quiet time; stops at the first outcome that decides. */
function type(keys: Keystrokes, ...bursts: string[]): Outcome {
  for (const burst of bursts) {
    const fed = keys.feed(bytes(burst));
    if (fed !== 'more') return fed;
    const settled = keys.settle();
    if (settled !== 'more') return settled;
  }
  return 'more';
}

describe('typed keys', () => {
  const cases: [title: string, bursts: string[], outcome: Outcome, value: string][] = [
    ['Enter ends', ['abc', '\r'], 'end', 'abc'],
    ['Enter in the same chunk ends', ['abc\r'], 'end', 'abc'],
    ['a line feed is Enter too', ['abc\n'], 'end', 'abc'],
    ['CR LF is one Enter', ['\r\n'], 'end', ''],
    ['Enter pressed twice at once is one Enter', ['abc', '\r\r'], 'end', 'abc'],
    ['nothing but Enter is the empty value', ['\r'], 'end', ''],
    ['Backspace takes one character', ['aé✓\x7f\x7fb', '\r'], 'end', 'ab'],
    ['Backspace on nothing does nothing', ['\x7f\x08a', '\r'], 'end', 'a'],
    ['Ctrl-U clears', ['wrong\x15right', '\r'], 'end', 'right'],
    ['arrow keys are no text', ['a\x1b[D\x1b[1;5Cb\x1bOP', '\r'], 'end', 'ab'],
    ['Escape alone is no text', ['a\x1b', 'b', '\r'], 'end', 'ab'],
    ['other control keys are no text', ['a\x01\x1ab', '\r'], 'end', 'ab'],
    ['a tab is text', ['a\tb', '\r'], 'end', 'a\tb'],
    ['Ctrl-C interrupts', ['ab\x03'], 'interrupted', 'ab'],
    ['Ctrl-D on nothing closes', ['\x04'], 'closed', ''],
    ['Ctrl-D after text ends', ['ab\x04'], 'end', 'ab'],
  ];
  it.each(cases)('%s', (_title, bursts, outcome, value) => {
    const keys = new Keystrokes(1000);
    expect(type(keys, ...bursts)).toBe(outcome);
    expect(text(keys)).toBe(value);
    expect(keys.pasted).toBe(false);
  });

  it('an Enter that nothing follows is undecided until it settles', () => {
    const keys = new Keystrokes(1000);
    expect(keys.feed(bytes('abc\r'))).toBe('more');
    expect(keys.unsettled).toBe(true);
    expect(keys.settle()).toBe('end');
  });
});

describe('a bracketed paste', () => {
  const cases: [title: string, bursts: string[], value: string, notice: number | null][] = [
    ['keeps its newlines', [PASTE('a\nb\n'), '\r'], 'a\nb\n', 2],
    ['has carriage returns for newlines', [PASTE('a\rb\r'), '\r'], 'a\nb\n', 2],
    ['may have both', [PASTE('a\r\nb\r\n'), '\r'], 'a\nb\n', 2],
    ['of one line loses the newline that came along', [PASTE('token\r'), '\r'], 'token', 1],
    ['keeps two newlines', [PASTE('token\r\r'), '\r'], 'token\n\n', 2],
    ['keeps control characters but Ctrl-C', [PASTE('a\x15\x04\x7fb'), '\r'], 'a\x15\x04\x7fb', 1],
    ['takes text before and behind', ['a', PASTE('b'), 'c', '\r'], 'abc', 1],
    ['may come twice', [PASTE('a\r'), PASTE('b'), '\r'], 'a\nb', 2],
    ['can be cleared', [PASTE('a\rb'), '\x15', 'c', '\r'], 'c', 2],
    ['may hold what looks like its beginning', [PASTE('a\x1b[200~b'), '\r'], 'a\x1b[200~b', 1],
  ];
  it.each(cases)('%s', (_title, bursts, value, notice) => {
    const keys = new Keystrokes(1000);
    let last: number | null = null;
    for (const burst of bursts.slice(0, -1)) {
      expect(type(keys, burst)).toBe('more');
      last = keys.takeNotice() ?? last;
    }
    expect(type(keys, ...bursts.slice(-1))).toBe('end');
    expect(text(keys)).toBe(value);
    expect(last).toBe(notice);
  });

  it('that is cleared no longer counts as pasted', () => {
    const keys = new Keystrokes(1000);
    type(keys, PASTE('a'), '\x15', 'b', '\r');
    expect(keys.pasted).toBe(false);
  });

  it('is interrupted by Ctrl-C, so that nobody is caught in it', () => {
    const keys = new Keystrokes(1000);
    expect(type(keys, '\x1b[200~abc', '\x03')).toBe('interrupted');
    expect(keys.pasting).toBe(true);
  });

  it('gives the same value however it is cut into chunks', () => {
    const line = fc.string({ unit: fc.constantFrom('a', '✓', 'é', ' ', '~', '[', '\t'), maxLength: 8 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), fc.array(fc.nat(9)), (lines, cuts) => {
        const stream = bytes(PASTE(lines.join('\r')));
        const keys = new Keystrokes(1000);
        let at = 0;
        for (const cut of cuts) {
          expect(keys.feed(stream.subarray(at, at + cut))).toBe('more');
          if (keys.pasting) expect(keys.settle()).toBe('more');
          at += cut;
        }
        expect(keys.feed(stream.subarray(at))).toBe('more');
        expect(type(keys, '\r')).toBe('end');
        const wanted = lines.join('\n');
        const copied = wanted.endsWith('\n') && wanted.indexOf('\n') === wanted.length - 1;
        expect(text(keys)).toBe(copied ? wanted.slice(0, -1) : wanted);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a paste without brackets', () => {
  const cases: [title: string, bursts: string[], value: string][] = [
    ['keeps newlines that more follows', ['a\rb\rc', '\r'], 'a\nb\nc'],
    ['keeps its last newline and waits for Enter', ['a\rb\r', '\r'], 'a\nb\n'],
    ['keeps empty lines', ['a\r\r\rb\r\r', '\r'], 'a\n\n\nb\n\n'],
    ['keeps CR LF as one newline', ['a\r\nb\r\n', '\r'], 'a\nb\n'],
  ];
  it.each(cases)('%s', (_title, bursts, value) => {
    const keys = new Keystrokes(1000);
    expect(type(keys, ...bursts)).toBe('end');
    expect(text(keys)).toBe(value);
    expect(keys.pasted).toBe(true);
  });

  it('may arrive in chunks, as long as there is no quiet time between them', () => {
    const keys = new Keystrokes(1000);
    for (const chunk of ['-----BEGIN', ' KEY-----\r', 'AAAA\r', '\r', 'BBBB\r']) {
      expect(keys.feed(bytes(chunk))).toBe('more');
    }
    expect(keys.settle()).toBe('more');
    expect(keys.takeNotice()).toBe(4);
    expect(type(keys, '\r')).toBe('end');
    expect(text(keys)).toBe('-----BEGIN KEY-----\nAAAA\n\nBBBB\n');
  });
});

describe('the size', () => {
  it('is limited for typed text, pastes and bursts', () => {
    for (const stream of ['x'.repeat(11), `\x1b[200~${'x'.repeat(20)}`, 'x\r'.repeat(8)]) {
      expect(type(new Keystrokes(10), stream)).toBe('too-large');
    }
    expect(type(new Keystrokes(10), 'x'.repeat(10), '\r')).toBe('end');
  });

  it('of an escape sequence is limited too', () => {
    const keys = new Keystrokes(1000);
    expect(type(keys, `\x1b[${'1;'.repeat(500)}`, 'text', '\r')).toBe('end');
    expect(text(keys)).toContain('text');
  });
});

it('forgets what it gathered', () => {
  const keys = new Keystrokes(1000);
  type(keys, 'abc');
  keys.forget();
  expect(text(keys)).toBe('');
});
