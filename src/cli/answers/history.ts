import { createHash } from 'node:crypto';
import { BlobReader } from '../../git/blob-reader.ts';
import { allVersions, shallowBorder, versionsOfFile } from '../../git/file-versions.ts';
import { type Introduction, introductions, type MarksOf, type WantedMarks } from '../../git/introductions.ts';
import { findGitTop } from '../../git/repository.ts';
import { runGit } from '../../git/run.ts';
import { type GitPlace, treeEntries } from '../../git/tree-listing.ts';
import { inRepository } from '../../ops/paths.ts';
import type { Workspace } from '../../ops/workspace.ts';
import type { World } from '../world.ts';

/** A file of the work tree, and what of it is to be found in history. */
export interface DatedFile {
  /** Relative to the workspace root. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly marks: ReadonlySet<string>;
}

/** Since when a mark stands in its file; `uncommitted`: no commit has it. `null`: nobody knows. */
export type Since = Introduction | 'uncommitted' | null;

/** What history says of some files. */
export interface DatedMarks {
  /** False: there is no git here. */
  readonly hasHistory: boolean;
  /** True: this clone has only the last part of the history. */
  readonly isShallow: boolean;
  sinceOf(path: string, mark: string): Since;
}

/**
 * Finds out since which commit each mark stands in its file; renames are followed. Needs no key.
 *
 * @throws SecretsError `PROGRAM_FAILED`
 */
export async function dateMarks(
  world: World,
  workspace: Workspace,
  files: readonly DatedFile[],
  marksOf: MarksOf,
): Promise<DatedMarks> {
  const top = await findGitTop(world.cwd, world.env);
  if (top === null) return { hasHistory: false, isShallow: false, sinceOf: () => null };
  const place = { cwd: top, env: world.env, inherited: false };
  const head = await runGit(top, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], place);
  if (head.status !== 0) return { hasHistory: true, isShallow: false, sinceOf: () => 'uncommitted' };
  const blobs = new BlobReader(top, world.env, false);
  try {
    const border = await shallowBorder(place);
    const wanted = await committed(place, workspace, files, marksOf, blobs);
    const found = await introductions(versionsFor(place, wanted), wanted, marksOf, { blobs, border });
    const asked = new Map(wanted.map(({ path, marks }) => [path, marks]));
    return {
      hasHistory: true,
      isShallow: border.size > 0,
      sinceOf(path, mark) {
        const name = inRepository(workspace, path);
        if (asked.get(name)?.has(mark) !== true) return 'uncommitted';
        return found.get(name)?.get(mark) ?? null;
      },
    };
  } finally {
    await blobs.close();
  }
}

function versionsFor(place: GitPlace, wanted: readonly WantedMarks[]) {
  const [only, ...others] = wanted;
  const isOne = only !== undefined && others.length === 0;
  return isOne ? versionsOfFile(place, 'HEAD', only.path) : allVersions(place, 'HEAD');
}

/** What of the marks stands in the last commit. */
async function committed(
  place: GitPlace,
  workspace: Workspace,
  files: readonly DatedFile[],
  marksOf: MarksOf,
  blobs: BlobReader,
): Promise<WantedMarks[]> {
  const entries = new Map((await treeEntries(place, 'HEAD')).map(entry => [entry.path, entry]));
  const wanted: WantedMarks[] = [];
  for (const { path, bytes, marks } of files) {
    const name = inRepository(workspace, path);
    const entry = entries.get(name);
    if (entry === undefined || entry.isLink) continue;
    if (blobName(bytes, entry.oid) === entry.oid) wanted.push({ path: name, oid: entry.oid, marks });
    else {
      const blob = await blobs.read(entry.oid);
      const there = 'bytes' in blob ? await marksOf(blob.bytes, name) : new Set<string>();
      const both = new Set([...marks].filter(mark => there.has(mark)));
      if (both.size > 0) wanted.push({ path: name, oid: entry.oid, marks: both });
    }
  }
  return wanted;
}

/** The name that git gives to these bytes, by the hash that another name was made with. */
function blobName(bytes: Uint8Array, like: string): string {
  const hash = createHash(like.length === 64 ? 'sha256' : 'sha1');
  return hash.update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
