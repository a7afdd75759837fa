import { randomBytes } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { encodeBech32 } from '../../src/age/bech32.ts';
import { describeWith } from '../helpers/programs.ts';
import { parsePtySteps, runOnPty } from '../helpers/pty.ts';
import { type Output, projectRoot, type RunOptions, Sandbox } from '../helpers/sandbox.ts';

const PLUGIN = join(projectRoot, 'test/helpers/age-plugin-testing.mjs');

let sandbox: Sandbox;
let recipient: string;
let identity: string;
let env: Record<string, string>;

beforeEach(() => {
  sandbox = new Sandbox();
  const data = randomBytes(32);
  recipient = encodeBech32('age1testing', data);
  identity = encodeBech32('age-plugin-testing-', data).toUpperCase();
  env = { ...sandbox.env, AGE_PLUGIN_LOG: join(sandbox.root, 'plugin.log') };
  install(join(sandbox.root, 'bin'));
});
afterEach(() => sandbox.dispose());

function install(folder: string): void {
  mkdirSync(folder, { recursive: true });
  copyFileSync(PLUGIN, join(folder, 'age-plugin-testing'));
  chmodSync(join(folder, 'age-plugin-testing'), 0o755);
}

async function run(args: readonly string[], options: RunOptions = {}): Promise<Output> {
  return sandbox.secrets(args, { env, ...options });
}

async function succeeds(args: readonly string[], options: RunOptions = {}): Promise<string> {
  const output = await run(args, options);
  expect([output.status, output.stderr.toString()], args.join(' ')).toEqual([0, expect.any(String)]);
  return output.stdout.toString();
}

async function errorOf(args: readonly string[], options: RunOptions = {}): Promise<string> {
  const output = await run(args, options);
  expect(output.status, args.join(' ')).not.toBe(0);
  expect(output.stdout.toString()).toBe('');
  return output.stderr.toString();
}

/** A workspace in which a key of hardware reads what megumu reads. */
async function fleet(): Promise<void> {
  await sandbox.run(['git', 'init', '-q'], { env });
  await succeeds(['init', '--admin', 'kamov']);
  await succeeds(['key', 'new', '--name', 'box'], { env: { ...env, HOME: join(sandbox.root, 'box') } });
  const megumu = await succeeds(['key', 'show'], { env: { ...env, HOME: join(sandbox.root, 'box') } });
  await succeeds(['host', 'add', 'megumu', '--age', megumu.trim()]);
  await succeeds(['add', 'first', '--host', 'megumu'], { stdin: 'the first value\n' });
}

function withToken(mood = ''): Record<string, string> {
  const home = join(sandbox.root, 'token-home');
  mkdirSync(join(home, '.config/sops/age'), { recursive: true });
  writeFileSync(join(home, '.config/sops/age/keys.txt'), `${identity}\n`, { mode: 0o600 });
  return { ...env, HOME: home, AGE_PLUGIN_TESTING: mood };
}

/** How often the program was started, and with which variables of sops. */
function started(): string[] {
  try {
    return readFileSync(join(sandbox.root, 'plugin.log'), 'utf8')
      .split('\n')
      .filter(line => line !== '');
  } catch {
    return [];
  }
}

