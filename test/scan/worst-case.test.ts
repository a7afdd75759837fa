import { describe, expect, it } from 'vitest';
import { processorClock } from '../../src/cli/processor-clock.ts';
import { scanBytes } from '../../src/scan/engine.ts';
import { KeywordIndex } from '../../src/scan/prefilter.ts';
import { STRUCTURED_RULES } from '../../src/scan/structured.ts';
import { processorTime } from '../helpers/linear.ts';

const MEGABYTE = 1024 * 1024;

function filled(pattern: string, length: number): string {
  return pattern.repeat(Math.ceil(length / pattern.length)).slice(0, length);
}

/** What a rule is slowest with: its keyword again and again, with and without what its values consist of between. */
function worstOf(keyword: string): string[] {
  const upper = keyword.toUpperCase();
  return [
    upper,
    `-${keyword}`,
    ` ${keyword}=aB3`,
    `"${upper}A1b2C3d4E5f6"`,
    `.${keyword}${'aB3-'.repeat(40)}`,
  ];
}

describe('a rule takes linear time', () => {
  const rules = STRUCTURED_RULES.filter(rule => rule.keywords.length > 0);

  it.each(rules.map(rule => [rule.id, rule] as const))('%s', async (_, rule) => {
    const [keyword = ''] = rule.keywords;
    const index = new KeywordIndex([rule.keywords]);
    for (const pattern of worstOf(keyword)) {
      const run = (length: number) => {
        const text = filled(pattern, length);
        const lower = text.toLowerCase();
        const [at = []] = index.search(lower);
        return processorTime(() => {
          for (const hit of rule.find({ path: 'a', text, lower, at }))
            expect(hit.end).toBeGreaterThan(hit.start);
        });
      };
      const small = await run(MEGABYTE / 16);
      const large = await run(MEGABYTE / 4);
      // Four times the text: quadratic work would take sixteen times as long.
      expect(large, `${JSON.stringify(pattern.slice(0, 40))} ${small} ${large}`).toBeLessThan(
        60 + small * 10,
      );
    }
  });
});

describe('the engine takes linear time', () => {
  const PATTERNS: readonly (readonly [string, string])[] = [
    ['one letter', 'a'],
    ['one digit', '0'],
    ['zeros', '\0'],
    ['letters and zeros', 'a\0'],
    ['line ends', '\n'],
    ['blanks', ' '],
    ['quotes', '"'],
    ['quotes in pairs', '"" '],
    ['backslashes', '\\'],
    ['lines that go on', '\\\n'],
    ['percent signs', '%41'],
    ['escapes', '\\u0041'],
    ['slashes', '\\/'],
    ['dashes', '-----'],
    ['beginnings of blocks', '-----BEGIN PRIVATE KEY-----'],
    ['beginnings of certificates', '-----BEGIN CERTIFICATE-----'],
    ['beginnings of encrypted values', 'ENC[AES256_GCM,data:'],
    ['encrypted values cut short', 'ENC[AES256_GCM,data:AAAA,iv:AAAA,'],
    ['beginnings of images', 'data:image/png;base64,'],
    ['beginnings of tokens', 'eyJ'],
    ['beginnings of tokens with dots', 'eyJhbGciOi.eyJ'],
    ['short runs of base64', 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldY '],
    ['lines of base64', `${'QUJD'.repeat(16)}\n`],
    ['base64 of base64', 'VVVVVVVV'],
    ['recipients', 'age1'],
    ['comments', ['secrets', 'allow x -- y\n'].join(':')],
    ['joined strings', '"a" + '],
    ['hashes', `sha256-${'A'.repeat(43)}=`],
  ];

  it.each(PATTERNS)('%s', async (_, pattern) => {
    const run = (length: number) => {
      const bytes = Buffer.from(filled(pattern, length), 'latin1');
      return processorTime(() => {
        const report = scanBytes('a.txt', bytes, { now: processorClock });
        expect(report.unchecked).toBeNull();
      });
    };
    const small = await run(MEGABYTE / 4);
    const large = await run(MEGABYTE);
    expect(large, `${small} ${large}`).toBeLessThan(150 + small * 10);
  });

  it.each(['a', 'aB3/', '"a": ', 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldY '])('10 MB of %s', async pattern => {
    const run = (length: number) => {
      const bytes = Buffer.from(filled(pattern, length));
      return processorTime(() => {
        expect(scanBytes('a.txt', bytes, { now: processorClock }).unchecked).toBeNull();
      });
    };
    const small = await run(MEGABYTE);
    const large = await run(10 * MEGABYTE);
    expect(large, `${small} ${large}`).toBeLessThan(150 + small * 25);
  });
});
