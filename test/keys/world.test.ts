import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadIdentities } from '../../src/keys/sources.ts';
import { nodeKeysWorld } from '../../src/keys/world.ts';
import { freshKey } from '../age/keys.ts';
import { expectNoLeak, rejection } from '../age/no-leak.ts';

const key = freshKey();
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keys-world-'));
  writeFileSync(join(folder, 'key.txt'), `${key.text}\n`);
  writeFileSync(join(folder, 'large'), '#'.repeat(2 ** 20 + 10));
});
afterAll(() => rmSync(folder, { recursive: true }));

function world(env: Record<string, string> = {}) {
  return nodeKeysWorld({
    env: { PATH: process.env['PATH'], ...env },
    platform: 'linux',
    homedir: folder,
    cwd: folder,
  });
}

const node = (script: string) => [process.execPath, '-e', script];

describe('the real world', () => {
  it('reads files, relative ones from the given folder', async () => {
    expect(new TextDecoder().decode(await world().readFile('key.txt'))).toBe(`${key.text}\n`);
    expect(new TextDecoder().decode(await world().readFile(join(folder, 'key.txt')))).toBe(`${key.text}\n`);
    await expect(world().readFile('none')).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(world().readFile('.')).rejects.toMatchObject({ code: 'EISDIR' });
  });

  it('gives up on a file that is too large or endless', async () => {
    expect((await rejection(world().readFile('large'))).code).toBe('READ_FAILED');
    expect((await rejection(world().readFile('/dev/zero'))).code).toBe('READ_FAILED');
  });

  it('runs a program with exactly these words and variables, in that folder', async () => {
    const script = 'console.log(JSON.stringify([process.argv.slice(1), process.env.MINE, process.cwd()]))';
    const words = ['$HOME', 'a b', '`x`', "'"];
    const text = await world().run([...node(script), ...words], { MINE: 'yes' });
    expect(JSON.parse(text)).toEqual([words, 'yes', folder]);
  });

  it('ends stdin, hides stderr, and shows of a failure its status alone', async () => {
    expect(await world().run(node('process.stdin.on("end", () => console.log("end")).resume()'), {})).toBe(
      'end\n',
    );
    const failing = node(`console.log('${key.text}'); console.error('${key.text}'); process.exitCode = 3`);
    const error = await rejection(world().run(failing, {}), key.text);
    expect(error).toMatchObject({ code: 'PROGRAM_FAILED', message: 'the command ended with status 3' });
    const killed = await rejection(world().run(node('process.kill(process.pid, "SIGTERM")'), {}));
    expect(killed.message).toBe('the command ended with SIGTERM');
  });

  it('does not show the name of a program that is not there', async () => {
    const error = await rejection(world().run([key.text], {}), key.text);
    expect(error).toMatchObject({ code: 'PROGRAM_FAILED', message: expect.stringContaining('not found') });
    expect((await rejection(world().run([folder], {}), folder)).code).toBe('PROGRAM_FAILED');
    expect((await rejection(world().run(['a\0b'], {}))).code).toBe('PROGRAM_FAILED');
  });

  it('stops a program that prints without end', async () => {
    const endless = node('const more = () => process.stdout.write("x".repeat(65536), more); more()');
    expect((await rejection(world().run(endless, {}))).message).toContain('1 MiB');
  });

  it('is enough to load identities', async () => {
    const script = "process.stdout.write(require('node:fs').readFileSync('key.txt'))";
    const env = { SOPS_AGE_KEY_CMD: `'${process.execPath}' -e "${script}"` };
    const set = await loadIdentities(world(env));
    expect(set.sources).toMatchObject([{ name: 'SOPS_AGE_KEY_CMD', identities: 1, error: null }]);
    expect(set.identities.map(({ recipient }) => recipient)).toEqual([key.recipient]);
    expectNoLeak(set, key.text);
  });
});
