import { readFile, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import { SecretsError } from '../../errors.ts';
import { shellQuote } from '../../git/hooks/block.ts';
import { findMergeSides, hashesOf, mergeTrees } from '../../git/merge-sides.ts';
import { runGit } from '../../git/run.ts';
import { mergeModules } from '../../nix/merge-module.ts';
import type { MergeTrees } from '../../ops/drivers/merge-policy.ts';
import { merge, mergedPolicy } from '../../ops/drivers/merge-policy.ts';
import { type MergeOutcome, mergeSopsFiles } from '../../ops/drivers/merge-sops.ts';
import { quietIdentities } from '../../ops/drivers/quiet-identities.ts';
import { displayName } from '../../ops/unlock.ts';
import { findRoot, INVENTORY_FILE, readInventory } from '../../ops/workspace.ts';
import { formatOfPath } from '../../sops/formats/of-path.ts';
import { configText } from '../../workspace/config-bytes.ts';
import type { Inventory } from '../../workspace/model.ts';
import { surroundings } from '../session.ts';
import { Talk } from '../talk.ts';
import type { World } from '../world.ts';

/** What git hands to a merge driver: files with three versions, and the path that they are of. */
interface DriverFiles {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
  /** Relative to git's top. */
  readonly path: string;
}

/** For git: the file is merged, or it stays in conflict. A higher status would end the whole merge. */
const MERGED = 0;
const CONFLICT = 1;

/** `secrets git-merge`: merges one file for git, which takes what is then in the file of our version. */
export async function runGitMerge(
  world: World,
  given: DriverFiles,
  options: { readonly ancestor?: boolean | undefined } = {},
): Promise<number> {
  if (options.ancestor !== true) return merged(world, given);
  // What cannot be merged was no common version: it is as it was before, and the conflict shows in the real merge.
  const base = await readFile(resolve(world.cwd, given.base));
  if ((await merged({ ...world, stderr: SILENT }, given)) !== MERGED)
    await writeFile(resolve(world.cwd, given.ours), base);
  return MERGED;
}

const SILENT: World['stderr'] = {
  write: (_chunk, done) => {
    done();
    return true;
  },
};

async function merged(world: World, given: DriverFiles): Promise<number> {
  const driver = new Driver(world, given);
  try {
    if (given.path.split('/').at(-1) === INVENTORY_FILE) return await driver.config();
    return await (given.path.endsWith('.nix') ? driver.module() : driver.sopsFile());
  } catch (error) {
    return driver.failed(error);
  }
}

class Driver {
  readonly #world: World;
  readonly #files: DriverFiles;
  readonly #talk: Talk;

  constructor(world: World, files: DriverFiles) {
    this.#world = world;
    this.#files = files;
    this.#talk = new Talk(world, false);
  }

  async config(): Promise<number> {
    const { path } = this.#files;
    const [base, ours, theirs] = (await this.#versions()).map(bytes => configText(bytes, path));
    const folder = path.slice(0, -INVENTORY_FILE.length);
    const versions = { base: base ?? '', ours: ours ?? '', theirs: theirs ?? '' };
    const merged = await merge(versions, folder, await this.#trees());
    if (merged.kind === 'merged') return this.#write(new TextEncoder().encode(merged.text));
    for (const reason of merged.reasons) await this.#note(reason);
    await this.#asText();
    const word = shellWord(path);
    await this.#talk.note(`finish it: edit ${word}, then git add ${word}, then secrets resolve`);
    return CONFLICT;
  }

  async module(): Promise<number> {
    const texts = (await this.#versions()).map(bytes => Buffer.from(bytes).toString('utf8'));
    const [base = '', ours = '', theirs = ''] = texts;
    const merged = mergeModules(base, ours, theirs);
    if (merged === null) return this.#asText();
    if (merged.doubtful.length > 0)
      await this.#note(
        `both sides changed ${merged.doubtful.join(', ')}: run \`secrets nix\` after the merge`,
      );
    return this.#write(new TextEncoder().encode(merged.text));
  }

  async sopsFile(): Promise<number> {
    const { path } = this.#files;
    const [base = new Uint8Array(), ours = base, theirs = base] = await this.#versions();
    const format = formatOfPath(path);
    const around = await surroundings(this.#world, this.#world.cwd);
    const policy = await mergedPolicy(path, await this.#trees(), () => this.#ownConfig());
    const sides = { base: base.length === 0 ? null : base, ours, theirs };
    let outcome: MergeOutcome;
    try {
      const set = quietIdentities(await around.identities());
      outcome = await mergeSopsFiles({ format, sides, policy }, set, around);
    } catch (error) {
      if (error instanceof SecretsError && error.code === 'NOT_ENCRYPTED' && !looksEncrypted([ours, theirs]))
        return this.#asText();
      throw error;
    }
    if (outcome.kind !== 'merged') return this.#unfinished(outcome);
    await this.#tellGained(outcome.gained, policy.inventory);
    return this.#write(outcome.bytes);
  }

  /** Said instead of what stopped the merge of this one file. */
  async failed(error: unknown): Promise<number> {
    const { path } = this.#files;
    if (!(error instanceof SecretsError)) {
      await this.#note('it could not be merged, because of an error of this program');
      return CONFLICT;
    }
    await this.#note(error.message);
    if (error.hint !== undefined) await this.#talk.note(`hint: ${error.hint}`);
    const word = shellWord(path);
    await this.#talk.note(`to keep our version: git checkout --ours -- ${word} && git add ${word}`);
    return CONFLICT;
  }

  async #unfinished(outcome: Exclude<MergeOutcome, { kind: 'merged' }>): Promise<number> {
    const { path } = this.#files;
    const names = outcome.names.join(', ');
    if (outcome.kind === 'conflict') await this.#note(`both sides changed ${names}`);
    else {
      await this.#note(
        'none of your keys opens both versions without asking, and the merged file needs a new MAC',
      );
      if (names !== '') await this.#note(`both sides changed ${names}`);
    }
    await this.#talk.note(`finish it: secrets resolve ${shellWord(path)}`);
    return CONFLICT;
  }

  async #tellGained(gained: readonly string[], inventory: Inventory | null): Promise<void> {
    if (gained.length === 0) return;
    const names = gained.map(recipient =>
      inventory === null ? recipient : displayName(inventory, recipient),
    );
    await this.#note(`from now on also read by ${names.join(', ')}`);
  }

  #versions(): Promise<Uint8Array[]> {
    const { base, ours, theirs } = this.#files;
    return Promise.all(
      [base, ours, theirs].map(async file => new Uint8Array(await readFile(this.#at(file)))),
    );
  }

  /** The commits that are merged, where they can be told. */
  async #trees(): Promise<MergeTrees | null> {
    const { cwd, env } = this.#world;
    const { base, ours, theirs, path } = this.#files;
    try {
      const [was = '', mine = '', other = ''] = await hashesOf(cwd, env, [base, ours, theirs]);
      const isNew = (await readFile(this.#at(base))).length === 0;
      const blobs = { path, base: isNew ? null : was, ours: mine, theirs: other };
      const sides = await findMergeSides(cwd, env, blobs);
      return sides === null ? null : mergeTrees(cwd, env, sides);
    } catch (error) {
      if (error instanceof SecretsError) return null;
      throw error;
    }
  }

  /** While git merges, the work tree is still that of our side. */
  async #ownConfig() {
    const { cwd } = this.#world;
    const file = this.#at(this.#files.path);
    const root = await findRoot(dirname(file), cwd);
    if (root === null) return null;
    return { inventory: await readInventory(root), path: relative(root, file).split(sep).join('/') };
  }

  /** As git merges text: into the file of our version, with marks where the two are at odds. */
  async #asText(): Promise<number> {
    const { base, ours, theirs } = this.#files;
    const labels = ['-L', 'ours', '-L', 'base', '-L', 'theirs'];
    const files = [ours, base, theirs];
    const { cwd, env } = this.#world;
    const result = await runGit(cwd, ['merge-file', ...labels, '--', ...files], { env });
    return result.status === 0 ? MERGED : CONFLICT;
  }

  async #write(bytes: Uint8Array): Promise<number> {
    await writeFile(this.#at(this.#files.ours), bytes);
    return MERGED;
  }

  async #note(line: string): Promise<void> {
    await this.#talk.note(`${this.#files.path}: ${line}`);
  }

  #at(file: string): string {
    return resolve(this.#world.cwd, file);
  }
}

/** A path as a person can paste it. */
function shellWord(path: string): string {
  return /^[\w./+@:,=-]+$/.test(path) && !path.startsWith('-') ? path : shellQuote(path);
}

/** One encrypted version is reason enough not to merge line by line. */
function looksEncrypted(versions: readonly Uint8Array[]): boolean {
  return versions.some(bytes => Buffer.from(bytes).includes('ENC[AES256_GCM,'));
}
