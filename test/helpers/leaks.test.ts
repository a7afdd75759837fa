import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { leakInOutput, leaksInFiles, OutputLog, spellings } from './leaks.ts';
import type { Output } from './sandbox.ts';

const SECRET = { value: 'correct "horse" battery', allowed: ['plain.txt'] };
const IDENTITY = `AGE-SECRET-KEY-1${'Q'.repeat(58)}`;

function output(status: number, stdout: string, stderr = '', argv: readonly string[] = ['secrets']): Output {
  return { argv, status, signal: null, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr) };
}

it.each([
  ['as it is', SECRET.value],
  ['as JSON', JSON.stringify(SECRET.value)],
  ['in hexadecimal', Buffer.from(SECRET.value).toString('hex')],
  ['in an URL', encodeURIComponent(SECRET.value)],
  ['in base64', Buffer.from(SECRET.value).toString('base64')],
  ['in base64 with a byte before', Buffer.from(`x${SECRET.value}`).toString('base64')],
  ['in base64 with two bytes before', Buffer.from(`xy${SECRET.value}z`).toString('base64')],
])('finds a value %s', (_title, text) => {
  expect(leakInOutput(output(1, `before ${text} after`), [SECRET])).toContain('stdout');
  expect(leakInOutput(output(0, '', `before ${text} after`), [SECRET])).toContain('stderr');
});

it('finds a line of a value of several, but not what every PEM begins with', () => {
  const pem = {
    value: '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIE\n-----END PRIVATE KEY-----',
    allowed: [],
  };
  expect(leakInOutput(output(1, 'x MC4CAQAwBQYDK2VwBCIE'), [pem])).not.toBeNull();
  expect(leakInOutput(output(1, 'it has no -----BEGIN PRIVATE KEY-----'), [pem])).toBeNull();
});

it('lets stdout of a success have the value, without --json', () => {
  expect(leakInOutput(output(0, SECRET.value), [SECRET])).toBeNull();
  expect(leakInOutput(output(0, SECRET.value, '', ['secrets', 'show', '--json']), [SECRET])).not.toBeNull();
});

it.each([
  IDENTITY,
  IDENTITY.toLowerCase(),
  `AGE-SECRET-KEY-PQ-1${'Q'.repeat(58)}`,
  `AGE-PLUGIN-YUBIKEY-1${'Q'.repeat(30)}`,
])('knows an identity that nobody named: %s', identity => {
  expect(leakInOutput(output(3, '', `cannot read ${identity}`), [])).toContain('identity');
  expect(leakInOutput(output(0, identity), [])).toBeNull();
});

it('does not say the value that it found', () => {
  expect(leakInOutput(output(1, SECRET.value), [SECRET])).not.toContain('horse');
});

it('refuses a value that is found by accident', () => {
  expect(() => spellings('12345')).toThrow('accident');
});

it('finds files that were not named, and what git stored', () => {
  const folder = mkdtempSync(join(tmpdir(), 'secrets-leaks-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'plain.txt'), SECRET.value);
  writeFileSync(join(folder, 'other.txt'), `a\0${SECRET.value}`);
  expect(leaksInFiles(folder, Buffer.alloc(0), [SECRET])).toEqual(['other.txt holds secret number 1']);
  expect(leaksInFiles(folder, Buffer.from(SECRET.value), [SECRET])).toContain('.git holds secret number 1');
  expect(leaksInFiles(folder, Buffer.from(IDENTITY), [])).toEqual(['.git holds an age identity']);
});

it('compares every output of a run with the secrets of all scripts', () => {
  const log = new OutputLog();
  log.outputs.push({ where: 'a.txtar:3', output: output(1, SECRET.value) });
  expect(log.leaks()).toEqual([]);
  log.secrets.push(SECRET);
  expect(log.leaks()).toEqual(['a.txtar:3: stdout holds secret number 1 of this script']);
});
