import { type Environment, runGit } from './run.ts';

/**
 * True in the hook post-merge of a `git merge` that has just made a merge commit here. One that was fetched is never
 * touched: git names what it merges, and after a fast-forward that is the present commit itself.
 *
 * @param top git's top, absolute
 */
export async function isNewMerge(top: string, env: Environment): Promise<boolean> {
  const heads = Object.keys(env).filter(name => name.startsWith('GITHEAD_'));
  const [head] = heads;
  if (heads.length !== 1 || head === undefined) return false;
  return (
    (await ask(top, env, ['rev-parse', '--verify', '--quiet', 'HEAD^2'])) === head.slice('GITHEAD_'.length)
  );
}

/**
 * Puts what is staged into the present commit, if that is these paths and nothing else: the same commit with another
 * tree. `git commit --amend` refuses to work in the hook post-merge, where git still counts the merge as unfinished.
 *
 * @returns `nothing` where none of them is staged, `left` where something else is too, or the commit is signed
 */
export async function amendMerge(
  top: string,
  env: Environment,
  paths: readonly string[],
): Promise<'done' | 'nothing' | 'left'> {
  const list = ['diff-index', '--cached', '--name-only', '--no-renames', '-z', 'HEAD', '--'];
  const listed = await runGit(top, list, { env });
  const staged = listed.stdout.split('\0').slice(0, -1);
  if (listed.status !== 0 || staged.some(path => !paths.includes(path))) return 'left';
  if (staged.length === 0) return 'nothing';
  const [former, tree, commit] = [
    await ask(top, env, ['rev-parse', '--verify', '--quiet', 'HEAD']),
    await ask(top, env, ['write-tree'], true),
    await runGit(top, ['cat-file', 'commit', 'HEAD'], { env }),
  ];
  const text = commit.stdout;
  if (former === null || tree === null || commit.status !== 0 || !isPlain(text)) return 'left';
  const stdin = text.replace(/^tree [0-9a-f]+/, `tree ${tree}`);
  const made = await runGit(top, ['hash-object', '-t', 'commit', '-w', '--stdin'], { env, stdin });
  if (made.status !== 0) return 'left';
  const words = ['update-ref', '-m', 'merge: as .sops.yaml says', 'HEAD', made.stdout.trim(), former];
  return (await runGit(top, words, { env, writes: true })).status === 0 ? 'done' : 'left';
}

/** Without a signature, which another tree would break, and in an encoding that is kept. */
function isPlain(commit: string): boolean {
  const header = commit.slice(0, commit.indexOf('\n\n') + 1);
  return header.startsWith('tree ') && !/^(gpgsig|encoding)/m.test(header) && !commit.includes('\ufffd');
}

async function ask(
  top: string,
  env: Environment,
  words: readonly string[],
  writes = false,
): Promise<string | null> {
  const result = await runGit(top, words, { env, writes });
  return result.status === 0 ? result.stdout.trim() : null;
}
