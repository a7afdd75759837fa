import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A fresh folder that goes away with the test; without symbolic links in its name. */
export function freshFolder(name = 'secrets-'): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), name)));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Everything below a folder: path to mode and content; folders end with `/`, git's own is left out. */
export function snapshot(root: string, folder = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isSymbolicLink()) found[path] = `-> ${readlinkSync(join(root, path))}`;
    else if (entry.isDirectory() && entry.name !== '.git') {
      found[`${path}/`] = modeOf(join(root, path));
      Object.assign(found, snapshot(root, path));
    } else if (entry.isFile()) {
      found[path] = `${modeOf(join(root, path))} ${readFileSync(join(root, path), 'latin1')}`;
    }
  }
  return found;
}

function modeOf(path: string): string {
  return (statSync(path).mode & 0o7777).toString(8).padStart(4, '0');
}
