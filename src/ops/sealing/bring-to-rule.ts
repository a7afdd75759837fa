import { readSopsFile, type SopsFile, writeSopsFile } from '../../sops/document.ts';
import type { FormatName } from '../../sops/formats/format.ts';
import { open } from '../../sops/open.ts';
import { reseal } from '../../sops/reseal.ts';
import { seal } from '../../sops/seal.ts';
import { driftOf } from '../../workspace/drift.ts';
import type { Rule } from '../../workspace/model.ts';
import type { Surroundings } from '../ports.ts';
import { unwrapWith } from '../unlock.ts';
import { SOPS_VERSION } from './seal-file.ts';
import { wrapAnew, wrapForStaying } from './wrap-groups.ts';
import { writeSealed } from './write-sealed.ts';

/** A file that is to become what its rule says. */
export interface BringRequest {
  readonly bytes: Uint8Array;
  readonly format: FormatName;
  readonly rule: Rule;
  /** True: a new data key too, so that who kept the old one cannot open the file any more. */
  readonly rekey: boolean;
}

/**
 * A sops file with the readers, groups and selection of its rule. Without a new data key, the stanzas of readers
 * that stay, and the ciphertext of values that stay encrypted, are kept byte for byte.
 *
 * @returns `null` where no identity opens the file and that is needed
 * @throws SecretsError `MAC_MISMATCH`, `BAD_CIPHERTEXT`, `UNSUPPORTED`, `RULE_CONFLICT`
 */
export async function bringToRule(request: BringRequest, around: Surroundings): Promise<Uint8Array | null> {
  const file = await readSopsFile(request.bytes, request.format);
  const { reasons, add } = driftOf(file.metadata, request.format, request.rule);
  const redone = reasons.includes('selection') || reasons.includes('mac_only_encrypted');
  const regrouped = reasons.includes('groups') || reasons.includes('threshold');
  const needsKey = request.rekey || redone || regrouped || add.length > 0;
  const dataKey = needsKey ? await unwrapWith(file, await around.identities()) : null;
  if (needsKey && dataKey === null) return null;
  if (dataKey !== null && request.rekey) return withNewDataKey(file, dataKey, request.rule, around);
  return withSameDataKey(file, dataKey, request.rule, redone, around);
}

/** What stock sops calls `rotate`: nothing that the old data key opens is left. */
async function withNewDataKey(
  file: SopsFile,
  former: Uint8Array,
  rule: Rule,
  around: Surroundings,
): Promise<Uint8Array> {
  const { documents } = open(file, former);
  const dataKey = around.random(32);
  const { groups, threshold } = await wrapAnew(dataKey, rule, around);
  const sealed = seal(documents, {
    format: file.format,
    dataKey,
    groups,
    shamirThreshold: threshold,
    selection: rule.selection,
    macOnlyEncrypted: rule.macOnlyEncrypted,
    version: SOPS_VERSION,
    now: around.now(),
    random: around.random,
  });
  return writeSealed(sealed, dataKey, file);
}

async function withSameDataKey(
  file: SopsFile,
  dataKey: Uint8Array | null,
  rule: Rule,
  redone: boolean,
  around: Surroundings,
): Promise<Uint8Array | null> {
  const wrapped = await wrapForStaying(file.metadata, rule, dataKey, around);
  if (wrapped === null) return null;
  const metadata = { ...file.metadata, groups: wrapped.groups, shamirThreshold: wrapped.threshold };
  if (dataKey === null) return writeSopsFile({ ...file, metadata });
  const opened = open(file, dataKey);
  if (!redone) return writeSealed({ ...file, metadata }, dataKey, file);
  const binary = file.format === 'binary';
  const selected = {
    ...metadata,
    selection: binary ? {} : rule.selection,
    macOnlyEncrypted: !binary && rule.macOnlyEncrypted,
  };
  const next = reseal({ ...file, metadata: selected }, opened.documents, {
    dataKey,
    stash: opened.stash,
    now: around.now(),
    random: around.random,
  });
  return writeSealed(next, dataKey, file);
}
