import { treePlace } from './layout.ts';
import type { ManagedFile } from './managed-file.ts';
import type { Inventory } from './model.ts';
import { hostsOfRule } from './receivers.ts';
import { ruleFor } from './rules.ts';

/**
 * The one YAML file that a host has of its own in a repository that this tool did not lay out: no other host
 * reads it. `null` where there is none, or more than one.
 */
export function hostOwnFile(
  inventory: Inventory,
  host: string,
  files: readonly ManagedFile[],
): ManagedFile | null {
  const own = files.filter(file => isOwn(inventory, host, file));
  return own.length === 1 ? (own[0] ?? null) : null;
}

function isOwn(inventory: Inventory, host: string, file: ManagedFile): boolean {
  if (file.format !== 'yaml' || file.leaves === null || treePlace(inventory, file) !== null) return false;
  const rule = ruleFor(inventory, file.path);
  if (rule === null) return false;
  const hosts = hostsOfRule(inventory, rule);
  return hosts.length === 1 && hosts[0] === host;
}
