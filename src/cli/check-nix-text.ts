import { readHandWritten } from '../nix/hand-written.ts';
import { nixFiles } from '../ops/modules.ts';
import type { Workspace } from '../ops/workspace.ts';
import type { HandWritten } from '../workspace/hand-written.ts';

/** What the text of hand-written Nix declares. Nothing is evaluated. */
export async function readNixText(workspace: Workspace): Promise<HandWritten> {
  return readHandWritten(await nixFiles(workspace), [...workspace.inventory.hosts.values()]);
}

/** The machines that the text names, as `.sops.yaml` knows them: the keys of the others are those of people. */
export function machinesOf({ hosts }: HandWritten): Set<string> {
  return new Set(hosts.filter(({ platform }) => platform !== 'home').map(({ name }) => name));
}
