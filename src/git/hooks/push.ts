import { SecretsError } from '../../errors.ts';
import { type Environment, gitFailed, runGit } from '../run.ts';

/** One line of what git tells the hook pre-push on stdin. */
export interface RefUpdate {
  readonly localRef: string;
  readonly localOid: string;
  readonly remoteRef: string;
  readonly remoteOid: string;
}

/** Commits that a push would publish: what `from` does not reach and `to` does. */
export interface PushedRange {
  readonly to: string;
  /** None: everything that `to` reaches. */
  readonly from: readonly string[];
}

/** No pattern of names, and no address. */
const REMOTE = /^[\w][\w.-]*(?:\/[\w.-]+)*$/;
const OID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * Reads `<local ref> <local oid> <remote ref> <remote oid>` lines (githooks(5), pre-push).
 *
 * @throws SecretsError `BAD_OPTION` for a line of another shape: what cannot be understood is not let through
 */
export function parseRefUpdates(text: string): RefUpdate[] {
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const words = line.split(' ');
      const [remoteOid = '', remoteRef = '', localOid = ''] = words.toReversed();
      // A local "ref" may be any revision that a person typed, with blanks in it.
      const localRef = words.slice(0, -3).join(' ');
      if (words.length < 4 || !OID.test(localOid) || !OID.test(remoteOid)) {
        throw new SecretsError('BAD_OPTION', 'a line on stdin is none that git writes for pre-push', {
          hint: 'the hook pre-push has to hand its stdin on (lefthook: use_stdin: true)',
        });
      }
      return { localRef, localOid, remoteRef, remoteOid };
    });
}

/**
 * What a push would publish. A deleted ref publishes nothing. Where the remote's old commit is not known here (a new
 * branch, or a forced push over one that was never fetched), it is all that this remote has not.
 *
 * @param remote its name, as git tells the hook; `null`, or what names none: nothing is known to be there
 * @param cwd where the hook runs
 * @throws SecretsError `UNSUPPORTED` (a tag on a file or a tree, which has no history), `PROGRAM_FAILED`
 */
export async function pushedRanges(
  updates: readonly RefUpdate[],
  remote: string | null,
  cwd: string,
  env: Environment,
): Promise<PushedRange[]> {
  const ranges = new Map<string, PushedRange>();
  for (const { localRef, localOid, remoteOid } of updates) {
    if (isZero(localOid)) continue;
    if (!(await isHere(localOid, cwd, env))) throw noCommit(localRef);
    const known = !isZero(remoteOid) && (await isHere(remoteOid, cwd, env));
    const from = known ? [remoteOid] : await published(localOid, remote, cwd, env);
    // an annotated tag on what is there already brings its text
    const range = { to: localOid, from: from ?? [localOid] };
    if (from !== null || (await isTag(localOid, cwd, env)))
      ranges.set(`${localOid} ${range.from.join(' ')}`, range);
  }
  return [...ranges.values()];
}

function noCommit(ref: string): SecretsError {
  return new SecretsError(
    'UNSUPPORTED',
    `${JSON.stringify(ref)} is no commit, so that nothing of it was checked`,
    {
      hint: 'where you know what is in it: git push --no-verify',
    },
  );
}

/**
 * What the pre-commit framework says of a push: by its environment, because it keeps git's lines to itself.
 *
 * @returns `null` where it runs for another hook
 * @throws SecretsError `PROGRAM_FAILED`
 */
export async function rangesOfFramework(cwd: string, env: Environment): Promise<PushedRange[] | null> {
  const { PRE_COMMIT_TO_REF: to, PRE_COMMIT_FROM_REF: from, PRE_COMMIT_LOCAL_BRANCH: branch } = env;
  if (to !== undefined && from !== undefined)
    return [{ to: await resolveCommit(to, cwd, env), from: [await resolveCommit(from, cwd, env)] }];
  if (env['PRE_COMMIT_REMOTE_NAME'] === undefined && env['PRE_COMMIT_REMOTE_URL'] === undefined) return null;
  // It names no commits where the remote has none of them, and says "all files" instead.
  return unpublishedRange(branch ?? 'HEAD', env['PRE_COMMIT_REMOTE_NAME'] ?? null, cwd, env);
}

/**
 * What a revision reaches and the remote has not.
 *
 * @throws SecretsError `PROGRAM_FAILED`
 */
async function unpublishedRange(
  revision: string,
  remote: string | null,
  cwd: string,
  env: Environment,
): Promise<PushedRange[]> {
  const to = await resolveCommit(revision, cwd, env);
  const from = await published(to, remote, cwd, env);
  return from === null ? [] : [{ to, from }];
}

/** What `HEAD` reaches and the remote has not; nothing on a branch without a commit. @throws SecretsError `PROGRAM_FAILED` */
export async function unpublishedHead(
  remote: string | null,
  cwd: string,
  env: Environment,
): Promise<PushedRange[]> {
  const args = ['rev-parse', '--verify', '--quiet', 'HEAD'];
  const head = await runGit(cwd, args, { env, inherited: true });
  return head.status === 1 ? [] : unpublishedRange('HEAD', remote, cwd, env);
}

async function resolveCommit(revision: string, cwd: string, env: Environment): Promise<string> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
  const result = await runGit(cwd, args, { env, inherited: true });
  const oid = result.stdout.trim();
  if (result.status !== 0 || !OID.test(oid)) throw gitFailed('find the commits that are pushed', result);
  return oid;
}

function isZero(oid: string): boolean {
  return /^0+$/.test(oid);
}

async function isTag(oid: string, cwd: string, env: Environment): Promise<boolean> {
  return (await runGit(cwd, ['cat-file', '-t', oid], { env, inherited: true })).stdout === 'tag\n';
}

async function isHere(oid: string, cwd: string, env: Environment): Promise<boolean> {
  return (await runGit(cwd, ['cat-file', '-e', `${oid}^{commit}`], { env, inherited: true })).status === 0;
}

/**
 * Where the commits of a remote end below a commit; `null`: it has the commit already. Another remote may be private:
 * what it has does not count.
 */
async function published(
  oid: string,
  remote: string | null,
  cwd: string,
  env: Environment,
): Promise<string[] | null> {
  const known = remote !== null && REMOTE.test(remote) ? ['--not', `--remotes=${remote}`] : [];
  const args = ['rev-list', '--boundary', oid, ...known];
  const result = await runGit(cwd, args, { env, inherited: true });
  if (result.status !== 0) throw gitFailed('list the commits that are pushed', result);
  const lines = result.stdout.split('\n').filter(line => line !== '');
  if (!lines.some(line => !line.startsWith('-'))) return null;
  return lines.filter(line => line.startsWith('-')).map(line => line.slice(1));
}
