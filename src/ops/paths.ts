import { INVENTORY_FILE, type Workspace } from './workspace.ts';

/** A path of the workspace as other programs see it: relative to git's top; without git to the workspace root. */
export function inRepository(workspace: Workspace, path: string): string {
  return `${workspace.around.versionControl?.prefix ?? ''}${path}`;
}

/** The config of a file as other programs see it; `null` where nothing but the empty inventory of a root without one governs it. */
export function configInRepository(workspace: Workspace, config: string): string | null {
  const isMissing = workspace.config === null && config === INVENTORY_FILE;
  return isMissing ? null : inRepository(workspace, config);
}
