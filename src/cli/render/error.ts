import { SecretsError } from '../../errors.ts';

/** An error as people see it: `secrets: error: FILE:LINE:COLUMN: message [CODE]`, then the hint. */
export function renderError(error: SecretsError): string {
  const place = [error.file, error.line, error.column].filter(part => part !== undefined).join(':');
  const where = place === '' || error.message.includes(place) ? '' : `${place}: `;
  const lines = [`secrets: error: ${where}${error.message} [${error.code}]`];
  if (error.hint !== undefined) lines.push(`secrets: hint: ${error.hint}`);
  return lines.join('\n');
}

/** The same for `--json`. */
export function errorJson(error: SecretsError): unknown {
  const { code, message, hint = null, file = null, line = null } = error;
  return { error: { code, message, hint, file, line } };
}

/**
 * Anything thrown, as a {@link SecretsError}. The text of an unexpected error is not shown: nobody has looked
 * whether it holds a value.
 */
export function asSecretsError(thrown: unknown): SecretsError {
  if (thrown instanceof SecretsError) return thrown;
  const code = systemCode(thrown);
  if (code !== null) return new SecretsError('READ_FAILED', `the system refused: ${code}`, { cause: thrown });
  const kind = thrown instanceof Error ? thrown.name : typeof thrown;
  return new SecretsError('INTERNAL', `an unexpected error (${kind})`, {
    cause: thrown,
    hint: 'this is a bug; run it again with SECRETS_TRACE=1 to see where, and look at the trace before you share it',
  });
}

function systemCode(thrown: unknown): string | null {
  if (!(thrown instanceof Error) || !('code' in thrown) || typeof thrown.code !== 'string') return null;
  return /^E[A-Z]+$/.test(thrown.code) ? thrown.code : null;
}
