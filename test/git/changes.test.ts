import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  announcedPaths,
  type Changes,
  changesBetween,
  changesOfCommits,
  commitsOf,
  stagedChanges,
} from '../../src/git/changes.ts';
import type { GitPlace } from '../../src/git/tree-listing.ts';
import { ENV, git, repository, write } from './git-fixture.ts';

const at = (cwd: string, env = {}): GitPlace => ({ cwd, env: { ...ENV, ...env }, inherited: true });

/** `+` for new, `~` for changed, `-` for gone, `@` behind a link. */
function told({ entries, deleted }: Changes): string[] {
  const there = entries.map(
    ({ path, oldOid, isLink }) => `${oldOid === null ? '+' : '~'}${path}${isLink ? '@' : ''}`,
  );
  return [...there, ...deleted.map(({ path }) => `-${path}`)].sort();
}

const stagedIn = async (root: string, env = {}) => told((await stagedChanges(at(root, env))).changes);

describe('what is staged', () => {
  it('is everything before the first commit', async () => {
    const root = repository();
    git(root, 'update-ref', '-d', 'HEAD');
    const { changes, isFirst } = await stagedChanges(at(root));
    expect(isFirst).toBe(true);
    expect(told(changes)).toEqual(['+flake.nix']);
  });

  it('is nothing where nothing is staged, whatever the work tree holds', async () => {
    const root = repository({ 'a.txt': 'a\n' });
    write(root, { 'a.txt': 'b\n', 'new.txt': 'new\n' });
    expect(await stagedIn(root)).toEqual([]);
  });

  it('has renames as a file that is gone and one that is new', async () => {
    const root = repository({ 'a.txt': 'a\n'.repeat(50) });
    git(root, 'config', 'diff.renames', 'copies');
    git(root, 'mv', 'a.txt', 'b.txt');
    expect(await stagedIn(root)).toEqual(['+b.txt', '-a.txt']);
  });

  it('has the same contents before and after a change of the mode', async () => {
    const root = repository({ 'a.sh': 'a\n' });
    chmodSync(join(root, 'a.sh'), 0o755);
    git(root, 'add', 'a.sh');
    const [entry] = (await stagedChanges(at(root))).changes.entries;
    expect(entry?.oldOid).toBe(entry?.oid);
  });

  it('knows what is a link and what was one', async () => {
    const root = repository({ 'a.txt': 'a\n' });
    rmSync(join(root, 'a.txt'));
    symlinkSync('flake.nix', join(root, 'a.txt'));
    git(root, 'add', '--all');
    expect(await stagedIn(root)).toEqual(['~a.txt@']);
    git(root, 'commit', '--quiet', '--message=link');
    rmSync(join(root, 'a.txt'));
    write(root, { 'a.txt': 'b\n' });
    git(root, 'add', '--all');
    expect((await stagedChanges(at(root))).changes.entries).toMatchObject([
      { path: 'a.txt', isLink: false, wasLink: true },
    ]);
  });

  it('leaves out what was only announced, and tells it when it is asked', async () => {
    const root = repository();
    write(root, { 'a.txt': 'a\n', 'b.txt': '' });
    git(root, 'add', '--intent-to-add', 'a.txt');
    git(root, 'add', 'b.txt');
    const { changes } = await stagedChanges(at(root));
    expect(told(changes)).toEqual(['+b.txt']);
    expect(await announcedPaths(at(root), changes)).toEqual(new Set(['a.txt']));
  });

  it('leaves out submodules, and a file that became one is gone', async () => {
    const other = repository();
    const root = repository({ sub: 'a file\n' });
    rmSync(join(root, 'sub'));
    git(root, '-c', 'protocol.file.allow=always', 'clone', '--quiet', other, 'sub');
    git(root, 'add', 'sub');
    expect(await stagedIn(root)).toEqual(['-sub']);
  });

  it('takes every name as it is', async () => {
    const root = repository();
    const names = ['a\tb', 'a\nb', 'a"b', "a'b", 'a\\b', 'ä ö', ':(top)x', '*', '-n', ' '];
    write(root, Object.fromEntries(names.map(name => [name, 'x\n'])));
    writeFileSync(Buffer.from(`${root}/caf\xe9`, 'latin1'), 'x\n');
    git(root, 'config', 'core.quotePath', 'true');
    git(root, 'add', '--all');
    expect(await stagedIn(root)).toEqual([...names, 'caf\\xe9'].map(name => `+${name}`).sort());
  });

  it('is of the index that git names', async () => {
    const root = repository({ 'a.txt': 'a\n' });
    copyFileSync(join(root, '.git/index'), join(root, '.git/other'));
    write(root, { 'b.txt': 'b\n' });
    git(root, 'add', '--all');
    expect(await stagedIn(root)).toEqual(['+b.txt']);
    expect(await stagedIn(root, { GIT_INDEX_FILE: '.git/other' })).toEqual([]);
  });

  it('is the same in a SHA-256 repository, in a linked work tree and in a folder below', async () => {
    const root = repository({ 'in/a.txt': 'a\n' }, '--object-format=sha256');
    git(root, 'worktree', 'add', '--quiet', '-b', 'side', 'linked');
    for (const tree of [root, join(root, 'linked')]) {
      write(tree, { 'in/b.txt': 'b\n' });
      git(tree, 'add', 'in/b.txt');
      expect(await stagedIn(tree)).toEqual(['+in/b.txt']);
      expect(await stagedIn(join(tree, 'in'))).toEqual(['+in/b.txt']);
    }
  });

  it('does not depend on how a person likes diffs', async () => {
    const root = repository({ 'a.txt': 'a\n' });
    for (const [name, value] of [
      ['diff.noprefix', 'true'],
      ['diff.external', 'false'],
      ['diff.ignoreSubmodules', 'none'],
      ['diff.orderFile', '/dev/null'],
      ['core.abbrev', '4'],
    ] as const)
      git(root, 'config', name, value);
    write(root, { 'a.txt': 'b\n' });
    git(root, 'add', '--all');
    const [entry] = (await stagedChanges(at(root))).changes.entries;
    expect(entry).toMatchObject({ path: 'a.txt', oid: git(root, 'rev-parse', ':a.txt').trim() });
  });

  it('cannot be told outside of a repository', async () => {
    await expect(stagedChanges(at('/'))).rejects.toMatchObject({ code: 'PROGRAM_FAILED' });
  });
});

