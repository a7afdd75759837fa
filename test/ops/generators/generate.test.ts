import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseIdentity } from '../../../src/age/identity.ts';
import { ed25519SeedOf } from '../../../src/age/openssh-private-key.ts';
import { runProgram } from '../../../src/cli/run-program.ts';
import { SecretsError } from '../../../src/errors.ts';
import { type Generated, generate } from '../../../src/ops/generators/generate.ts';
import { formatRecipe, parseRecipe } from '../../../src/ops/generators/recipe.ts';
import { WORDS } from '../../../src/ops/generators/words.ts';
import type { RunProgram } from '../../../src/ops/ports.ts';
import { describeWith } from '../../helpers/programs.ts';

/** A byte source that gives the same bytes in every run. */
function counting(start = 0): (bytes: number) => Uint8Array {
  let next = start;
  return bytes => Uint8Array.from({ length: bytes }, () => (next++ * 151 + 7) & 0xff);
}

const noProgram: RunProgram = async () => null;

function made(text: string, random = counting(), run = noProgram): Promise<Generated> {
  return generate(parseRecipe(text), 'wg', { random, run });
}

async function textOf(text: string, random = counting()): Promise<string> {
  return new TextDecoder().decode((await made(text, random)).value.reveal());
}

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return 'none';
  } catch (error) {
    return error instanceof SecretsError ? `${error.code}: ${error.message}` : String(error);
  }
}

describe('a recipe', () => {
  it.each([
    ['password', 'password:32'],
    ['password:8', 'password:8'],
    ['hex', 'hex:64'],
    ['base64', 'base64:32'],
    ['passphrase', 'passphrase:7'],
    ['uuid', 'uuid'],
    ['ssh-ed25519', 'ssh-ed25519'],
    ['wireguard', 'wireguard'],
    ['age', 'age'],
    ['mkpasswd', 'mkpasswd:24'],
  ])('%s is recorded as %s', (text, recorded) => {
    expect(formatRecipe(parseRecipe(text))).toBe(recorded);
    expect(parseRecipe(recorded)).toEqual(parseRecipe(text));
  });

  it.each([
    ['', 'no generator is called ""'],
    ['pasword', 'no generator is called "pasword"'],
    ['__proto__', 'no generator is called "__proto__"'],
    ['constructor', 'no generator is called "constructor"'],
    ['password:', 'no generator'],
    ['password:7', 'password makes 8 to 4096 characters, not 7'],
    ['password:4097', 'not 4097'],
    ['password:08x', 'no generator'],
    ['passphrase:3', 'passphrase makes 4 to 64 words, not 3'],
    ['base64:0', 'base64 makes 8 to 4096 bytes, not 0'],
    ['uuid:4', 'uuid has one size and takes no number'],
    ['hex:99999999', 'no generator'],
  ])('%j is refused', (text, message) => {
    expect(() => parseRecipe(text)).toThrow(message);
  });

  it('suggests the name that was meant', () => {
    try {
      parseRecipe('wiregard');
    } catch (error) {
      expect(error instanceof SecretsError && error.hint).toBe('did you mean wireguard?');
      return;
    }
    expect.unreachable();
  });
});

