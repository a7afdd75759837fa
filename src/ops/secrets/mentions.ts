import { posix } from 'node:path';
import type { Draft } from '../draft.ts';
import { nixFiles } from '../modules.ts';
import type { Workspace } from '../workspace.ts';

/** A hand-written line that names a file. */
interface Mention {
  /** `hosts/megumu/default.nix:12` */
  readonly place: string;
  readonly file: string;
}

/** What can be a path in Nix, with at least one `/`. */
const PATH = /[A-Za-z0-9_+.-]*(?:\/[A-Za-z0-9_+.-]+)+/g;

/** The hand-written lines of Nix that name one of these files, however the path to it begins. */
export async function mentionsOfFiles(workspace: Workspace, files: readonly string[]): Promise<Mention[]> {
  if (files.length === 0) return [];
  const byTail = new Map(files.map(file => [tailOf(file), file]));
  const wanted = new Set(files);
  const found: Mention[] = [];
  for (const { path, text } of await nixFiles(workspace)) {
    for (const [index, line] of text.split('\n').entries()) {
      const named = new Set<string>();
      for (const [token] of line.matchAll(PATH)) {
        const resolved = posix.join(posix.dirname(path), token);
        const file = wanted.has(resolved) ? resolved : byTail.get(tailOf(token));
        if (file !== undefined) named.add(file);
      }
      for (const file of named) found.push({ place: `${path}:${index + 1}`, file });
    }
  }
  return found;
}

/** Says which hand-written lines name files that will not be there any more: Nix would not evaluate. */
export async function noteMentions(draft: Draft): Promise<void> {
  const staying = new Set(draft.paths);
  const gone = draft.workspace.paths.filter(path => !staying.has(path));
  for (const { place, file } of await mentionsOfFiles(draft.workspace, gone))
    draft.note(`${place} names ${file}, which is not there any more: change that line`);
}

/** Two segments tell files apart; what stands before them depends on where the path is written. */
function tailOf(path: string): string {
  return path.split('/').slice(-2).join('/');
}
