import { ExitCode, SecretsError } from '../../errors.ts';
import { isWhole, leftNotes } from '../../ops/drift/sync.ts';
import { planRekey } from '../../ops/secrets/rekey.ts';
import { confirmAndApply } from '../confirmed.ts';
import { progress } from '../progress.ts';
import { newSession, type WriteOptions } from '../session.ts';
import type { World } from '../world.ts';

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
  const how = { skipUnreadable: options.skipUnreadable, onProgress: progress(world, 'reading', options) };
  const { made } = await confirmAndApply(
    session,
    async workspace => {
      const { plan, synced } = await planRekey(workspace, { ...options, names }, how);
      return { plan: { ...plan, notes: [...leftNotes(synced), ...plan.notes] }, synced };
    },
    options,
    {
      ask: ({ synced: { changed } }) =>
        `give ${changed.length} ${changed.length === 1 ? 'file' : 'files'} a new data key?`,
      unattended: 'to see the plan: add --dry-run; to carry it out: add --yes',
    },
  );
  return isWhole(made.synced) ? ExitCode.ok : ExitCode.findings;
}
