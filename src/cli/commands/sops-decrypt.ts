import { loadIdentities } from '../../keys/sources.ts';
import { nodeKeysWorld } from '../../keys/world.ts';
import { unwrapWith } from '../../ops/unlock.ts';
import { loadFormat, readSopsFile, type SopsFile } from '../../sops/document.ts';
import type { FormatName } from '../../sops/formats/format.ts';
import { recipientsOf } from '../../sops/metadata.ts';
import { open } from '../../sops/open.ts';
import { TreeMap } from '../../sops/tree.ts';
import { getPath, parseTreePath } from '../../sops/tree-path.ts';
import { pluginsOf } from '../plugins.ts';
import { type FileOptions, PlumbingError, plumb, readInput, writeOutput } from '../plumbing.ts';
import { vaultOf } from '../vault.ts';
import type { World } from '../world.ts';

interface DecryptOptions extends FileOptions {
  readonly extract?: string | undefined;
  readonly ignoreMac?: boolean | undefined;
}

/** Plaintext belongs to its owner alone; stock sops leaves this to the umask. */
const PLAINTEXT_MODE = 0o600;

/** `secrets sops decrypt` */
export async function runSopsDecrypt(
  world: World,
  file: string | undefined,
  options: DecryptOptions,
): Promise<number> {
  return plumb(world, async talk => {
    const input = await readInput(world, file, options);
    const sops = await readSopsFile(input.bytes, input.inputFormat, { asStock: true });
    const dataKey = await dataKeyOf(world, sops);
    const opened = open(sops, dataKey, { ignoreMac: options.ignoreMac === true });
    for (const warning of opened.warnings) await talk.say(warning);
    const bytes = await plaintext(opened.documents, input.outputFormat, options.extract);
    await writeOutput(world, talk, file, options, bytes, PLAINTEXT_MODE);
  });
}

async function dataKeyOf(world: World, file: SopsFile): Promise<Uint8Array> {
  const set = await loadIdentities({ ...nodeKeysWorld(world), plugins: pluginsOf(world) }, vaultOf(world));
  const dataKey = await unwrapWith(file, set);
  if (dataKey !== null) return dataKey;
  const lines = recipientsOf(file.metadata).map(recipient => `  ${recipient}: FAILED`);
  throw new PlumbingError(
    128,
    [
      'Failed to get the data key required to decrypt the SOPS file.',
      '',
      'Group 0: FAILED',
      ...lines,
      '',
      'Recovery failed because no master key was able to decrypt the file. In',
      'order for SOPS to recover the file, at least one key has to be successful,',
      'but none were.',
    ].join('\n'),
  );
}

async function plaintext(
  documents: readonly TreeMap[],
  output: FormatName,
  extract: string | undefined,
): Promise<Uint8Array> {
  const format = await loadFormat(output);
  if (extract === undefined) return format.formatPlain(documents);
  const path = treePath(extract);
  const value = getPath(documents, path);
  if (value === undefined) {
    throw new PlumbingError(1, `error truncating tree: component [${shown(path)}] not found`);
  }
  if (typeof value === 'string') return new TextEncoder().encode(value);
  if (value instanceof Uint8Array) return value;
  if (value instanceof TreeMap) return format.formatPlain([value]);
  return format.formatValue(value);
}

function treePath(text: string): (string | number)[] {
  try {
    return parseTreePath(text);
  } catch (error) {
    throw new PlumbingError(
      91,
      `error parsing --extract path: ${error instanceof Error ? error.message : ''}`,
    );
  }
}

function shown(path: readonly (string | number)[]): string {
  const last = path.at(-1);
  return typeof last === 'number' ? String(last) : `'${last}'`;
}
