import { SecretsError } from '../../errors.ts';
import type { Draft } from '../draft.ts';
import { type CheckFinding, finding } from './finding.ts';

/** `NAME=` of a line of ciphertext, as Latin-1; comments and metadata are others. */
const NAME = /^(?!#|sops_)(?<name>[^=\r\n]{1,300})=/gm;
/** What the parser of the build takes in a name (godotenv, locateKeyName: bytes, taken for Latin-1). */
const PARSED = /^[\p{L}\p{N}_.:\s]*$/u;
/** What systemd takes (systemd.exec(5), EnvironmentFile). */
const SET = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Names of variables that stop the build of whoever declares the file, or that `EnvironmentFile=` passes over.
 *
 * @param place the file, and whose secret it is
 */
export async function envNames(
  draft: Draft,
  place: { readonly file: string; readonly secret: string },
): Promise<CheckFinding[]> {
  const text = await readQuietly(draft, place.file);
  const found: CheckFinding[] = [];
  for (const match of text.matchAll(NAME)) {
    const name = match.groups?.['name'] ?? '';
    if (SET.test(name)) continue;
    const line = text.slice(0, match.index).split('\n').length;
    found.push(PARSED.test(name) ? skipped(name, { ...place, line }) : refused(name, { ...place, line }));
    if (found.length === 20) break;
  }
  return found;
}

type Place = { readonly file: string; readonly secret: string; readonly line: number };

function refused(name: string, place: Place): CheckFinding {
  const message = `the build refuses the name ${shown(name)} of a variable: letters, digits, _ and . alone are allowed`;
  return finding(
    'env-name',
    place,
    message,
    `rename it (secrets edit ${place.file}), or store the file as binary`,
  );
}

function skipped(name: string, place: Place): CheckFinding {
  const message = `systemd does not set the variable ${shown(name)}: a name has letters, digits and _, and begins with no digit`;
  return finding('env-skipped', place, message, `rename it: secrets edit ${place.file}`);
}

function shown(name: string): string {
  const text = Buffer.from(name, 'latin1').toString('utf8');
  return JSON.stringify(text.length <= 60 ? text : `${text.slice(0, 60)}…`);
}

async function readQuietly(draft: Draft, path: string): Promise<string> {
  try {
    const file = await draft.read(path);
    return file === null ? '' : Buffer.from(file.bytes).toString('latin1');
  } catch (error) {
    if (error instanceof SecretsError) return '';
    throw error;
  }
}
