import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  parseRefUpdates,
  pushedRanges,
  rangesOfFramework,
  unpublishedHead,
} from '../../../src/git/hooks/push.ts';
import { describeWith } from '../../helpers/programs.ts';
import { ENV, git, repository, write } from '../git-fixture.ts';

const A = 'a'.repeat(40);
const ZERO = '0'.repeat(40);

describe('the lines that git writes for pre-push', () => {
  it('are read', () => {
    const text = `refs/heads/a ${A} refs/heads/b ${ZERO}\n(delete) ${ZERO} refs/heads/c ${A}\n`;
    expect(parseRefUpdates(text)).toEqual([
      { localRef: 'refs/heads/a', localOid: A, remoteRef: 'refs/heads/b', remoteOid: ZERO },
      { localRef: '(delete)', localOid: ZERO, remoteRef: 'refs/heads/c', remoteOid: A },
    ]);
    expect(parseRefUpdates('\n')).toEqual([]);
    expect(parseRefUpdates(`HEAD@{1 day ago} ${A} r ${A}\n`)[0]?.localRef).toBe('HEAD@{1 day ago}');
    expect(parseRefUpdates(`r ${'b'.repeat(64)} r ${'0'.repeat(64)}`)).toHaveLength(1);
  });

  it.each(['x', `a b c ${A}`, `a --all r ${A}`, `a ${A} r ${A.slice(1)}`, `${A} r ${A}`])(
    'are refused in another shape: %s',
    line => {
      expect(() => parseRefUpdates(`${line}\n`)).toThrow(/none that git writes/);
    },
  );
});

describeWith(['git'], 'what a push publishes', () => {
  /** Commits an empty change, and says which it is. */
  function commit(root: string): string {
    git(root, 'commit', '--quiet', '--allow-empty', '--message=next');
    return git(root, 'rev-parse', 'HEAD').trim();
  }

  function withRemote(): { root: string; first: string } {
    const root = repository();
    git(root, 'init', '--quiet', '--bare', join(root, 'remote.git'));
    write(root, { '.git/info/exclude': 'remote.git\n' });
    git(root, 'remote', 'add', 'origin', join(root, 'remote.git'));
    git(root, 'push', '--quiet', 'origin', 'main');
    return { root, first: git(root, 'rev-parse', 'HEAD').trim() };
  }

  const update = (localOid: string, remoteOid: string) => ({
    localRef: 'refs/heads/l',
    localOid,
    remoteRef: 'refs/heads/r',
    remoteOid,
  });

  it('is what the remote ref does not have', async () => {
    const { root, first } = withRemote();
    const to = commit(root);
    expect(await pushedRanges([update(to, first)], 'origin', root, ENV)).toEqual([{ to, from: [first] }]);
  });

  it('is, for a new ref, what no remote has', async () => {
    const { root, first } = withRemote();
    commit(root);
    const to = commit(root);
    expect(await pushedRanges([update(to, ZERO)], 'origin', root, ENV)).toEqual([{ to, from: [first] }]);
    expect(await pushedRanges([update(first, ZERO)], 'origin', root, ENV)).toEqual([]);
  });

  it('is not less because another remote has it', async () => {
    const { root } = withRemote();
    const to = commit(root);
    for (const remote of ['backup', '*', 'orig*', '--all', '../origin', null])
      expect(await pushedRanges([update(to, ZERO)], remote, root, ENV), String(remote)).toEqual([
        { to, from: [] },
      ]);
  });

  it('is nothing that can be checked where no commit is pushed', async () => {
    const { root } = withRemote();
    const blob = git(root, 'rev-parse', 'HEAD:flake.nix').trim();
    await expect(pushedRanges([update(blob, ZERO)], 'origin', root, ENV)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
  });

  it('is the same where the old commit of the remote is not known here', async () => {
    const { root, first } = withRemote();
    const to = commit(root);
    expect(await pushedRanges([update(to, A)], 'origin', root, ENV)).toEqual([{ to, from: [first] }]);
  });

  it('is everything where there is no remote yet', async () => {
    const root = repository();
    const to = commit(root);
    expect(await pushedRanges([update(to, ZERO)], 'origin', root, ENV)).toEqual([{ to, from: [] }]);
  });

  it('is what the pre-commit framework says by its environment', async () => {
    const { root, first } = withRemote();
    const to = commit(root);
    const ranges = (more: Record<string, string>) => rangesOfFramework(root, { ...ENV, ...more });
    expect(await ranges({ PRE_COMMIT: '1' })).toBeNull();
    expect(await ranges({ PRE_COMMIT_FROM_REF: first, PRE_COMMIT_TO_REF: to })).toEqual([
      { to, from: [first] },
    ]);
    const all = { PRE_COMMIT_REMOTE_NAME: 'origin', PRE_COMMIT_LOCAL_BRANCH: 'refs/heads/main' };
    expect(await ranges(all)).toEqual([{ to, from: [first] }]);
    git(root, 'push', '--quiet', 'origin', 'main');
    expect(await ranges(all)).toEqual([]);
    await expect(ranges({ ...all, PRE_COMMIT_LOCAL_BRANCH: '--all' })).rejects.toThrow(/could not find/);
  });

  it('is what is on HEAD where nobody says it', async () => {
    const { root, first } = withRemote();
    expect(await unpublishedHead('origin', root, ENV)).toEqual([]);
    const to = commit(root);
    expect(await unpublishedHead('origin', root, ENV)).toEqual([{ to, from: [first] }]);
    git(root, 'checkout', '--quiet', '--orphan', 'other');
    expect(await unpublishedHead('origin', root, ENV)).toEqual([]);
  });

  it('is nothing for a deleted ref, and one range for the same push twice', async () => {
    const { root, first } = withRemote();
    const to = commit(root);
    expect(await pushedRanges([update(ZERO, first)], 'origin', root, ENV)).toEqual([]);
    expect(await pushedRanges([update(to, first), update(to, first)], 'origin', root, ENV)).toHaveLength(1);
  });
});
