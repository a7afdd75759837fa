import { SecretsError } from '../../errors.ts';
import type { Secret } from '../../workspace/model.ts';
import { checkHost, findSecret } from '../../workspace/secrets.ts';
import { Draft } from '../draft.ts';
import type { FileState } from '../drift/governed.ts';
import { type LeftFile, type Synced, type SyncOptions, syncDraft } from '../drift/sync.ts';
import type { Plan } from '../plan.ts';
import type { Workspace } from '../workspace.ts';
import { refusePending } from './pending.ts';

/** Which files get new data keys: one of the three. */
export interface RekeyChoice {
  readonly names: readonly string[];
  /** With names: the host that receives them; else everything that it receives. */
  readonly host?: string | undefined;
  readonly all?: boolean | undefined;
}

/** A planned change of data keys. */
export interface Rekeyed {
  readonly plan: Plan;
  readonly synced: Synced;
}

/**
 * Plans new data keys, for the readers that the rules name.
 *
 * @throws SecretsError `UNKNOWN_SECRET`, `AMBIGUOUS_NAME`, `UNKNOWN_HOST`, `VALUE_PENDING`, `NO_IDENTITY`
 */
export async function planRekey(
  workspace: Workspace,
  choice: RekeyChoice,
  options: Pick<SyncOptions, 'skipUnreadable' | 'onProgress'> = {},
): Promise<Rekeyed> {
  const draft = new Draft(workspace);
  const only = chosenFiles(workspace, choice);
  const synced = await syncDraft(draft, { ...options, only, rekey: isRuled });
  draft.note(
    'who had the old data key may have the values: new data keys protect what is written from now on, `secrets rotate` makes new values',
  );
  const unruled = synced.states.filter(({ state }) => state === 'no-rule').map(withoutRule);
  return { plan: draft.toPlan(), synced: { ...synced, left: [...synced.left, ...unruled] } };
}

function isRuled({ state }: FileState): boolean {
  return state === 'ok' || state === 'drifted';
}

function withoutRule({ path }: FileState): LeftFile {
  return { path, reason: `no rule says who reads it; stock sops keeps its readers: sops rotate -i ${path}` };
}

/** Empty: all of them. */
function chosenFiles({ secrets, inventory }: Workspace, { names, host, all }: RekeyChoice): string[] {
  if (all === true) return [];
  if (names.length > 0) return [...new Set(names.map(name => fileOf(findSecret(secrets, name, host))))];
  const { name } = checkHost(inventory, host ?? '');
  const files = secrets.filter(secret => secret.hosts.includes(name)).map(secret => secret.file);
  if (files.length > 0) return [...new Set(files)];
  throw new SecretsError('UNKNOWN_SECRET', `${name} receives no secret`);
}

function fileOf(secret: Secret): string {
  refusePending(secret);
  return secret.file;
}
