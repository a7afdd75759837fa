import { SecretsError } from '../../errors.ts';
import { Redacted } from '../../redacted.ts';
import type { RunProgram } from '../ports.ts';

/** `$y$PARAMETERS$SALT$HASH` as crypt(5) has it. */
const YESCRYPT = /^\$y\$[./A-Za-z0-9]+\$[./A-Za-z0-9]{1,86}\$[./A-Za-z0-9]{43}$/;
const PROGRAM = 'mkpasswd';

/**
 * The yescrypt hash of a password, made by the program `mkpasswd`, which reads the password on stdin: neither argv
 * nor the environment has it.
 *
 * @throws SecretsError `PROGRAM_FAILED` (not installed, too old for yescrypt, or it gave something else)
 */
export async function yescryptHash(password: Redacted<string>, run: RunProgram): Promise<Redacted<string>> {
  const input = new Redacted(`${password.reveal()}\n`);
  const result = await run([PROGRAM, '--method=yescrypt', '--stdin'], input);
  if (result === null) {
    throw new SecretsError('PROGRAM_FAILED', 'the program mkpasswd is not installed', {
      hint: 'get it with `nix shell nixpkgs#mkpasswd` (Debian: the package whois), then run the command again',
    });
  }
  const hash = result.stdout.replace(/\r?\n$/, '');
  if (result.status === 0 && YESCRYPT.test(hash)) return new Redacted(hash);
  throw new SecretsError('PROGRAM_FAILED', 'mkpasswd made no yescrypt hash', {
    hint: 'another program has that name, or it is too old: `nix shell nixpkgs#mkpasswd` has one that works',
  });
}
