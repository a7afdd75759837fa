import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExitCode, SecretsError } from '../../errors.ts';
import { BlobReader } from '../../git/blob-reader.ts';
import {
  type Comparison,
  differences,
  type FileDifference,
  resolveComparison,
} from '../../git/compare-trees.ts';
import { objectTree } from '../../git/object-tree.ts';
import { findGitTop } from '../../git/repository.ts';
import { type GitPlace, treeEntries, workFileNames } from '../../git/tree-listing.ts';
import { type ChangedFile, compareAccess } from '../../ops/answers/access.ts';
import type { AccessReport } from '../../ops/answers/access-model.ts';
import type { Tree } from '../../ops/guard/snapshot.ts';
import { accessMarkdown } from '../answers/access-markdown.ts';
import { shortCommit } from '../answers/age-text.ts';
import { markdownCode } from '../render/markdown.ts';
import { Talk } from '../talk.ts';
import type { World } from '../world.ts';

interface AccessOptions {
  readonly since: string;
  readonly until?: string | undefined;
  readonly json?: boolean | undefined;
}

/** A larger file is no sops file of a person, in bytes. */
const LARGEST = 64 * 1024 * 1024;

/** `secrets access`: who gained and lost what since another state of the repository; needs no key. */
export async function runAccess(world: World, options: AccessOptions): Promise<number> {
  const talk = new Talk(world, options.json === true);
  const top = await findGitTop(world.cwd, world.env);
  if (top === null)
    throw new SecretsError(
      'NO_REPOSITORY',
      'there is no git repository here, so there is nothing to compare with',
    );
  const place = { cwd: top, env: world.env, inherited: false };
  const comparison = await resolveComparison(place, options.since, options.until ?? null);
  const report = await compare(place, comparison);
  if (options.json === true) await talk.outJson(asJson(comparison, options, report));
  else await talk.out(accessMarkdown(titleOf(comparison, options), report));
  if (comparison.base !== comparison.since)
    await talk.note(
      `compared with ${shortCommit(comparison.base)}, where this history left ${options.since}`,
    );
  return ExitCode.ok;
}

async function compare(place: GitPlace, comparison: Comparison): Promise<AccessReport> {
  const blobs = new BlobReader(place.cwd, place.env, place.inherited, LARGEST);
  try {
    const { base, until } = comparison;
    const before = objectTree(await treeEntries(place, base), blobs);
    const after = until === null ? await workTree(place) : objectTree(await treeEntries(place, until), blobs);
    const files = (await differences(place, comparison)).map(each => changedFile(place, blobs, each));
    return await compareAccess({ before, after, files });
  } finally {
    await blobs.close();
  }
}

function changedFile(
  { cwd }: GitPlace,
  blobs: BlobReader,
  { path, before, after }: FileDifference,
): ChangedFile {
  const blob = async (oid: string) => {
    const found = await blobs.read(oid);
    return 'bytes' in found ? found.bytes : null;
  };
  return {
    path,
    before: async () => (before === null ? null : blob(before)),
    async after() {
      if (after === null) return null;
      return after === 'work-tree' ? readQuietly(join(cwd, path)) : blob(after.blob);
    },
  };
}

/** The files of the work tree as they stand, untracked ones too. */
async function workTree(place: GitPlace): Promise<Tree> {
  const paths = (await workFileNames(place)).map(({ path }) => path);
  return { paths, read: path => readQuietly(join(place.cwd, path)) };
}

/** Links are not followed; what is too large, or no file, is none of ours. */
async function readQuietly(path: string): Promise<Uint8Array | null> {
  try {
    const stat = await lstat(path);
    return stat.isFile() && stat.size <= LARGEST ? await readFile(path) : null;
  } catch {
    return null;
  }
}

function titleOf({ base }: Comparison, { since, until }: AccessOptions): string {
  const to = until === undefined ? '' : ` until ${markdownCode(until)}`;
  return `Access to secrets since ${markdownCode(since)} (${shortCommit(base)})${to}`;
}

function asJson({ base, since, until }: Comparison, options: AccessOptions, report: AccessReport) {
  const { access, values, members, rules, notes } = report;
  return {
    since: { revision: options.since, commit: since, base },
    until: { revision: options.until ?? null, commit: until },
    access: access.map(({ who, gained, lost, otherKey }) => ({ who, gained, lost, other_key: otherKey })),
    values: values.map(({ secret, file, change, from, parts, wholeFile, readers }) => ({
      secret,
      file,
      change,
      from,
      parts,
      whole_file: wholeFile,
      readers,
    })),
    members,
    rules: rules.map(({ config, pathRegex, change, add, remove, also }) => ({
      config,
      path_regex: pathRegex,
      change,
      add,
      remove,
      also,
    })),
    notes,
  };
}
