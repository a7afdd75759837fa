import type { Redacted } from '../redacted.ts';
import type { Terminal } from './terminal.ts';

/**
 * Asks for a value without showing it, and a second time, because a slip of the finger is not seen. A pasted
 * value is asked once: a paste has no slips.
 *
 * @throws SecretsError `INTERRUPTED`, `BAD_VALUE` (too large, not UTF-8, never the same twice), `USAGE` (no terminal)
 */
export function confirmedHidden(terminal: Terminal, prompt: string): Promise<Redacted<string>> {
  return terminal.readHidden(prompt, { again: 'the same once more: ' });
}
