import { withoutValue } from '../../value-like.ts';
import { shown } from '../../workspace/shown.ts';

/** A path of keys for a message: `kanidm/miniflux`, without control characters and not endless. */
export function pathName(path: readonly string[]): string {
  if (path.length === 0) return 'the top level';
  const text = path.map(withoutValue).join('/');
  const quoted = shown(text);
  return quoted === `"${text}"` ? text : quoted;
}

/** A file name as a shell takes it. */
export function shellWord(path: string): string {
  if (/^[\w./@%+=:,][\w./@%+=:,-]*$/.test(path)) return path;
  if (/[\u0000-\u001f\u007f-\u009f]/.test(path)) return shown(path);
  return `'${path.replaceAll("'", "'\\''")}'`;
}
