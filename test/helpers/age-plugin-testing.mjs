#!/usr/bin/env node
// An age plugin for tests: it protects nothing. Its "encryption" is XOR with a hash of the public data, so that the
// real age and sops can be asked about the same files. AGE_PLUGIN_TESTING makes it ask, complain or misbehave.
import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const mood = process.env.AGE_PLUGIN_TESTING ?? '';
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
if (process.env.AGE_PLUGIN_LOG) {
  const seen = Object.keys(process.env).filter(name => name.startsWith('SOPS_'));
  appendFileSync(process.env.AGE_PLUGIN_LOG, `${process.argv[2]} ${seen.join(',')}\n`);
}

/** The data part of a bech32 text, without checking its sum. */
function dataOf(text) {
  const part = text.toLowerCase().slice(text.lastIndexOf('1') + 1, -6);
  let bits = '';
  for (const letter of part) bits += ALPHABET.indexOf(letter).toString(2).padStart(5, '0');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map(byte => Number.parseInt(byte, 2)));
}

function send(args, body = Buffer.alloc(0)) {
  const text = body.toString('base64').replace(/=+$/, '');
  const wrapped = text.match(/.{1,64}/g) ?? [];
  if (text.length % 64 === 0) wrapped.push('');
  process.stdout.write(`-> ${args.join(' ')}\n${wrapped.join('\n')}\n`);
}

async function receive() {
  const { value } = await lines.next();
  if (value === undefined) process.exit(1);
  let body = '';
  for (;;) {
    const { value: line = '' } = await lines.next();
    body += line;
    if (line.length < 64) break;
  }
  return { args: value.slice(3).split(' '), body: Buffer.from(body, 'base64') };
}

const mask = key => createHash('sha256').update('testing').update(key).digest().subarray(0, 16);
const xor = (a, b) => Buffer.from(a.map((byte, index) => byte ^ b[index]));

const told = [];
for (;;) {
  const stanza = await receive();
  if (stanza.args[0] === 'done') break;
  told.push(stanza);
}
if (mood === 'garbage') process.stdout.write('hello\n\nhow are you?\n');
if (mood === 'silent') process.exit(0);
if (mood === 'error') {
  send(['error', 'internal'], Buffer.from('the \u001b[31mtoken\u001b[0m is locked'));
  await receive();
  process.exit(1);
}
if (mood === 'ask') {
  send(['msg'], Buffer.from('touch the token\u001b]0;owned\u0007'));
  await receive();
  send(['unheard-of', 'x']);
  if ((await receive()).args[0] !== 'unsupported') process.exit(3);
  send(['request-secret'], Buffer.from('PIN:'));
  const pin = await receive();
  if (pin.args[0] !== 'ok' || pin.body.toString() !== '2468') {
    send(['error', 'internal'], Buffer.from('wrong PIN'));
    await receive();
    process.exit(1);
  }
  const [yes, no] = ['yes', 'no'].map(word => Buffer.from(word).toString('base64').replace(/=+$/, ''));
  send(['confirm', yes, no], Buffer.from('is it plugged in?'));
  if ((await receive()).args[1] !== 'yes') process.exit(1);
}
if (process.argv[2] === '--age-plugin=recipient-v1') {
  const key = dataOf(told.find(({ args }) => args[0] === 'add-recipient').args[1]);
  const { body } = told.find(({ args }) => args[0] === 'wrap-file-key');
  const long = Buffer.alloc(64, 7);
  send(
    ['recipient-stanza', '0', 'testing', mask(key).toString('hex').slice(0, 8)],
    Buffer.concat([xor(body, mask(key)), long]),
  );
} else {
  const key = dataOf(told.find(({ args }) => args[0] === 'add-identity').args[1]);
  const mine = told.find(
    ({ args }) => args[2] === 'testing' && args[3] === mask(key).toString('hex').slice(0, 8),
  );
  if (mine !== undefined) send(['file-key', '0'], xor(mine.body.subarray(0, 16), mask(key)));
}
if (process.argv[2] === '--age-plugin=recipient-v1' || told.some(({ args }) => args[2] === 'testing'))
  await receive();
send(['done']);
process.exit(0);
