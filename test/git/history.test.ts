import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileMoves, filesThatHeld, formerLines } from '../../src/git/history.ts';
import { runGit } from '../../src/git/run.ts';

let root: string;
const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
const run = (args: readonly string[]) => runGit(root, args, { env, writes: true });

async function git(...args: string[]): Promise<void> {
  const who = ['-c', 'user.name=kamov', '-c', 'user.email=kamov@example.org'];
  const result = await run([...who, ...args]);
  expect(result.status, result.stderr).toBe(0);
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

async function commit(): Promise<void> {
  await git('add', '-A');
  await git('commit', '-qm', 'one');
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'secrets-history-'));
  await git('init', '-q', '-b', 'main');
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('filesThatHeld', () => {
  it('finds nothing in a repository without a commit', async () => {
    expect(await filesThatHeld(run, ['key'])).toEqual([]);
  });

  it('looks for several texts literally, on every branch, where one took the place of the other too', async () => {
    await write('a', 'x ssh-ed25519 AA+/b.c y\n');
    await write('b', 'old\n');
    await write('c', 'ssh-ed25519 AAA/bxc\n');
    await commit();
    await write('b', 'other\n');
    await commit();
    await git('checkout', '-qb', 'side', 'HEAD~1');
    await write('sub/d', 'other\n');
    await commit();
    await git('checkout', '-q', 'main');
    expect(await filesThatHeld(run, ['ssh-ed25519 AA+/b.c'])).toEqual(['a']);
    expect(await filesThatHeld(run, ['ssh-ed25519 AA+/b.c', 'old', 'other'])).toEqual(['a', 'b', 'sub/d']);
  });

  it('looks into what a merge itself brought', async () => {
    await write('a', '1\n');
    await commit();
    await git('checkout', '-qb', 'side');
    await write('b', '1\n');
    await commit();
    await git('checkout', '-q', 'main');
    await write('c', '1\n');
    await commit();
    await git('merge', '-q', '--no-ff', '--no-commit', 'side');
    await write('b', 'key\n');
    await commit();
    await write('b', '1\n');
    await commit();
    expect(await filesThatHeld(run, ['key'])).toEqual(['b']);
    expect(await filesThatHeld(run, ['key', 'other'])).toEqual(['b']);
  });
});

describe('formerLines', () => {
  it('gives each line that came or went', async () => {
    await write('a', 'one\n');
    await commit();
    await write('a', 'two\n-- three\n');
    await commit();
    expect([...(await formerLines(run, 'a'))].sort()).toEqual(['-- three', 'one', 'two']);
    expect(await formerLines(run, 'b')).toEqual([]);
  });
});

describe('fileMoves', () => {
  it('pairs what came and went together, what is not committed yet too', async () => {
    const text = Array.from({ length: 20 }, (_, line) => `line ${line}\n`).join('');
    await write('secrets/a+b/x', text);
    await write('secrets/a+b/y', 'short\n');
    await commit();
    await git('mv', 'secrets/a+b/x', 'elsewhere');
    await git('rm', '-q', 'secrets/a+b/y');
    await write('secrets/a/y', 'entirely otherwise\n');
    await commit();
    await git('rm', '-q', 'secrets/a/y');
    await write('secrets/c/y', 'something else\n');
    await git('add', '-A');
    const moves = await fileMoves(run);
    expect(moves).toContainEqual({
      gone: ['secrets/a+b/y'],
      come: ['secrets/a/y'],
      renamed: new Map([['secrets/a+b/x', 'elsewhere']]),
    });
    expect(moves).toContainEqual({ gone: ['secrets/a/y'], come: ['secrets/c/y'], renamed: new Map() });
    expect(moves).toHaveLength(2);
  });
});
