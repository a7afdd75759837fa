import { join } from 'node:path';
import type { KeyFiles } from '../new-file.ts';
import { withTemporary } from '../new-file.ts';

/** Beside sops' key file: one line `NAME PATH` for each plugin that the person agreed to. */
const FILE = 'plugins.txt';
const HEADER = '# age plugins that may be run, each with the program that was agreed to\n';

/** What has to be known to remember an agreement. */
export interface AllowedPlaces {
  /** Absolute; that of sops' key file. */
  readonly folder: string;
  readonly files: KeyFiles;
  readonly random: (bytes: number) => Uint8Array;
}

/** True where the person agreed to run this very program under this name. */
export async function isAllowed(places: AllowedPlaces, name: string, program: string): Promise<boolean> {
  return (await lines(places)).includes(`${name} ${program}`);
}

/**
 * Remembers that a plugin may be run from there; another program of that name has to be agreed to again.
 *
 * @throws SecretsError `WRITE_FAILED`, or the error of node where the disk does not take it
 */
export async function allow(places: AllowedPlaces, name: string, program: string): Promise<void> {
  const kept = (await lines(places)).filter(line => line.split(' ')[0] !== name);
  const bytes = new TextEncoder().encode(`${HEADER}${[...kept, `${name} ${program}`].join('\n')}\n`);
  const { folder, files, random } = places;
  const path = join(folder, FILE);
  await files.createFolder(folder);
  const accepts = (found: Uint8Array) => Buffer.compare(found, bytes) === 0;
  await withTemporary(path, bytes, { random, files, accepts }, async temporary => {
    if ((await files.mode(path)) === null) await files.linkExclusive(temporary, path);
    else await files.replace(temporary, path);
  });
}

async function lines({ folder, files }: AllowedPlaces): Promise<string[]> {
  try {
    const text = new TextDecoder().decode(await files.read(join(folder, FILE)));
    return text.split('\n').filter(line => line !== '' && !line.startsWith('#'));
  } catch {
    return [];
  }
}
