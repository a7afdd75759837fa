import { SecretsError } from '../../errors.ts';
import { readSopsFile, type SopsFile } from '../../sops/document.ts';
import type { FormatName } from '../../sops/formats/format.ts';
import { Comment } from '../../sops/tree.ts';
import { leaves } from '../../sops/tree-path.ts';
import type { Rule, Secret } from '../../workspace/model.ts';
import { ruleFor } from '../../workspace/rules.ts';
import { Draft } from '../draft.ts';
import type { WorkFile } from '../files.ts';
import type { Plan } from '../plan.ts';
import { withoutFormerReaders } from '../sealing/former-readers.ts';
import { resealed } from '../sealing/reseal-file.ts';
import { plainTree, sealNew } from '../sealing/seal-file.ts';
import { unlock } from '../unlock.ts';
import type { Payload } from '../values/payload.ts';
import type { Workspace } from '../workspace.ts';
import { besideOf, writeBeside } from './beside.ts';
import type { NewValue } from './fill.ts';
import { refusePending } from './pending.ts';
import { checkKind, recordRecipe, replaceValue } from './set.ts';

/**
 * Plans new values. Where the whole file is the secret it is encrypted anew, with a new data key, for those whom its
 * rule names; that needs no private key. In a file that holds other things too the value alone changes, and an
 * identity is needed.
 *
 * @throws SecretsError `VALUE_PENDING`, `BAD_VALUE` (the file's format cannot hold it), `NO_IDENTITY`
 */
export async function planRotate(workspace: Workspace, values: readonly NewValue[]): Promise<Plan> {
  const draft = new Draft(workspace);
  for (const value of values) await rotate(draft, value);
  const hosts = [...new Set(values.flatMap(({ secret }) => secret.hosts))].sort();
  if (hosts.length > 0) draft.note(`deploy ${hosts.join(', ')}: until then the old values are in use there`);
  return draft.toPlan();
}

async function rotate(draft: Draft, { secret, payload, recipe, beside }: NewValue): Promise<void> {
  refusePending(secret);
  const before = await draft.read(secret.file);
  if (before === null) throw new SecretsError('READ_FAILED', 'the file is gone', { file: secret.file });
  checkKind(secret, payload);
  const rule = keylessRule(draft, secret, await readSopsFile(before.bytes, secret.format));
  const bytes =
    rule === null
      ? await inPlace(draft, secret, payload, before)
      : await sealNew(await treeOf(secret, payload), secret.format, rule, draft.workspace.around);
  await draft.writeSops(secret.file, bytes, rule === null ? 'new value' : 'new value, new data key');
  recordRecipe(draft, secret, recipe);
  await writeBeside(draft, besideOf(secret), beside);
  draft.note(...payload.notes);
}

/** The rule to encrypt a whole file by, `null` where something of the file has to stay. */
function keylessRule(draft: Draft, secret: Secret, file: SopsFile): Rule | null {
  const rule = ruleFor(draft.inventory, secret.file);
  if (rule === null || !isWholeFile(secret, file)) return null;
  const foreign = rule.groups.some(group => group.pgp.length + group.other.length > 0);
  return foreign || rule.groups.length === 0 ? null : rule;
}

function isWholeFile(secret: Secret, file: SopsFile): boolean {
  if (!isKeyed(secret.format)) return secret.key === null;
  const [first, ...others] = file.documents.flatMap(document => [...leaves(document)]);
  if (first === undefined || others.length > 0 || file.documents.length !== 1) return false;
  return !(first.value instanceof Comment) && first.path.join('/') === secret.key;
}

function isKeyed(format: FormatName): boolean {
  return format === 'yaml' || format === 'json';
}

function treeOf(secret: Secret, payload: Payload) {
  const kind = isKeyed(secret.format) ? 'value' : secret.format === 'dotenv' ? 'env' : 'binary';
  return plainTree({ ...payload, kind }, secret.key ?? secret.name);
}

async function inPlace(
  draft: Draft,
  secret: Secret,
  payload: Payload,
  before: WorkFile,
): Promise<Uint8Array> {
  const unlocked = await unlock(draft.workspace, secret.file, secret.format, before);
  await replaceValue(unlocked, secret, { payload });
  const bytes = await resealed(draft.workspace, unlocked);
  const { format, metadata } = unlocked.file;
  const { around } = draft.workspace;
  return withoutFormerReaders(draft.inventory, { path: secret.file, format, metadata }, bytes, around);
}
