import { SecretsError } from '../errors.ts';
import { findGitTop } from '../git/repository.ts';
import { brokenConfig } from '../ops/check/broken-config.ts';
import type { CheckFinding } from '../ops/check/finding.ts';
import { findRoot, INVENTORY_FILE, type Workspace } from '../ops/workspace.ts';
import { parseInventory } from '../workspace/parse.ts';
import { readAnyWorkspace, type Session, surroundings } from './session.ts';

/** A repository whose `.sops.yaml` does not load, so that there is nothing else to say of it. */
interface BrokenWorkspace {
  readonly broken: CheckFinding;
  /** With nothing in it. */
  readonly workspace: Workspace;
}

/** True where the config does not load. */
export function isBroken(found: Workspace | BrokenWorkspace): found is BrokenWorkspace {
  return 'broken' in found;
}

/**
 * The workspace; where its `.sops.yaml` does not load, that is a finding as any other.
 *
 * @throws SecretsError as `readAnyWorkspace`, but for `BAD_INVENTORY`
 */
export async function openForCheck(session: Session): Promise<Workspace | BrokenWorkspace> {
  try {
    return await readAnyWorkspace(session);
  } catch (error) {
    if (!(error instanceof SecretsError) || error.code !== 'BAD_INVENTORY') throw error;
    const { cwd, env } = session.world;
    const root = await findRoot(cwd, await findGitTop(cwd, env));
    if (root === null) throw error;
    const workspace = {
      root,
      stateDir: '',
      around: await surroundings(session.world, root),
      inventory: parseInventory('', INVENTORY_FILE),
      config: null,
      paths: [],
      files: [],
      secrets: [],
    };
    return { broken: brokenConfig(error, error.file ?? INVENTORY_FILE), workspace };
  }
}
