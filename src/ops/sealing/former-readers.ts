import { SecretsError } from '../../errors.ts';
import type { FormatName } from '../../sops/formats/format.ts';
import type { Metadata } from '../../sops/metadata.ts';
import { driftOf } from '../../workspace/drift.ts';
import type { Inventory } from '../../workspace/model.ts';
import { ruleFor } from '../../workspace/rules.ts';
import type { Surroundings } from '../ports.ts';
import { displayName } from '../unlock.ts';
import { bringToRule } from './bring-to-rule.ts';

/** An encrypted file of the workspace. */
interface ReadFile {
  readonly path: string;
  readonly format: FormatName;
  readonly metadata: Metadata;
}

/** Who can open a file though its rule does not name them any more; empty without a rule. */
function formerReaders(inventory: Inventory, { path, format, metadata }: ReadFile): string[] {
  const rule = ruleFor(inventory, path);
  if (rule === null || rule.groups.length === 0) return [];
  return driftOf(metadata, format, rule).remove.map(recipient => displayName(inventory, recipient));
}

/** What a command says that puts a value into such a file all the same; `null` where there is nothing to say. */
export function noteFormerReaders(inventory: Inventory, file: ReadFile): string | null {
  const names = formerReaders(inventory, file);
  if (names.length === 0) return null;
  return `${names.join(', ')} can still read the file, though its rule does not say so: secrets sync ${file.path}, then secrets rekey`;
}

/**
 * A file with a value that former readers must not get: where there are any, it is brought to its rule under a new data
 * key.
 *
 * @param bytes the file with the new value
 * @throws SecretsError `RULE_CONFLICT` where a key that only stock sops can encrypt to stands in the way
 */
export async function withoutFormerReaders(
  inventory: Inventory,
  file: ReadFile,
  bytes: Uint8Array,
  around: Surroundings,
): Promise<Uint8Array> {
  const names = formerReaders(inventory, file);
  const rule = ruleFor(inventory, file.path);
  if (names.length === 0 || rule === null) return bytes;
  try {
    return (await bringToRule({ bytes, format: file.format, rule, rekey: true }, around)) ?? bytes;
  } catch (error) {
    if (!(error instanceof SecretsError) || error.code !== 'UNSUPPORTED') throw error;
    throw new SecretsError(
      'RULE_CONFLICT',
      `${names.join(', ')} can still open the file and would get the new value: ${error.message}`,
      {
        file: file.path,
        hint: `take them away first: sops updatekeys ${file.path}, then sops rotate -i ${file.path}`,
      },
    );
  }
}