/** One commit of everything that is there. */
function commit(root: string, message: string): string {
  git(root, 'add', '--all');
  git(root, 'commit', '--quiet', '--allow-empty', `--message=${message}`);
  return git(root, 'rev-parse', 'HEAD').trim();
}

async function toldOf(root: string, ...revisions: string[]): Promise<string[][]> {
  const commits = await commitsOf(at(root), revisions);
  const found: string[][] = [];
  for await (const changes of changesOfCommits(at(root), commits)) found.push(told(changes));
  return found;
}

describe('what commits do', () => {
  it('is told for each of them, the oldest first, also for one that does nothing', async () => {
    const root = repository({ 'a.txt': 'a\n' });
    write(root, { 'b.txt': 'b\n' });
    commit(root, 'two');
    commit(root, 'empty');
    rmSync(join(root, 'a.txt'));
    commit(root, 'gone');
    expect(await toldOf(root, 'HEAD')).toEqual([['+a.txt', '+flake.nix'], ['+b.txt'], [], ['-a.txt']]);
    expect(await toldOf(root, 'HEAD~2..HEAD')).toEqual([[], ['-a.txt']]);
    expect(await toldOf(root, 'HEAD', '^HEAD~1')).toEqual([['-a.txt']]);
    expect(await toldOf(root, 'HEAD..HEAD')).toEqual([]);
  });

  it('is of a merge what none of its parents has', async () => {
    const root = repository({ 'a.txt': 'a\n' });
    git(root, 'checkout', '--quiet', '-b', 'side');
    write(root, { 'side.txt': 's\n' });
    commit(root, 'side');
    git(root, 'checkout', '--quiet', 'main');
    write(root, { 'main.txt': 'm\n' });
    const first = commit(root, 'main');
    git(root, 'merge', '--quiet', '--no-commit', 'side');
    write(root, { 'evil.txt': 'e\n', 'a.txt': 'b\n' });
    const merge = commit(root, 'merge');
    expect(await toldOf(root, 'HEAD^1..HEAD', '^side')).toEqual([['+evil.txt', '~a.txt']]);
    const between = await changesBetween(at(root), first, merge);
    expect(told(between)).toEqual(['+evil.txt', '+side.txt', '~a.txt']);
    expect(between.commit).toBe(merge);
  });

  it('is read also where a name looks like a commit', async () => {
    const root = repository();
    const name = git(root, 'rev-parse', 'HEAD').trim();
    write(root, { [name]: 'x\n' });
    commit(root, 'two');
    expect(await toldOf(root, 'HEAD~1..HEAD')).toEqual([[`+${name}`]]);
  });

  it('cannot be told of what git does not know', async () => {
    const root = repository();
    await expect(commitsOf(at(root), ['nowhere..HEAD'])).rejects.toMatchObject({ code: 'PROGRAM_FAILED' });
    // a file is no revision
    await expect(commitsOf(at(root), ['flake.nix'])).rejects.toMatchObject({ code: 'PROGRAM_FAILED' });
    const run = async () => {
      for await (const _ of changesOfCommits(at(root), [{ oid: '0'.repeat(40), parents: [] }]));
    };
    await expect(run()).rejects.toMatchObject({ code: 'PROGRAM_FAILED' });
  });
});

describe('a shallow clone', () => {
  it('has its first commit as everything', async () => {
    const root = repository({ 'a.txt': 'a\n' });
    write(root, { 'b.txt': 'b\n' });
    commit(root, 'two');
    const clone = `${root}-shallow`;
    mkdirSync(clone);
    execFileSync('git', ['clone', '--quiet', '--depth=1', `file://${root}`, clone], { env: { ...ENV } });
    expect(await toldOf(clone, 'HEAD')).toEqual([['+a.txt', '+b.txt', '+flake.nix']]);
    rmSync(clone, { recursive: true });
  });
});
