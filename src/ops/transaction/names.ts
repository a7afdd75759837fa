/**
 * Names of the hidden files that lie beside a target while it is replaced: its next content (`.new`) and a
 * second link to its present one (`.old`). Both follow from the change's id and the position in its list, so a
 * journal holds no file name that a forged one could turn against another file.
 */
export const STAGING_NAME = /^\.secrets-[0-9a-f]{16}-\d{1,6}\.(?:new|old)$/;

const ID = /^[0-9a-f]{16}$/;

/** True for an identifier that {@link stagingPath} accepts. */
export function isChangeId(text: string): boolean {
  return ID.test(text);
}

/** Path of the hidden file that belongs to `path`, in the same folder; absolute or relative, as `path` is. */
export function stagingPath(path: string, id: string, index: number, kind: 'new' | 'old'): string {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  return `${folder}.secrets-${id}-${index}.${kind}`;
}