describeWith(['sops', 'age', 'git', 'python3'], 'a key of a plugin', () => {
  it('reads and is written to, as with stock sops and age', async () => {
    await fleet();
    await succeeds(['key', 'allow-plugin', 'testing']);
    await succeeds(['admin', 'add', 'token', '--age', recipient, '--yes']);
    await succeeds(['add', 'kotori', '--host', 'megumu'], { stdin: 'hunter2-of-plugins\n' });
    const file = join(sandbox.work, 'secrets/megumu/kotori.yaml');
    const tokenEnv = { ...withToken(), SOPS_AGE_KEY: '' };
    const stock = await sandbox.run(['sops', 'decrypt', file], { env: tokenEnv });
    expect([stock.status, stock.stdout.toString()], stock.stderr.toString()).toEqual([
      0,
      'kotori: hunter2-of-plugins\n',
    ]);
    // and back: what stock sops wrote for the token, with the token alone
    const token = {
      ...withToken(),
      SOPS_AGE_KEY_FILE: join(withToken()['HOME'] ?? '', '.config/sops/age/keys.txt'),
    };
    await succeeds(['key', 'allow-plugin', 'testing'], { env: token });
    const rotated = await sandbox.run(['sops', 'rotate', '-i', file], { env: tokenEnv });
    expect(rotated.status, rotated.stderr.toString()).toBe(0);
    writeFileSync(join(sandbox.root, 'plugin.log'), '');
    expect(await succeeds(['get', 'kotori'], { env: token })).toBe('hunter2-of-plugins');
    // once, for the one stanza that is its own, and without the places of keys in its environment
    expect(started()).toEqual(['--age-plugin=identity-v1 ']);
  });

  it('is not run before it was agreed to, and the agreement is for one program', async () => {
    await fleet();
    const refused = await errorOf(['admin', 'add', 'token', '--age', recipient, '--yes']);
    expect(refused).toMatch(/never run here.*\[PLUGIN_UNAVAILABLE\]\n.*secrets key allow-plugin testing/s);
    expect(started()).toEqual([]);
    const asked = await runOnPty([...sandbox.program, 'admin', 'add', 'token', '--age', recipient, '--yes'], {
      cwd: sandbox.work,
      env,
      steps: parsePtySteps('expect age-plugin-testing, now and from now on?\nline y', () => Buffer.alloc(0)),
    });
    expect([asked.status, asked.error], asked.stdout.toString()).toEqual([0, null]);
    expect(asked.stdout.toString()).toMatch(/of the age plugin testing, which was never run here/);
    await succeeds(['add', 'kotori', '--host', 'megumu'], { stdin: 'once more without a question\n' });
    const elsewhere = join(sandbox.root, 'elsewhere');
    install(elsewhere);
    const moved = { ...env, PATH: `${elsewhere}:${env['PATH']}` };
    expect(await errorOf(['add', 'x', '--host', 'megumu'], { env: moved, stdin: 'x' })).toContain(
      'never run here',
    );
  });

  it('says no, and nothing is changed', async () => {
    await fleet();
    const answer = await runOnPty(
      [...sandbox.program, 'admin', 'add', 'token', '--age', recipient, '--yes'],
      {
        cwd: sandbox.work,
        env,
        steps: parsePtySteps('expect now and from now on?\nline n', () => Buffer.alloc(0)),
      },
    );
    expect(answer.status).toBe(3);
    expect(answer.stdout.toString()).toContain('was not run');
    expect(readFileSync(join(sandbox.work, '.sops.yaml'), 'utf8')).not.toContain('token');
    expect(started()).toEqual([]);
  });

  it('is never taken from the work tree, a node_modules or a relative PATH entry, not even by a link', async () => {
    await fleet();
    const nowhere = (env['PATH'] ?? '').split(':').filter(folder => folder !== join(sandbox.root, 'bin'));
    const inTree = join(sandbox.work, 'tools');
    const modules = join(sandbox.root, 'project/node_modules/.bin');
    const linked = join(sandbox.root, 'linked');
    for (const folder of [inTree, modules]) install(folder);
    mkdirSync(linked);
    symlinkSync(join(inTree, 'age-plugin-testing'), join(linked, 'age-plugin-testing'));
    for (const folder of [inTree, modules, linked, 'tools', './tools']) {
      const path = [folder, ...nowhere, join(process.execPath, '..')].join(':');
      const error = await errorOf(['key', 'allow-plugin', 'testing'], { env: { ...env, PATH: path } });
      expect(error, folder).toMatch(/is only in .*is not run from there \[PLUGIN_UNAVAILABLE\]/);
    }
    const without = { ...env, PATH: [...nowhere, join(process.execPath, '..')].join(':') };
    const missing = await errorOf(['admin', 'add', 'token', '--age', recipient, '--yes'], { env: without });
    expect(missing).toMatch(
      /age-plugin-testing is not installed \[PLUGIN_UNAVAILABLE\]\n.*install age-plugin-testing/s,
    );
    expect(started()).toEqual([]);
  });

  it('asks for a PIN and a confirmation through us, and cannot move the cursor', async () => {
    await fleet();
    await succeeds(['key', 'allow-plugin', 'testing']);
    await succeeds(['admin', 'add', 'token', '--age', recipient, '--yes']);
    await succeeds(['add', 'kotori', '--host', 'megumu'], { stdin: 'hunter2-of-plugins\n' });
    const token = withToken('ask');
    await succeeds(['key', 'allow-plugin', 'testing'], { env: token });
    const answer = await runOnPty([...sandbox.program, 'get', 'kotori'], {
      cwd: sandbox.work,
      env: token,
      steps: parsePtySteps('expect PIN:\nline 2468\nexpect plugged in?\nline y', () => Buffer.alloc(0)),
    });
    const shown = answer.stdout.toString();
    expect([answer.status, answer.error], shown).toEqual([0, null]);
    expect(shown).toContain('age-plugin-testing: touch the token ]0;owned');
    expect(shown).not.toContain('2468');
    expect(shown).not.toContain('\u001b]0;');
    expect(shown).toContain('hunter2-of-plugins');
    // nobody there: the plugin is told so, and its complaint is ours
    expect(await errorOf(['get', 'kotori'], { env: token })).toContain('wrong PIN');
  });

  it.each([
    ['garbage', 'speaks no language of age'],
    ['silent', 'ended before it was done'],
    ['error', 'says: the  [31mtoken [0m is locked'],
  ])('that misbehaves (%s) is named, and nothing is changed', async (mood, complaint) => {
    await fleet();
    await succeeds(['key', 'allow-plugin', 'testing']);
    const before = readFileSync(join(sandbox.work, '.sops.yaml'), 'utf8');
    const error = await errorOf(['admin', 'add', 'token', '--age', recipient, '--yes'], {
      env: { ...env, AGE_PLUGIN_TESTING: mood },
    });
    expect(error).toContain(`age-plugin-testing ${complaint}`);
    expect(readFileSync(join(sandbox.work, '.sops.yaml'), 'utf8')).toBe(before);
  });
});
