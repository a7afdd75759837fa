import { describe, expect, it } from 'vitest';
import { scanBytes } from '../../src/scan/engine.ts';
import type { ScanFinding } from '../../src/scan/model.ts';
import { diceOf, random, sampleOf } from './samples.ts';

const dice = diceOf('allow');
const token = sampleOf('gh|p_{a30}{sum}', dice);
const mark = ['secrets', 'allow'].join(':');

function findings(text: string): readonly ScanFinding[] {
  return scanBytes('notes.txt', Buffer.from(text), { now: () => 0 }).findings;
}

describe('a comment beside a finding', () => {
  it.each([
    ['on the line', `a = "${token}" # ${mark} github-token -- revoked in 2019`],
    ['above', `# ${mark} github-token -- revoked in 2019\na = "${token}"`],
    ['in C', `a = "${token}"; // ${mark} github-token -- revoked`],
    ['in a block', `/* ${mark} github-token -- revoked */\na = "${token}";`],
    ['in HTML', `<!-- ${mark} github-token -- revoked -->\n<b>${token}</b>`],
    ['in SQL', `-- ${mark} github-token -- revoked\n'${token}'`],
    ['in Lisp', `;; ${mark} github-token -- revoked\n"${token}"`],
    ['with CRLF', `# ${mark} github-token -- revoked\r\na = "${token}"\r\n`],
    ['with a longer dash', `# ${mark} github-token \u2014 revoked\na = "${token}"`],
    ['in another script', `# ${mark} github-token -- \u5931\u52b9\na = "${token}"`],
  ])('allows it %s', (_, text) => {
    expect(findings(text)).toEqual([]);
  });

  it.each([
    ['without a reason', `a = "${token}" # ${mark} github-token`, 'gives no reason'],
    ['with dashes alone', `a = "${token}" # ${mark} github-token --`, 'gives no reason'],
    ['with the end of a comment alone', `<!-- ${mark} github-token -->\n${token}`, 'gives no reason'],
    ['with a sign alone', `/* ${mark} github-token -- . */\n${token}`, 'gives no reason'],
    ['of a rule that does not exist', `a = "${token}" # ${mark} githob-token -- revoked`, 'does not exist'],
  ])('%s it stays, and says so', (_, text, said) => {
    const [finding, ...others] = findings(text);
    expect(others).toEqual([]);
    expect(finding?.rule).toBe('github-token');
    expect(finding?.message).toContain(said);
  });

  it.each([
    ['two lines above', `# ${mark} github-token -- revoked\n\na = "${token}"`],
    ['below', `a = "${token}"\n# ${mark} github-token -- revoked`],
    ['of another rule', `a = "${token}" # ${mark} npm-token -- revoked`],
    ['beside another value above', `b = 1 # ${mark} github-token -- revoked\na = "${token}"`],
    ['without a rule', `a = "${token}" # ${mark} -- revoked`],
    ['of all rules', `a = "${token}" # ${mark} * -- revoked`],
  ])('%s does not allow it', (_, text) => {
    expect(findings(text).map(finding => finding.rule)).toEqual(['github-token']);
  });

  it('allows one of two on a line', () => {
    const other = sampleOf('np|m_{a30}{sum}', dice);
    const text = `${token} ${other} # ${mark} npm-token -- a test`;
    expect(findings(text).map(finding => finding.rule)).toEqual(['github-token']);
    expect(findings(`${text} ${mark} github-token -- a test`)).toEqual([]);
  });

  it('allows a block at its first line', () => {
    const body = Array.from({ length: 5 }, () => random('b', 64, dice)).join('\n');
    const block = ['-----BEGIN PRIVATE ', `KEY-----\n${body}\n-----END PRIVATE `, 'KEY-----\n'].join('');
    expect(findings(block)).toHaveLength(1);
    expect(findings(`# ${mark} private-key -- of a test\n${block}`)).toEqual([]);
  });
});
