import { rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { differences, resolveComparison } from '../../src/git/compare-trees.ts';
import { ENV, git, repository, write } from './git-fixture.ts';

let root = '';
const place = () => ({ cwd: root, env: ENV, inherited: false });

afterEach(() => rmSync(root, { recursive: true, force: true }));

async function compared(since: string, until: string | null = null): Promise<string[]> {
  const found = await differences(place(), await resolveComparison(place(), since, until));
  return found.map(({ path, before, after }) => {
    const now = after === null ? 'gone' : after === 'work-tree' ? 'work' : 'blob';
    return `${path} ${before === null ? 'new' : 'was'} ${now}`;
  });
}

describe('two states of a repository', () => {
  it('differ by commits, by what is staged, by what is edited and by what is new', async () => {
    root = repository({ a: '1', b: '1', c: '1', d: '1', e: '1', '.gitignore': 'ignored\n' });
    write(root, { a: '2' });
    git(root, 'commit', '--quiet', '--all', '--message=two');
    write(root, { b: '2', c: '2', ignored: 'x', 'new/f\n': 'x' });
    git(root, 'add', 'b');
    git(root, 'rm', '--quiet', 'd');
    unlinkSync(join(root, 'e'));
    symlinkSync('a', join(root, 'link'));
    const all = [
      'a was work',
      'b was work',
      'c was work',
      'd was gone',
      'e was gone',
      'link new work',
      'new/f\n new work',
    ];
    expect(await compared('HEAD~1')).toEqual(all);
    expect(await compared('HEAD')).toEqual(all.slice(1));
    expect(await compared('HEAD~1', 'HEAD')).toEqual(['a was blob']);
    expect(await compared('HEAD', 'HEAD')).toEqual([]);
  });

  it('keep a file that is in the index no more, and still there', async () => {
    root = repository({ a: '1' });
    git(root, 'rm', '--quiet', '--cached', 'a');
    expect(await compared('HEAD')).toEqual(['a was work']);
  });

  it('are compared from where their histories parted', async () => {
    root = repository({ a: '1' });
    git(root, 'checkout', '--quiet', '-b', 'side');
    write(root, { side: '1' });
    git(root, 'add', '--all');
    git(root, 'commit', '--quiet', '--message=side');
    git(root, 'checkout', '--quiet', 'main');
    write(root, { a: '2' });
    git(root, 'commit', '--quiet', '--all', '--message=main');
    git(root, 'checkout', '--quiet', 'side');
    expect(await compared('main')).toEqual(['side new work']);
    expect(await compared('side', 'main')).toEqual(['a was blob']);
  });

  it.each(['', 'nothing', '--help', '-p', 'HEAD:a', 'HEAD^{tree}', '@{-3}'])(
    'are refused where one is no commit: %j',
    async revision => {
      root = repository({ a: '1' });
      await expect(resolveComparison(place(), revision, null)).rejects.toMatchObject({ code: 'BAD_OPTION' });
      await expect(resolveComparison(place(), 'HEAD', revision)).rejects.toMatchObject({
        code: 'BAD_OPTION',
      });
    },
  );
});
