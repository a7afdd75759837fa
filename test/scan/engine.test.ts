import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { processorClock } from '../../src/cli/processor-clock.ts';
import { ALL_RULES, type LineRange, scanBytes } from '../../src/scan/engine.ts';
import type { ScanFinding, ScanRule } from '../../src/scan/model.ts';
import { KeywordIndex } from '../../src/scan/prefilter.ts';
import { diceOf, random, sampleOf } from './samples.ts';

const dice = diceOf('engine');
const token = sampleOf('gh|p_{a30}{sum}', dice);
const other = sampleOf('np|m_{a30}{sum}', dice);
const now = processorClock;

function findings(
  text: string | Uint8Array,
  changed: readonly LineRange[] | null = null,
): readonly ScanFinding[] {
  const report = scanBytes('a.txt', typeof text === 'string' ? Buffer.from(text) : text, { now, changed });
  expect(report.unchecked).toBeNull();
  return report.findings;
}

const places = (list: readonly ScanFinding[]) =>
  list.map(({ rule, line, column, endLine }) => [rule, line, column, endLine]);

describe('a place', () => {
  it('is a line and a column from 1, in characters', () => {
    expect(places(findings(`a\n\u{1f511}\u00e9 = ${token}\r\n${other}`))).toEqual([
      ['github-token', 2, 6, 2],
      ['npm-token', 3, 1, 3],
    ]);
  });

  it('is the same behind a mark, in UTF-16 and in Latin-1', () => {
    const text = `\u00e9\n  ${token}\n`;
    const wide = Buffer.from(text, 'utf16le');
    for (const bytes of [
      Buffer.from(`\ufeff${text}`),
      wide,
      Buffer.from(`\ufeff${text}`, 'utf16le'),
      Buffer.from(wide).swap16(),
      Buffer.from(text, 'latin1'),
    ]) {
      expect(places(findings(bytes))).toEqual([['github-token', 2, 3, 2]]);
    }
  });

  it('is the same in UTF-32', () => {
    const marked = [...`\ufeff\u{1f511}\n  ${token}\n`].map(each => each.codePointAt(0) ?? 0);
    const [little, big] = [Buffer.alloc(marked.length * 4), Buffer.alloc(marked.length * 4)];
    for (const [index, unit] of marked.entries()) {
      little.writeUInt32LE(unit, index * 4);
      big.writeUInt32BE(unit, index * 4);
    }
    for (const bytes of [little, big]) {
      expect(places(findings(bytes))).toEqual([['github-token', 2, 3, 2]]);
      const long = scanBytes('a', bytes, { now: () => 0, window: { size: 256, overlap: 200 } });
      expect(places(long.findings)).toEqual([['github-token', 2, 3, 2]]);
    }
    // the mark of UTF-16 and a zero: what follows is no character
    const narrow = Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0]), Buffer.from(token, 'utf16le')]);
    expect(places(findings(narrow))).toHaveLength(1);
  });

  it('is where base64 and escapes hide it', () => {
    const hidden = Buffer.from(`line one\n${token}\n`).toString('base64');
    expect(places(findings(`a: 1\nb: ${hidden}\n`))).toEqual([['github-token', 2, 16, 2]]);
    const escaped = `https://example.org/?q=a%3D${token.replace('_', '%5F')}`;
    expect(places(findings(`\n${escaped}`))).toEqual([['github-token', 2, 28, 2]]);
  });

  it('rises, with one finding for each value', () => {
    const text = `password = "${token}"\nurl = https://user:${other}@example.org/\n`;
    const found = findings(text);
    expect(found.map(finding => finding.rule)).toEqual(['github-token', 'npm-token']);
  });
});

