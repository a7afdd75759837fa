import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programPath } from '../helpers/programs.ts';

/**
 * The recipients that stock sops encrypts a new file to under a config, `null` where no rule takes its path.
 *
 * @param folder one that the test owns, with a file `plain.yaml`
 */
export async function readersByStockSops(
  folder: string,
  config: string,
  path: string,
): Promise<string[] | null> {
  const file = join(folder, createHash('sha256').update(config).digest('hex').slice(0, 16));
  await writeFile(file, config);
  const types = ['--input-type', 'yaml', '--output-type', 'yaml'];
  const given = [
    '--config',
    file,
    'encrypt',
    ...types,
    '--filename-override',
    join(folder, path),
    'plain.yaml',
  ];
  return new Promise((resolve, reject) => {
    execFile(
      programPath('sops') ?? 'sops',
      given,
      { cwd: folder, env: { HOME: folder, PATH: '' } },
      (error, stdout, stderr) => {
        if (error === null)
          resolve(Array.from(stdout.matchAll(/recipient: (\S+)/g), match => match[1] ?? ''));
        else if (/no matching creation rules|no creation rules/.test(stderr)) resolve(null);
        else reject(new Error(`${stderr}\n${config}`));
      },
    );
  });
}
