import type { Workspace } from './workspace.ts';

/** A path of the workspace as other programs see it: relative to git's top; without git to the workspace root. */
export function inRepository(workspace: Workspace, path: string): string {
  return `${workspace.around.versionControl?.prefix ?? ''}${path}`;
}
