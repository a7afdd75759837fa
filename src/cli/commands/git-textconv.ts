import { readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { ExitCode } from '../../errors.ts';
import { runGit } from '../../git/run.ts';
import { type NameOf, readableText } from '../../ops/drivers/readable.ts';
import { MAX_FILE_BYTES } from '../../ops/files.ts';
import { INVENTORY_FILE } from '../../ops/workspace.ts';
import { formatOfPath } from '../../sops/formats/of-path.ts';
import { configText } from '../../workspace/config-bytes.ts';
import { KeyNames, namedKeys } from '../../workspace/parse-keys.ts';
import { YamlSource } from '../../workspace/yaml-source.ts';
import { Talk } from '../talk.ts';
import type { World } from '../world.ts';

/** A repository with more has generated them. */
const MOST_CONFIGS = 50;

/**
 * `secrets git-textconv FILE`: what git shows instead of a sops file. git gives up a whole diff where this fails, so
 * it never does.
 */
export async function runGitTextconv(world: World, file: string): Promise<number> {
  const text = await convert(world, resolve(world.cwd, file)).catch(() => 'cannot be read\n');
  await new Talk(world, false).out(text).catch(() => {});
  return ExitCode.ok;
}

async function convert(world: World, path: string): Promise<string> {
  if ((await stat(path)).size > MAX_FILE_BYTES) return 'too large to be a secret: contents are not shown\n';
  const bytes = await readFile(path);
  const names = new Names();
  let text = '';
  for (const places of [nearConfigs, otherConfigs]) {
    names.missed = false;
    for (const config of await places(world, path)) await names.read(config);
    text = await readableText(bytes, formatOfPath(path), names.lookUp);
    if (!names.missed) break;
  }
  return text;
}

/** The names of public keys, from the configs of the work tree. */
class Names {
  /** True where a key was looked up that has no name so far. */
  missed = false;
  readonly #found: NameOf[] = [];

  readonly lookUp: NameOf = recipient => {
    for (const nameOf of this.#found) {
      const name = nameOf(recipient);
      if (name !== null) return name;
    }
    this.missed = true;
    return null;
  };

  /** Only the names: the rules of a config that is broken or in conflict do not matter here. */
  async read(config: string): Promise<void> {
    try {
      const text = configText(await readFile(config), config);
      const names = new KeyNames(namedKeys(new YamlSource(text, config)));
      this.#found.push(recipient => names.nameOf(recipient));
    } catch {
      // without it the key is shown by its beginning and its end
    }
  }
}

/** From the file up to where git runs this; versions that git stored have a path outside, and no folder. */
async function nearConfigs({ cwd }: World, path: string): Promise<string[]> {
  const outside = relative(cwd, path).split(sep)[0] === '..';
  const found: string[] = [];
  for (let folder = outside ? cwd : dirname(path); ; folder = dirname(folder)) {
    found.push(join(folder, INVENTORY_FILE));
    if (folder === cwd || dirname(folder) === folder) return found;
  }
}

async function otherConfigs({ cwd, env }: World): Promise<string[]> {
  const listing = await runGit(cwd, ['ls-files', '-z', '--', `:(glob)**/${INVENTORY_FILE}`], {
    env,
    patterns: true,
  });
  const paths = listing.status === 0 ? listing.stdout.split('\0').slice(0, -1) : [];
  return paths.slice(0, MOST_CONFIGS).map(path => join(cwd, path));
}
