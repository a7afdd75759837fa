import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** One line for each entry below a folder: kind, mode, and a hash of what it holds; by path with `/`. */
export type Snapshot = ReadonlyMap<string, string>;

/** The state of a folder, without git's object store, which only grows. */
export function snapshot(folder: string): Snapshot {
  const entries = new Map<string, string>();
  for (const path of walk(folder)) {
    if (/(^|\/)\.git\/objects(\/|$)/.test(path)) continue;
    entries.set(path, describeEntry(join(folder, path)));
  }
  return entries;
}

/** Paths at or below `path` whose entries differ, sorted; `''` stands for the whole folder. */
export function changes(before: Snapshot, after: Snapshot, path: string): string[] {
  const concerns = (entry: string) => path === '' || entry === path || entry.startsWith(`${path}/`);
  const all = new Set([...before.keys(), ...after.keys()].filter(concerns));
  return [...all].filter(entry => before.get(entry) !== after.get(entry)).sort();
}

/** Every entry below a folder, as a path relative to it; links are not followed. */
export function* walk(folder: string, prefix = ''): Generator<string> {
  for (const entry of readdirSync(join(folder, prefix), { withFileTypes: true })) {
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    yield path;
    if (entry.isDirectory()) yield* walk(folder, path);
  }
}

function describeEntry(path: string): string {
  const stat = lstatSync(path);
  const mode = (stat.mode & 0o7777).toString(8);
  if (stat.isSymbolicLink()) return `link ${readlinkSync(path)}`;
  if (stat.isDirectory()) return `folder ${mode}`;
  if (!stat.isFile()) return `other ${mode}`;
  return `file ${mode} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
}