describe('hidden values', () => {
  it.each([
    ['in base64 of UTF-16', Buffer.from(`$t = "${token}"`, 'utf16le').toString('base64')],
    ['in base64 behind a slash', `https://example.org/${Buffer.from(`token=${token}`).toString('base64')}`],
    ['in hexadecimal', Buffer.from(`token=${token}`).toString('hex')],
    ['in two strings', `t = "${token.slice(0, 20)}" +\n    "${token.slice(20)}";`],
    ['in two strings side by side', `t = ("${token.slice(0, 20)}"\n     "${token.slice(20)}")`],
    ['on two lines of a shell', `T=${token.slice(0, 20)}\\\n${token.slice(20)}`],
    ['with an escaped character', token.replace('_', '\\u005f')],
    ['with another', token.replace('_', '&#95;')],
    [
      'in a mail',
      `Content-Transfer-Encoding: quoted-printable\n\n${token.slice(0, 20)}=\n${token.slice(20)}`,
    ],
  ])('%s', (_, text) => {
    expect(findings(text).map(finding => finding.rule)).toEqual(['github-token']);
  });

  it('in wide characters inside of a binary file', () => {
    const bytes = Buffer.concat([
      Buffer.from([0x4d, 0x5a, 0, 1, 2]),
      dice.bytes(700),
      Buffer.from(token, 'utf16le'),
      dice.bytes(300),
    ]);
    expect(findings(bytes).map(finding => finding.rule)).toEqual(['github-token']);
  });
});

describe('changed lines', () => {
  const body = Array.from({ length: 4 }, () => random('b', 64, dice));
  const block = [
    ['-----BEGIN PRIVATE ', 'KEY-----'].join(''),
    ...body,
    ['-----END PRIVATE ', 'KEY-----'].join(''),
  ].join('\n');
  const text = `a\n${token}\nb\n${block}\nc\n`;

  it.each<[string, LineRange[], string[]]>([
    ['none', [], []],
    [
      'others',
      [
        { first: 1, last: 1 },
        { first: 3, last: 3 },
        { first: 10, last: 99 },
      ],
      [],
    ],
    ['the line', [{ first: 2, last: 2 }], ['github-token']],
    ['around it', [{ first: 1, last: 3 }], ['github-token']],
    ['the body of a block', [{ first: 6, last: 6 }], ['private-key']],
    ['the end of a block', [{ first: 9, last: 9 }], ['private-key']],
    [
      'a long range before a short one',
      [
        { first: 1, last: 50 },
        { first: 3, last: 3 },
      ],
      ['github-token', 'private-key'],
    ],
    [
      'in any order',
      [
        { first: 8, last: 8 },
        { first: 2, last: 2 },
      ],
      ['github-token', 'private-key'],
    ],
  ])('%s', (_, changed, rules) => {
    expect(findings(text, changed).map(finding => finding.rule)).toEqual(rules);
  });
});

describe('a file of more than one window', () => {
  it('is read to its end, with the lines of the file, and nothing twice', () => {
    const line = `${'x y '.repeat(12)}\u00e9\n`;
    const text = Array.from({ length: 400 }, (_, i) =>
      i % 7 === 3 ? `${i} ${sampleOf('gh|p_{a30}{sum}', dice)}\n` : line,
    ).join('');
    const whole = findings(text);
    expect(whole.length).toBeGreaterThan(50);
    for (const window of [
      { size: 1_000, overlap: 200 },
      { size: 777, overlap: 150 },
      { size: 4_096, overlap: 128 },
    ]) {
      for (const bytes of [Buffer.from(text), Buffer.from(`\ufeff${text}`, 'utf16le')]) {
        const report = scanBytes('a.txt', bytes, { now, window });
        expect(places(report.findings)).toEqual(places(whole));
      }
    }
  });
});

