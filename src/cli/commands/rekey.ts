import { ExitCode, SecretsError } from '../../errors.ts';
import { Draft } from '../../ops/draft.ts';
import type { FileState } from '../../ops/drift/governed.ts';
import { syncDraft } from '../../ops/drift/sync.ts';
import { refusePending } from '../../ops/secrets/pending.ts';
import type { Workspace } from '../../ops/workspace.ts';
import type { Secret } from '../../workspace/model.ts';
import { checkHost, findSecret } from '../../workspace/secrets.ts';
import { confirmAndApply } from '../confirmed.ts';
import { progress } from '../progress.ts';
import { newSession, type WriteOptions } from '../session.ts';
import type { World } from '../world.ts';
import { count, noteLeft } from './sync.ts';

interface RekeyOptions extends WriteOptions {
  readonly host?: string | undefined;
  readonly all?: boolean | undefined;
  readonly skipUnreadable?: boolean | undefined;
}

/** `secrets rekey` */
export async function runRekey(
  world: World,
  names: readonly string[],
  options: RekeyOptions,
): Promise<number> {
  const session = newSession(world, options);
  if (names.length === 0 && options.host === undefined && options.all !== true) {
    throw new SecretsError('USAGE', 'nothing to rekey was named', {
      hint: 'secrets rekey NAME, secrets rekey --host HOST, or secrets rekey --all',
    });
  }
  const { made } = await confirmAndApply(
    session,
    async workspace => {
      const draft = new Draft(workspace);
      const chosen = chosenFiles(workspace, names, options);
      const synced = await syncDraft(draft, {
        only: chosen === null ? [] : [...chosen],
        rekey: isRuled,
        skipUnreadable: options.skipUnreadable,
        onProgress: progress(world, 'reading', options),
      });
      noteLeft(draft, synced);
      draft.note(
        'who had the old data key may have the values: new data keys protect what is written from now on, `secrets rotate` makes new values',
      );
      return { plan: draft.toPlan(), synced };
    },
    options,
    {
      ask: ({ synced }) => `give ${count(synced.changed.length, 'file')} a new data key?`,
      unattended: 'to see the plan: add --dry-run; to carry it out: add --yes',
    },
  );
  return made.synced.left.length + made.synced.unreadable.length > 0 ? ExitCode.findings : ExitCode.ok;
}

function isRuled(state: FileState): boolean {
  return state.state === 'ok' || state.state === 'drifted';
}

function fileOf(secret: Secret): string {
  refusePending(secret);
  return secret.file;
}

/** `null`: all of them. */
function chosenFiles(
  workspace: Workspace,
  names: readonly string[],
  { host, all }: RekeyOptions,
): Set<string> | null {
  if (all === true) return null;
  const { secrets, inventory } = workspace;
  if (names.length > 0) return new Set(names.map(name => fileOf(findSecret(secrets, name, host))));
  const { name } = checkHost(inventory, host ?? '');
  const files = new Set(secrets.filter(secret => secret.hosts.includes(name)).map(secret => secret.file));
  if (files.size > 0) return files;
  throw new SecretsError('UNKNOWN_SECRET', `${name} receives no secret`);
}
