import { SecretsError } from '../../errors.ts';
import { audienceOf } from '../../workspace/rules.ts';
import type { Draft } from '../draft.ts';
import type { FileState } from '../drift/governed.ts';
import { keySet } from './affected.ts';

/**
 * Says, or refuses, that the person at the keyboard cannot open afterwards what is rekeyed. A key that takes the
 * place of their own may lie elsewhere, which is said; without one there is no way back.
 *
 * @param files what gets a new data key
 * @throws SecretsError `OWN_KEY`
 */
export async function lockedOut(
  draft: Draft,
  loss: { readonly who: string; readonly keys: readonly string[]; readonly next?: string },
  files: readonly FileState[],
): Promise<void> {
  if (files.length === 0) return;
  const own = await ownKeys(draft);
  // Of an identity whose public half is not known nobody can say what it opens.
  if (own === null) return;
  const lost = keySet(loss.keys);
  if (!own.some(key => lost.has(key))) return;
  const staying = keySet(own.filter(key => !lost.has(key)));
  const closed = files.filter(({ rule }) => rule !== null && !audienceOf(rule).some(key => staying.has(key)));
  const [first] = closed;
  if (first === undefined) return;
  if (loss.next !== undefined) {
    draft.note(
      `${loss.who} is your own, and none of your key sources has the new one: without it you open ${first.path}${closed.length > 1 ? ` and ${closed.length - 1} more` : ''} no longer (secrets key list)`,
    );
    return;
  }
  throw new SecretsError(
    'OWN_KEY',
    `${loss.who} is your own key: you would lock yourself out of ${first.path}`,
    {
      hint: 'somebody with another key that reads it can do this; see `secrets key list`',
    },
  );
}

/** The public halves of the identities at hand; `null` where one of them does not say. */
async function ownKeys(draft: Draft): Promise<string[] | null> {
  const { identities, guarded = [] } = await draft.workspace.around.identities();
  const keys = [...identities, ...guarded].map(({ recipient }) => recipient);
  const known = keys.filter(key => typeof key === 'string');
  return known.length === keys.length ? known : null;
}
