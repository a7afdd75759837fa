import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openRepository } from '../../src/git/repository.ts';
import type { VersionControl } from '../../src/ops/ports.ts';
import { describeWith } from '../helpers/programs.ts';
import { ENV, git, repository, staged, write } from './git-fixture.ts';

const ODD = [
  'with space.env',
  'ünï-日本.yaml',
  'new\nline',
  '-dash',
  '--force',
  ':(top)x',
  ':!not',
  '*',
  '[ab].yaml',
  'q"\\',
];

async function open(root: string): Promise<VersionControl> {
  const opened = await openRepository(root, ENV);
  if (opened === null) throw new Error('not a repository');
  return opened;
}

describeWith(['git'], 'staging', () => {
  it('takes new, changed and removed files, and those alone', async () => {
    const root = repository({ changed: 'x', gone: 'x', other: 'x', run: 'x' });
    write(root, { changed: 'y', other: 'y', 'secrets/new.yaml': 'n', unrelated: 'n' });
    rmSync(join(root, 'gone'));
    chmodSync(join(root, 'run'), 0o755);
    await (await open(root)).stage(['changed', 'gone', 'secrets/new.yaml', 'never-was', 'run']);
    expect(staged(root)).toEqual(['A secrets/new.yaml', 'D gone', 'M changed', 'M run']);
  });

  it('does nothing for no paths, and for files that were never known', async () => {
    const root = repository();
    await (await open(root)).stage([]);
    await (await open(root)).stage(['never-was']);
    expect(staged(root)).toEqual([]);
  });

  it('takes every name literally', async () => {
    const root = repository();
    write(root, { a: '', b: '' });
    for (const name of ODD) {
      write(root, { [name]: 'x' });
      await (await open(root)).stage([name]);
    }
    expect(staged(root)).toEqual(ODD.map(name => `A ${name}`).sort());
    for (const name of ODD) rmSync(join(root, name));
    await (await open(root)).stage(ODD);
    expect(staged(root)).toEqual([]);
  });

  it('works in a workspace below the top, in a linked work tree, and with SHA-256', async () => {
    const root = repository({ 'fleet/x': '' });
    write(root, { 'fleet/secrets/a.yaml': 'x' });
    await (await open(join(root, 'fleet'))).stage(['secrets/a.yaml']);
    expect(staged(root)).toEqual(['A fleet/secrets/a.yaml']);
    const linked = join(repository(), 'linked');
    git(root, 'worktree', 'add', '--quiet', linked);
    write(linked, { b: 'x' });
    await (await open(linked)).stage(['b']);
    expect(staged(linked)).toEqual(['A b']);
    expect(staged(root)).toEqual(['A fleet/secrets/a.yaml']);
    const long = repository({}, '--object-format=sha256');
    write(long, { c: 'x' });
    await (await open(long)).stage(['c']);
    expect(staged(long)).toEqual(['A c']);
    expect(await (await open(long)).listFiles()).toEqual(['c', 'flake.nix']);
  });

  it('takes thousands of files at once', async () => {
    const root = repository();
    const paths = Array.from(
      { length: 3_000 },
      (_, index) => `secrets/a-rather-long-name-of-a-folder/${index}.yaml`,
    );
    write(root, Object.fromEntries(paths.map(path => [path, ''])));
    await (await open(root)).stage(paths);
    expect(staged(root)).toHaveLength(3_000);
  });

  it('never forces a file past an ignore rule, but takes one that is tracked', async () => {
    const root = repository();
    write(root, { '.gitignore': '*.env\n', 'tracked.env': 'x', 'kotori.env': 'x' });
    git(root, 'add', '--force', 'tracked.env');
    write(root, { 'tracked.env': 'y' });
    await (await open(root)).stage(['tracked.env']);
    expect(git(root, 'show', ':tracked.env')).toBe('y');
    await expect((await open(root)).stage(['kotori.env'])).rejects.toMatchObject({
      code: 'IGNORED_TARGET',
      message: 'git ignores "kotori.env", so it cannot be staged',
    });
    expect(staged(root)).toEqual(['A tracked.env']);
  });

  it('refuses what belongs to a submodule or to another repository inside', async () => {
    const root = repository();
    git(root, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', repository(), 'module');
    git(root, 'commit', '--quiet', '--message=module');
    write(root, { 'module/x': '', 'nested/y': '' });
    git(join(root, 'nested'), 'init', '--quiet');
    await expect((await open(root)).stage(['module/x'])).rejects.toMatchObject({ code: 'BAD_PATH' });
    await expect((await open(root)).stage(['nested/y'])).rejects.toMatchObject({ code: 'BAD_PATH' });
    git(root, 'submodule', '--quiet', 'deinit', '--force', 'module');
    write(root, { 'module/x': '' });
    await expect((await open(root)).stage(['module/x'])).rejects.toMatchObject({ code: 'BAD_PATH' });
    expect(staged(root)).toEqual([]);
  });

  it('waits for another git that holds the index', async () => {
    const root = repository();
    write(root, { a: 'x' });
    const lock = join(root, '.git/index.lock');
    writeFileSync(lock, '');
    setTimeout(() => rmSync(lock), 300);
    await (await open(root)).stage(['a']);
    expect(staged(root)).toEqual(['A a']);
  });

  it('says so where another git does not let go of the index', async () => {
    const root = repository();
    write(root, { a: 'x' });
    writeFileSync(join(root, '.git/index.lock'), '');
    await expect((await open(root)).stage(['a'])).rejects.toMatchObject({
      code: 'WRITE_FAILED',
      message: "another git command holds the repository's index",
      hint: expect.stringContaining('index.lock'),
    });
  });
});
