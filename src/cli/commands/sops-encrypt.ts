import { join, relative, resolve, sep } from 'node:path';
import { wrapDataKey } from '../../age/data-key.ts';
import { parseRecipient } from '../../age/recipient.ts';
import { SOPS_VERSION } from '../../ops/sealing/seal-file.ts';
import { findRoot, INVENTORY_FILE, readInventory } from '../../ops/workspace.ts';
import { loadFormat, writeSopsFile } from '../../sops/document.ts';
import { seal } from '../../sops/seal.ts';
import type { Selection } from '../../sops/selection.ts';
import type { Rule } from '../../workspace/model.ts';
import { pluginsOf } from '../plugins.ts';
import {
  type FileOptions,
  PlumbingError,
  type PlumbingInput,
  plumb,
  readInput,
  writeOutput,
} from '../plumbing.ts';
import type { World } from '../world.ts';

interface EncryptOptions extends FileOptions {
  readonly age?: string | undefined;
  readonly unencryptedSuffix?: string | undefined;
  readonly encryptedSuffix?: string | undefined;
  readonly unencryptedRegex?: string | undefined;
  readonly encryptedRegex?: string | undefined;
  readonly macOnlyEncrypted?: boolean | undefined;
}

const RESERVED = `The file you have provided contains a top-level entry called 'sops', or for
flat file formats top-level entries starting with 'sops_'. This is
generally due to the file already being encrypted. SOPS uses a top-level
entry called 'sops' to store the metadata required to decrypt the file. For
this reason, SOPS can not encrypt files that already contain such an entry.`;

/** `secrets sops encrypt` */
export async function runSopsEncrypt(
  world: World,
  file: string | undefined,
  options: EncryptOptions,
): Promise<number> {
  return plumb(world, async talk => {
    if (file === undefined && options.filenameOverride === undefined) {
      throw new PlumbingError(8, 'Error: must specify --filename-override when reading from stdin');
    }
    const input = await readInput(world, file, options);
    const rule = await ruleFor(world, input.name);
    const recipients = recipientsFrom(world, options, rule);
    const bytes = await encrypt(
      world,
      input,
      recipients,
      selectionFrom(options, rule),
      options.macOnlyEncrypted ?? rule?.macOnlyEncrypted ?? false,
    );
    await writeOutput(world, talk, file, options, bytes, 0o644);
  });
}

async function encrypt(
  world: World,
  input: PlumbingInput,
  recipients: readonly string[],
  selection: Selection,
  macOnlyEncrypted: boolean,
): Promise<Uint8Array> {
  const documents = (await loadFormat(input.inputFormat)).parsePlain(input.bytes);
  const output = await loadFormat(input.outputFormat);
  const [first] = documents;
  if (first === undefined)
    throw new PlumbingError(92, 'File cannot be completely empty, it must contain at least one document');
  if (output.hasReservedKey(first)) throw new PlumbingError(203, RESERVED);
  const dataKey = world.random(32);
  const age = await Promise.all(
    recipients.map(async recipient => ({
      recipient,
      enc: await wrapDataKey(dataKey, recipient, pluginsOf(world)),
    })),
  );
  const file = seal(documents, {
    format: input.outputFormat,
    dataKey,
    groups: [{ age, others: [] }],
    shamirThreshold: 0,
    selection,
    macOnlyEncrypted,
    version: SOPS_VERSION,
    now: world.now(),
    random: world.random,
  });
  return writeSopsFile(file);
}

/** The rule of the nearest config above the current folder, as sops finds it: never from the file's own folder. */
async function ruleFor(world: World, name: string): Promise<Rule | null> {
  const root = await findRoot(world.cwd);
  if (root === null) return null;
  const inventory = await readInventory(root, join(root, INVENTORY_FILE));
  if (inventory.rules.length === 0 && !/creation_rules/.test(inventory.text)) return null;
  const path = relative(root, resolve(world.cwd, name)).split(sep).join('/');
  const rule = inventory.rules.find(candidate => candidate.matches(path));
  if (rule === undefined)
    throw new PlumbingError(1, 'error loading config: no matching creation rules found');
  return rule;
}

function recipientsFrom(world: World, options: EncryptOptions, rule: Rule | null): string[] {
  const given = options.age ?? world.env['SOPS_AGE_RECIPIENTS'];
  if (given !== undefined && given !== '')
    return given.split(',').map(text => parseRecipient(text.trim()).text);
  if (rule === null) {
    throw new PlumbingError(
      1,
      'config file not found, or has no creation rules, and no keys provided through command line options',
    );
  }
  const [group, ...others] = rule.groups;
  const foreign = (group?.pgp.length ?? 0) + (group?.other.length ?? 0);
  if (others.length > 0 || foreign > 0) {
    throw new PlumbingError(
      1,
      `rule ${rule.index} of .sops.yaml wants key groups or keys other than age: use stock sops for that file`,
    );
  }
  if (group === undefined || group.age.length === 0) {
    throw new PlumbingError(1, 'Could not generate data key: [empty key group provided]');
  }
  return [...group.age];
}

/** A flag replaces only the field of the same name in the rule, so a flag and a rule may conflict. */
function selectionFrom(options: EncryptOptions, rule: Rule | null): Selection {
  const { unencryptedSuffix, encryptedSuffix, unencryptedRegex, encryptedRegex } = options;
  const flags = { unencryptedSuffix, encryptedSuffix, unencryptedRegex, encryptedRegex };
  const merged = Object.entries({ ...rule?.selection, ...dropUndefined(flags) }).filter(
    ([, value]) => value !== undefined && value !== '',
  );
  if (merged.length > 1) {
    throw new PlumbingError(
      8,
      'Error: cannot use more than one of encrypted_suffix, unencrypted_suffix, encrypted_regex, unencrypted_regex, encrypted_comment_regex, or unencrypted_comment_regex in the same file',
    );
  }
  return Object.fromEntries(merged);
}

function dropUndefined(fields: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
