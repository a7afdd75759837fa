import { relative, resolve, sep } from 'node:path';
import { SecretsError } from '../../errors.ts';
import type { FormatName } from '../../sops/formats/format.ts';
import { formatOfPath } from '../../sops/formats/of-path.ts';
import type { Secret } from '../../workspace/model.ts';
import { findSecret } from '../../workspace/secrets.ts';
import { readWorkFile, realRoot } from '../files.ts';
import { refusePending } from '../secrets/pending.ts';
import type { Workspace } from '../workspace.ts';

/** What an editor is to show: one value of a file, or the whole document. */
export interface EditTarget {
  /** Relative to the workspace root. */
  readonly file: string;
  readonly format: FormatName;
  /** Path of the one value, `null` for the whole document. */
  readonly key: readonly string[] | null;
  /** What messages call it: the address of a secret, the path of a file. */
  readonly label: string;
}

/**
 * What a person means by NAME or FILE: a secret by its address or name; else the file of that path; else whatever
 * `findSecret` says.
 *
 * @param cwd where relative paths begin, absolute
 * @param host narrows a name to what that host receives
 * @throws SecretsError what `findSecret` throws, `VALUE_PENDING`, `NOT_ENCRYPTED`, `BAD_PATH`
 */
export async function findEditTarget(
  workspace: Workspace,
  cwd: string,
  text: string,
  host?: string,
): Promise<EditTarget> {
  const named = workspace.secrets.some(secret => secret.address === text || secret.name === text);
  if (!named && host === undefined) {
    const file = pathBelow(workspace.root, cwd, text);
    const bytes = file === null ? null : await bytesAt(workspace.root, file);
    if (file !== null && bytes !== null) {
      if (bytes.indexOf('sops') < 0) throw notEncrypted(file);
      return { file, format: formatOfPath(file), key: null, label: file };
    }
  }
  const secret = findSecret(workspace.secrets, text, host);
  refusePending(secret);
  return targetOf(secret);
}

function targetOf({ file, format, key, address }: Secret): EditTarget {
  return { file, format, key: key === null ? null : key.split('/'), label: address };
}

function pathBelow(root: string, cwd: string, text: string): string | null {
  if (text === '' || text.includes('\0')) return null;
  const path = relative(root, resolve(cwd, text)).split(sep).join('/');
  if (path !== '' && path !== '..' && !path.startsWith('../')) return path;
  return pathBelowReal(root, cwd, text);
}

/** The same where the folder was entered through a symbolic link. */
function pathBelowReal(root: string, cwd: string, text: string): string | null {
  const path = relative(realRoot(root), resolve(realRoot(cwd), text))
    .split(sep)
    .join('/');
  return path === '' || path === '..' || path.startsWith('../') ? null : path;
}

async function bytesAt(root: string, file: string): Promise<Buffer | null> {
  try {
    const found = await readWorkFile(root, file);
    return found === null ? null : Buffer.from(found.bytes);
  } catch (error) {
    // A folder, or a name that is no path here: then it is meant as the name of a secret.
    if (error instanceof SecretsError && !file.includes('.')) return null;
    throw error;
  }
}

function notEncrypted(file: string): SecretsError {
  return new SecretsError('NOT_ENCRYPTED', 'the file is not encrypted with sops', {
    file,
    hint: 'open it with your editor; `secrets sops encrypt -i FILE` encrypts it in place',
  });
}