describe('values of characters', () => {
  it.each([
    ['password:40', /^[A-Za-z0-9_-]{40}$/],
    ['hex:33', /^[0-9a-f]{33}$/],
    ['base64:32', /^[A-Za-z0-9+/]{43}=$/],
    ['base64:9', /^[A-Za-z0-9+/]{12}$/],
    ['uuid', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
    ['passphrase:5', /^([a-z]{3,6}-){4}[a-z]{3,6}$/],
  ])('%s', async (recipe, form) => {
    expect(await textOf(recipe)).toMatch(form);
    expect(await textOf(recipe, counting(9))).not.toBe(await textOf(recipe));
  });

  it('take every character of their alphabet equally often', async () => {
    let next = 0;
    const every = (bytes: number) => Uint8Array.from({ length: bytes }, () => next++ & 0xff);
    const text = await textOf('password:1024', every);
    const counts = new Map<string, number>();
    for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
    expect(counts.size).toBe(64);
    expect(new Set(counts.values())).toEqual(new Set([16]));
  });

  it('has a list of 2048 distinct short words', () => {
    expect(WORDS.length).toBe(2048);
    expect(new Set(WORDS).size).toBe(2048);
    expect(WORDS.filter(word => !/^[a-z]{3,6}$/.test(word))).toEqual([]);
  });

  it('reaches the first and the last word', async () => {
    const fixed = (byte: number) => (bytes: number) => new Uint8Array(bytes).fill(byte);
    expect(await textOf('passphrase:4', fixed(0))).toBe(Array(4).fill(WORDS[0]).join('-'));
    expect(await textOf('passphrase:4', fixed(255))).toBe(Array(4).fill(WORDS[2047]).join('-'));
  });
});

describe('key pairs', () => {
  it('makes an age identity whose recipient is the public half', async () => {
    const { value, beside } = await made('age');
    const identity = parseIdentity(new TextDecoder().decode(value.reveal()));
    expect(beside.publicHalf).toBe(identity.recipient);
  });

  it('clamps a wireguard key, whatever the random bytes are', async () => {
    for (const byte of [0, 7, 128, 255]) {
      const { value, beside } = await made('wireguard', bytes => new Uint8Array(bytes).fill(byte));
      const key = Buffer.from(new TextDecoder().decode(value.reveal()), 'base64');
      expect(key.length).toBe(32);
      expect([(key[0] ?? 1) & 7, (key[31] ?? 0) & 192]).toEqual([0, 64]);
      expect(Buffer.from(beside.publicHalf ?? '', 'base64').length).toBe(32);
    }
  });

  it('makes the public half of the key pair of RFC 7748, section 6.1', async () => {
    const alice = Buffer.from('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a', 'hex');
    const { beside } = await made('wireguard', () => new Uint8Array(alice));
    expect(Buffer.from(beside.publicHalf ?? '', 'base64').toString('hex')).toBe(
      '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
    );
  });

  it('makes an ssh key that our own reader takes', async () => {
    const { value } = await made('ssh-ed25519');
    expect(ed25519SeedOf(new TextDecoder().decode(value.reveal()))).toEqual(counting()(32));
  });

  it('keeps a line break out of the comment of an ssh key', async () => {
    const { beside } = await generate(parseRecipe('ssh-ed25519'), 'a\nssh-rsa b', {
      random: counting(),
      run: noProgram,
    });
    expect(beside.publicHalf).toMatch(/^ssh-ed25519 \S+ a_ssh-rsa_b$/);
  });
});

describeWith(['ssh-keygen'], 'an ssh key for ssh-keygen', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7])('is read, whatever the length of its name (%i more)', async more => {
    const folder = mkdtempSync(join(tmpdir(), 'secrets-generate-'));
    try {
      const name = `wg${'x'.repeat(more)}`;
      const tools = { random: counting(more), run: noProgram };
      const { value, beside } = await generate(parseRecipe('ssh-ed25519'), name, tools);
      const file = join(folder, 'key');
      writeFileSync(file, value.reveal(), { mode: 0o600 });
      const shown = execFileSync('ssh-keygen', ['-y', '-P', '', '-f', file], { encoding: 'utf8' });
      expect(shown.trim()).toBe(beside.publicHalf);
      expect(beside.publicHalf).toMatch(new RegExp(`^ssh-ed25519 [A-Za-z0-9+/=]+ ${name}$`));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('mkpasswd', () => {
  const hash = '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7';

  it('gives the password on stdin, and delivers the hash', async () => {
    const calls: { argv: readonly string[]; input: string | undefined }[] = [];
    const run: RunProgram = async (argv, input) => {
      calls.push({ argv, input: input?.reveal() });
      return { status: 0, stdout: `${hash}\n` };
    };
    const { value, beside } = await made('mkpasswd', counting(), run);
    const password = beside.password?.reveal() ?? '';
    expect(password).toMatch(/^[A-Za-z0-9_-]{24}$/);
    expect(calls).toEqual([{ argv: ['mkpasswd', '--method=yescrypt', '--stdin'], input: `${password}\n` }]);
    expect(new TextDecoder().decode(value.reveal())).toBe(hash);
    expect(JSON.stringify(beside)).not.toContain(password);
  });

  it.each([
    ['another hash', { status: 0, stdout: '$6$salt$abc\n' }],
    ['two lines', { status: 0, stdout: `${hash}\n${hash}\n` }],
    ['a failure', { status: 2, stdout: hash }],
    ['nothing', { status: 0, stdout: '' }],
  ])('refuses %s, without a word of it', async (_what, result) => {
    const message = await codeOf(() => made('mkpasswd', counting(), async () => result));
    expect(message).toBe('PROGRAM_FAILED: mkpasswd made no yescrypt hash');
  });

  it('says that the program is missing', async () => {
    expect(await codeOf(() => made('mkpasswd'))).toBe(
      'PROGRAM_FAILED: the program mkpasswd is not installed',
    );
  });
});

describeWith(['perl'], 'mkpasswd as a program', () => {
  // the same crypt(3) as the real one
  const standIn = `#!/usr/bin/env perl
die unless "@ARGV" eq "--method=yescrypt --stdin";
chomp(my $password = <STDIN>);
print crypt($password, '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$'), "\\n";
`;

  it('gets the password on stdin, and its hash is that of the password', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'secrets-generate-'));
    try {
      writeFileSync(join(folder, 'mkpasswd'), standIn, { mode: 0o755 });
      const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
      const { value, beside } = await made('mkpasswd', counting(), (argv, input) =>
        runProgram(argv, env, input),
      );
      const input = `${beside.password?.reveal()}\n${new TextDecoder().decode(value.reveal())}\n`;
      const script = 'chomp(my ($p, $h) = <STDIN>); print crypt($p, $h) eq $h ? "same" : "other"';
      expect(execFileSync('perl', ['-e', script], { input, encoding: 'utf8' })).toBe('same');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is missing where PATH has none', async () => {
    const run: RunProgram = (argv, input) => runProgram(argv, { PATH: '/nonexistent' }, input);
    expect(await codeOf(() => made('mkpasswd', counting(), run))).toContain('mkpasswd is not installed');
  });
});
