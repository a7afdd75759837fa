import { posix, win32 } from 'node:path';
import { SecretsError } from '../errors.ts';

/** The environment variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where stock sops looks for age identities when no variable says otherwise, `…/sops/age/keys.txt`.
 *
 * @param homedir absolute
 * @throws SecretsError `BAD_PATH` where the folder cannot be told. A relative `XDG_CONFIG_HOME` is refused on
 * every platform: a key must not land in whatever folder the command runs in
 */
export function defaultKeyFile(env: Environment, platform: NodeJS.Platform, homedir: string): string {
  const path = platform === 'win32' ? win32 : posix;
  return path.join(configFolder(env, platform, homedir), 'sops', 'age', 'keys.txt');
}

function configFolder(env: Environment, platform: NodeJS.Platform, homedir: string): string {
  if (platform === 'win32')
    return absolute('AppData', env['AppData'] ?? env['APPDATA'] ?? '', win32.isAbsolute);
  const configured = env['XDG_CONFIG_HOME'] ?? '';
  if (configured !== '') return absolute('XDG_CONFIG_HOME', configured, posix.isAbsolute);
  const home = absolute('HOME', homedir, posix.isAbsolute);
  return platform === 'darwin'
    ? posix.join(home, 'Library', 'Application Support')
    : posix.join(home, '.config');
}

function absolute(name: string, value: string, isAbsolute: (path: string) => boolean): string {
  if (isAbsolute(value)) return value;
  const what = value === '' ? 'is not set' : 'is not an absolute path';
  throw new SecretsError('BAD_PATH', `${name} ${what}, so there is no place to look for age keys`, {
    hint: 'set SOPS_AGE_KEY_FILE to the path of your key',
  });
}

/** The ssh key that sops reads without being told. */
export function defaultSshKey(platform: NodeJS.Platform, homedir: string): string {
  return (platform === 'win32' ? win32 : posix).join(homedir, '.ssh', 'id_ed25519');
}
