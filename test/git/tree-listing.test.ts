import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  entriesByPath,
  type GitPlace,
  indexEntries,
  treeEntries,
  workFileNames,
} from '../../src/git/tree-listing.ts';
import { ENV, git, repository, write } from './git-fixture.ts';

const at = (cwd: string): GitPlace => ({ cwd, env: ENV, inherited: true });
const NAMES = ['a\tb', 'a\nb', 'a"b', 'ä ö', ':(top)x', '*', '-n', 'in/ '];

/** A repository with names that need care, a link, a submodule and bytes that are no UTF-8. */
function withEverything(...initArgs: string[]): string {
  const other = repository();
  const root = repository(Object.fromEntries(NAMES.map(name => [name, 'x\n'])), ...initArgs);
  writeFileSync(Buffer.from(`${root}/caf\xe9`, 'latin1'), 'x\n');
  symlinkSync('flake.nix', join(root, 'link'));
  if (initArgs.length === 0) git(root, '-c', 'protocol.file.allow=always', 'clone', '--quiet', other, 'sub');
  git(root, 'add', '--all');
  return root;
}

const ALL = [...NAMES, 'caf\\xe9', 'flake.nix', 'link'].sort();

describe('two names that are spelled alike', () => {
  it('are both taken for what cannot be read', async () => {
    const root = repository({ 'caf\\xe9': 'plain\n', other: 'x\n' });
    writeFileSync(Buffer.from(`${root}/caf\xe9`, 'latin1'), 'y\n');
    git(root, 'add', '--all');
    const { entries } = await indexEntries(at(root));
    expect(entries.filter(({ path }) => path === 'caf\\xe9')).toHaveLength(2);
    const byPath = entriesByPath(entries);
    expect(byPath.get('caf\\xe9')?.oid).toMatch(/^0+$/);
    expect(byPath.get('other')?.oid).toMatch(/[1-9a-f]/);
  });
});

describe('a listing', () => {
  it.each([[[]], [['--object-format=sha256']]])('has every file but submodules (%j)', async initArgs => {
    const root = withEverything(...initArgs);
    git(root, 'commit', '--quiet', '--message=all');
    const { entries, unmerged } = await indexEntries(at(join(root, 'in')));
    const tree = await treeEntries(at(join(root, 'in')), 'HEAD');
    expect(entries.map(({ path }) => path).sort()).toEqual(ALL);
    expect(unmerged).toEqual([]);
    expect(tree.map(({ path }) => path).sort()).toEqual(ALL);
    expect(entries.filter(({ isLink }) => isLink).map(({ path }) => path)).toEqual(['link']);
    expect(new Map(tree.map(({ path, oid }) => [path, oid]))).toEqual(
      new Map(entries.map(({ path, oid }) => [path, oid])),
    );
  });

  it('tells what is in the middle of a merge', async () => {
    const root = repository({ 'a.txt': 'a\n' });
    git(root, 'checkout', '--quiet', '-b', 'side');
    write(root, { 'a.txt': 's\n' });
    git(root, 'commit', '--quiet', '--all', '--message=side');
    git(root, 'checkout', '--quiet', 'main');
    write(root, { 'a.txt': 'm\n' });
    git(root, 'commit', '--quiet', '--all', '--message=main');
    expect(() => git(root, 'merge', '--quiet', 'side')).toThrow();
    const { entries, unmerged } = await indexEntries(at(root));
    expect(unmerged).toEqual(['a.txt']);
    expect(entries.map(({ path }) => path)).toEqual(['flake.nix']);
  });

  it('of the work tree has what git would track, by the bytes of its names', async () => {
    const root = withEverything();
    write(root, { '.gitignore': 'out\n', out: 'x\n', 'new.txt': 'n\n' });
    rmSync(join(root, '*'));
    const names = await workFileNames(at(root));
    expect(names.map(({ path }) => path).sort()).toEqual([...ALL, '.gitignore', 'new.txt'].sort());
    const latin = names.find(({ path }) => path === 'caf\\xe9');
    expect(latin?.name.toString('latin1')).toBe('caf\xe9');
  });

  it('cannot be had outside of a repository', async () => {
    const failed = { code: 'PROGRAM_FAILED' };
    await expect(indexEntries(at('/'))).rejects.toMatchObject(failed);
    await expect(treeEntries(at('/'), 'HEAD')).rejects.toMatchObject(failed);
    await expect(workFileNames(at('/'))).rejects.toMatchObject(failed);
  });
});
