import { SecretsError } from '../../errors.ts';
import { collisions } from '../../workspace/secrets.ts';
import type { Draft } from '../draft.ts';
import type { Workspace } from '../workspace.ts';

/** A host that receives a name twice, or `a` beside `a/b`, gets no secret at all from the installer. */
export function refuseCollisions(draft: Draft, address: string): void {
  const before = new Set(collisions(draft.workspace.secrets).map(found => found.message));
  const found = collisions(draft.secrets).find(collision => !before.has(collision.message));
  if (found === undefined) return;
  throw new SecretsError('NAME_COLLISION', found.message, {
    hint: `choose another name than ${address}: sops-nix would install no secret at all on that host`,
  });
}

/** A flake sees only what git tracks, and `*.env` is in many ignore files. */
export async function refuseIgnored(workspace: Workspace, path: string): Promise<void> {
  const rule = (await workspace.around.versionControl?.ignored([path]))?.get(path);
  if (rule === undefined) return;
  throw new SecretsError(
    'IGNORED_TARGET',
    `git ignores ${path} (${rule.source}:${rule.line}, pattern ${rule.pattern}), so a flake would not see it`,
    { file: rule.source, line: rule.line, hint: wayIn(path, rule.pattern) },
  );
}

/** A single file can be let in again; what lies in an ignored folder cannot, so there the pattern must go. */
function wayIn(path: string, pattern: string): string {
  const folders = path.split('/').slice(0, -1);
  const bare = pattern.replace(/^\//, '').replace(/\/$/, '');
  const hitsFolder = pattern.endsWith('/') || folders.includes(bare) || path.startsWith(`${bare}/`);
  if (hitsFolder) return `take the pattern ${pattern} out of that file: encrypted files belong into git`;
  const ending = /\.[a-z]+$/.exec(path)?.[0] ?? '';
  const where = path.startsWith('secrets/') ? 'secrets/.gitignore' : '.gitignore';
  return `add this line to ${where}: !*${ending}`;
}