describe('a report', () => {
  it('never holds the value, but knows it', () => {
    const report = scanBytes('a.txt', Buffer.from(`a = "${token}"`), { now });
    const [finding] = report.findings;
    expect(finding?.secret.reveal()).toBe(token);
    for (const shown of [
      JSON.stringify(report),
      inspect(report, { depth: 9, showHidden: true }),
      `${finding?.secret}`,
    ]) {
      expect(shown).not.toContain(token.slice(4, 16));
    }
  });

  it('says what it is, what to do and how to allow it', () => {
    const [finding] = findings(token);
    expect(finding?.message).toMatch(/^a GitHub token in clear: .*[^.]$/);
    expect(finding?.fix).toContain('secrets add NAME --host HOST --from-file FILE');
    expect(finding?.fix).toContain('revoke it at https://github.com/settings/tokens');
    expect(finding?.fix).toContain(`${['secrets', 'allow'].join(':')} github-token -- REASON`);
  });
});

describe('what cannot be checked', () => {
  const rule = (find: ScanRule['find']): ScanRule => ({
    id: 'x-y',
    title: 'a thing',
    keywords: ['abc'],
    find,
  });
  const scan = (rules: readonly ScanRule[], clock: () => number, text = 'abc') =>
    scanBytes('a', Buffer.from(text), { rules, now: clock });

  it('a rule that fails, without its words', () => {
    const failing = rule(() => {
      throw new Error(token);
    });
    const report = scan([failing], now);
    expect(report.unchecked).toBe('the rule x-y failed');
  });

  it('a file that takes too long', () => {
    let time = 0;
    const clock = () => {
      time += 4_000;
      return time;
    };
    expect(scan([rule(() => []), rule(() => [])], clock).unchecked).toMatch(/took too long/);
    expect(scan([rule(() => [])], () => 0).unchecked).toBeNull();
  });

  it('a file of endless findings', () => {
    const endless = rule(function* () {
      for (;;) yield { start: 0, end: 1, secretStart: 0, secretEnd: 1 };
    });
    expect(scan([endless], () => 0).unchecked).toMatch(/more than 10000 findings/);
  });
});

describe('the keywords', () => {
  it('are found wherever they occur', () => {
    const piece = fc.constantFrom('ghp', '_', 'sk-', 'abc', 'abcd', 'key', '0', '\u0141', ' ', 'k');
    const keywords = fc.uniqueArray(fc.constantFrom('ghp_', 'sk-', 'abc', 'abcd', 'cab', 'key', 'key_'), {
      minLength: 1,
    });
    fc.assert(
      fc.property(fc.array(piece), keywords, (pieces, words) => {
        const text = pieces.join('');
        const expected = new Set<number>();
        for (const word of words) {
          for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) expected.add(at);
        }
        const [found = []] = new KeywordIndex([words]).search(text);
        expect(found).toEqual([...expected].sort((a, b) => a - b));
      }),
    );
  });
});

describe('any bytes', () => {
  const words = [...new Set(ALL_RULES.flatMap(rule => rule.keywords))].filter((_, i) => i % 9 === 0);
  const bytes = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .constantFrom(
          ...words,
          '-----BEGIN PRIVATE KEY-----',
          '-----END PRIVATE KEY-----',
          '%41',
          '\\n',
          '"+"',
          '=\n',
        )
        .map(text => Buffer.from(text)),
      fc.string({ maxLength: 60 }).map(text => Buffer.from(text)),
      fc.base64String({ minLength: 24, maxLength: 120 }).map(text => Buffer.from(text)),
    ),
    { maxLength: 12 },
  );

  it('are scanned without a failure, to places that exist', () => {
    fc.assert(
      fc.property(bytes, fc.string({ maxLength: 20 }), (parts, path) => {
        const all = Buffer.concat(parts);
        const report = scanBytes(path, all, { now });
        expect(report.unchecked).toBeNull();
        for (const finding of report.findings) {
          expect(finding.line).toBeGreaterThan(0);
          expect(finding.column).toBeGreaterThan(0);
          expect(finding.endLine).toBeGreaterThanOrEqual(finding.line);
        }
      }),
      { numRuns: 400 },
    );
  });
});
