import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { changesOfCommits, commitsOf, stagedChanges } from '../../src/git/changes.ts';
import { CommitTrees, reverted } from '../../src/git/snapshots.ts';
import { type GitPlace, indexEntries, type TreeEntry, treeEntries } from '../../src/git/tree-listing.ts';
import { ENV, git, repository, write } from './git-fixture.ts';

const at = (cwd: string): GitPlace => ({ cwd, env: ENV, inherited: true });
const lines = (entries: Iterable<TreeEntry>) =>
  [...entries].map(({ path, oid, isLink }) => `${oid} ${isLink} ${path}`).sort();

/** Numbers that look random and are the same every time. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

/** A history of commits and merges over a few files and folders that take each other's names. */
function history(seed: number): string {
  const root = repository();
  const roll = dice(seed);
  const names = ['a', 'a/b', 'c', 'd/e', 'd/f'];
  for (let round = 0; round < 14; round++) {
    const name = names[roll(names.length)] ?? 'a';
    rmSync(join(root, name.split('/')[0] ?? name), { recursive: true, force: true });
    if (roll(4) > 0) write(root, { [name]: `${roll(5)}\n` });
    git(root, 'add', '--all');
    git(root, 'commit', '--quiet', '--allow-empty', `--message=${round}`);
    if (round % 5 === 1) git(root, 'branch', `side${round}`, `HEAD~${roll(2)}`);
    if (round % 5 === 4) {
      const side = `side${round - 3}`;
      git(root, 'checkout', '--quiet', side);
      write(root, { [`${side}.txt`]: 'x\n' });
      git(root, 'add', '--all');
      git(root, 'commit', '--quiet', '--message=side');
      git(root, 'checkout', '--quiet', 'main');
      git(root, 'merge', '--quiet', '--strategy=ours', '--no-commit', side);
      write(root, { merged: `${round}\n` });
      git(root, 'add', '--all');
      git(root, 'commit', '--quiet', '--message=merge');
    }
  }
  return root;
}

describe('the trees of commits', () => {
  it.each([1, 2, 3])('are what git lists (history %i)', async seed => {
    const root = history(seed);
    const trees = new CommitTrees(at(root));
    const commits = await commitsOf(at(root), ['HEAD']);
    let merges = 0;
    let index = 0;
    for await (const own of changesOfCommits(at(root), commits)) {
      const commit = commits[index++];
      if (commit === undefined) throw new Error('git gives more commits than there are');
      merges += commit.parents.length > 1 ? 1 : 0;
      const { before, after, changes } = await trees.step(commit, own);
      expect(lines(after.values())).toEqual(lines(await treeEntries(at(root), commit.oid)));
      const [parent] = commit.parents;
      const parents = parent === undefined ? [] : lines(await treeEntries(at(root), parent));
      expect(lines(before?.values() ?? [])).toEqual(parents);
      expect(changes.commit).toBe(commit.oid);
    }
    expect(index).toBe(commits.length);
    expect(merges).toBeGreaterThan(1);
  });
});

describe('the tree before what is staged', () => {
  it('is that of HEAD', async () => {
    const root = repository({ 'a.txt': 'a\n', 'b.txt': 'b\n', 'c/d.txt': 'd\n', 'e.txt': 'e\n' });
    git(root, 'mv', 'a.txt', 'z.txt');
    rmSync(join(root, 'c'), { recursive: true });
    write(root, { 'b.txt': 'B\n', c: 'now a file\n', 'new.txt': 'n\n' });
    git(root, 'add', '--all');
    const [{ changes }, { entries }] = await Promise.all([stagedChanges(at(root)), indexEntries(at(root))]);
    expect(lines(reverted(entries, changes))).toEqual(lines(await treeEntries(at(root), 'HEAD')));
  });
});
