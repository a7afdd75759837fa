import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { MergeTrees } from '../ops/drivers/merge-policy.ts';
import { type Environment, runGit } from './run.ts';

/** The commits that are being merged. */
export interface MergeSides {
  readonly base: string | null;
  readonly ours: string;
  readonly theirs: string;
}

/** One file as git hands it to a merge driver: the hashes of its three versions; `base` is `null` for an empty one. */
export interface MergedBlobs {
  readonly path: string;
  readonly base: string | null;
  readonly ours: string;
  readonly theirs: string;
}

const OID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
/** How far the history of a file is searched for the commit that is being picked. */
const MOST_COMMITS = 200;

/** Hashes files as git would store them. */
export async function hashesOf(cwd: string, env: Environment, files: readonly string[]): Promise<string[]> {
  const result = await runGit(cwd, ['hash-object', '--no-filters', '--', ...files], { env });
  return result.status === 0 ? result.stdout.split('\n').slice(0, -1) : [];
}

/**
 * Which commits git is merging right now. It tells a driver only the contents of one file, so the commits are looked
 * for where the command that runs leaves them, and taken only if their trees hold these contents at this path.
 *
 * @param cwd the top of the work tree
 * @returns `null` where it cannot be told
 */
export async function findMergeSides(
  cwd: string,
  env: Environment,
  blobs: MergedBlobs,
): Promise<MergeSides | null> {
  const repository = new Repository(cwd, env);
  if ((await repository.blobAt('HEAD', blobs.path)) !== blobs.ours) return null;
  for await (const { base, theirs } of candidates(repository, blobs)) {
    if ((await repository.blobAt(theirs, blobs.path)) !== blobs.theirs) continue;
    const began = base === null ? null : await repository.blobAt(base, blobs.path);
    if (began === blobs.base) return { base, ours: 'HEAD', theirs };
  }
  return null;
}

/** The commit that `git merge` is merging, before or after its conflicts were settled; `null`: there is no merge. */
export async function findMergeHead(cwd: string, env: Environment): Promise<MergeSides | null> {
  const repository = new Repository(cwd, env);
  const heads = headsOf(env);
  const stored = heads.length === 0 ? await repository.commit('MERGE_HEAD') : null;
  const theirs = heads.length === 1 ? (heads[0] ?? null) : stored;
  if (theirs === null) return null;
  return { base: await repository.mergeBase(theirs), ours: 'HEAD', theirs };
}

/** Reads the trees of commits. */
export function mergeTrees(cwd: string, env: Environment, sides: MergeSides): MergeTrees {
  return {
    async read(side, path) {
      const commit = sides[side];
      if (commit === null) return null;
      const result = await runGit(cwd, ['cat-file', 'blob', `${commit}:${path}`], { env, raw: true });
      return result.status === 0 ? new Uint8Array(Buffer.from(result.stdout, 'latin1')) : null;
    },
    async paths(side) {
      const commit = sides[side];
      if (commit === null) return [];
      const args = ['ls-tree', '-r', '-z', '--name-only', '--full-tree', commit];
      const result = await runGit(cwd, args, { env });
      return result.status === 0 ? result.stdout.split('\0').slice(0, -1) : [];
    },
  };
}

interface Candidate {
  readonly base: string | null;
  readonly theirs: string;
}

/** `git merge` names what it merges in the environment, for its strategies. */
function headsOf(env: Environment): string[] {
  return Object.keys(env).flatMap(name => {
    const oid = /^GITHEAD_(.+)$/.exec(name)?.[1];
    return oid !== undefined && OID.test(oid) ? [oid] : [];
  });
}

async function* candidates(repository: Repository, blobs: MergedBlobs): AsyncGenerator<Candidate> {
  for (const theirs of headsOf(repository.env)) yield { base: await repository.mergeBase(theirs), theirs };
  for (const [command, name] of await repository.sequence()) {
    const commit = await repository.commit(name);
    if (commit === null) continue;
    const parent = await repository.commit(`${commit}^`);
    if (command === 'revert' && parent !== null) yield { base: commit, theirs: parent };
    else yield { base: parent, theirs: commit };
  }
  for (const name of ['CHERRY_PICK_HEAD', 'REBASE_HEAD', 'refs/stash']) {
    const commit = await repository.commit(name);
    if (commit !== null) yield { base: await repository.commit(`${commit}^`), theirs: commit };
  }
  for (const commit of await repository.commitsThatMade(blobs.path, blobs.theirs))
    yield { base: await repository.commit(`${commit}^`), theirs: commit };
}

class Repository {
  readonly cwd: string;
  readonly env: Environment;

  constructor(cwd: string, env: Environment) {
    this.cwd = cwd;
    this.env = env;
  }

  /** The hash of a file in a commit; `null` where it is not there. */
  blobAt(commit: string, path: string): Promise<string | null> {
    return this.#ask(['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}:${path}`]);
  }

  commit(name: string): Promise<string | null> {
    return this.#ask(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]);
  }

  mergeBase(theirs: string): Promise<string | null> {
    return this.#ask(['merge-base', 'HEAD', theirs]);
  }

  /** The commit that a rebase, or a cherry-pick of several commits, is at. */
  async sequence(): Promise<[command: string, commit: string][]> {
    const done = stepsOf(await this.#stateFile('rebase-merge/done')).at(-1);
    const next = stepsOf(await this.#stateFile('sequencer/todo'))[0];
    return [done, next].filter(step => step !== undefined);
  }

  /** Commits that gave the file these contents, newest first. */
  async commitsThatMade(path: string, blob: string): Promise<string[]> {
    const args = ['log', '--all', '--format=%H', '--raw', '--no-abbrev', '--no-renames', `-n${MOST_COMMITS}`];
    const result = await runGit(this.cwd, [...args, '--', path], { env: this.env });
    if (result.status !== 0) return [];
    const found: string[] = [];
    let commit = '';
    for (const line of result.stdout.split('\n')) {
      if (OID.test(line)) commit = line;
      else if (line.startsWith(':') && line.split(' ')[3] === blob) found.push(commit);
    }
    return [...new Set(found)];
  }

  async #ask(args: readonly string[]): Promise<string | null> {
    const result = await runGit(this.cwd, args, { env: this.env });
    const [line = ''] = result.stdout.split('\n');
    return result.status === 0 && OID.test(line) ? line : null;
  }

  async #stateFile(name: string): Promise<string> {
    const result = await runGit(this.cwd, ['rev-parse', '--git-path', name], { env: this.env });
    if (result.status !== 0) return '';
    return readFile(resolve(this.cwd, result.stdout.replace(/\n$/, '')), 'utf8').catch(() => '');
  }
}

function stepsOf(text: string): [string, string][] {
  return text.split('\n').flatMap(line => {
    const [command = '', commit = ''] = line.split(' ');
    const isPick = /^(p|pick|r|reword|e|edit|s|squash|f|fixup|revert)$/.test(command);
    return isPick && /^[0-9a-f]{4,64}$/.test(commit) ? [[command, commit] as [string, string]] : [];
  });
}
