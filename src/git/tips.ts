import { runGit } from './run.ts';
import type { GitPlace } from './tree-listing.ts';

/** So many branches are told, the newest first. */
const MOST = 32;

/** The commit that is checked out; `null` before the first one. */
export async function headCommit(place: GitPlace): Promise<string | null> {
  const result = await runGit(place.cwd, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], place);
  return result.status === 0 ? result.stdout.trim() : null;
}

/** Where the branches end, those of remotes too, and what is checked out; none that git cannot read. */
export async function branchTips(place: GitPlace): Promise<string[]> {
  const words = ['for-each-ref', '--sort=-committerdate', `--count=${MOST}`, '--format=%(objectname)'];
  const [head, result] = await Promise.all([
    headCommit(place),
    runGit(place.cwd, [...words, 'refs/heads', 'refs/remotes'], place),
  ]);
  const branches = result.status === 0 ? result.stdout.split('\n').filter(oid => oid !== '') : [];
  return [...new Set([...(head === null ? [] : [head]), ...branches])];
}
