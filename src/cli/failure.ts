import { ExitCode } from '../errors.ts';
import { asSecretsError, errorJson, renderError } from './render/error.ts';
import type { Talk } from './talk.ts';
import type { World } from './world.ts';

/**
 * Says what went wrong.
 *
 * @returns the exit status; nothing is thrown, also where nobody listens any more
 */
export async function fail(thrown: unknown, talk: Talk, world: World): Promise<number> {
  try {
    const error = asSecretsError(thrown);
    if (talk.json) await talk.outJson(errorJson(error));
    await talk.say(renderError(error));
    if (world.env['SECRETS_TRACE'] === '1' && thrown instanceof Error) await talk.say(thrown.stack ?? '');
    return error.exit;
  } catch {
    return ExitCode.failure;
  }
}
