import { sshFingerprint, sshPublicKeyToRecipient } from '../../age/ssh.ts';
import { SecretsError } from '../../errors.ts';
import type { RunProgram } from '../ports.ts';

/** A host key as the network showed it, and what this machine knows of it. */
export interface ScannedKey {
  readonly recipient: string;
  /** `SHA256:…`, as ssh shows it. */
  readonly fingerprint: string;
  /** `known`: a known_hosts entry equals it. `unknown`: there is none. A different one is an error. */
  readonly trust: 'known' | 'unknown';
}

const SECONDS = 8;

/**
 * Asks a machine for its ed25519 host key with ssh-keyscan and compares it with known_hosts.
 *
 * @param knownHosts absolute paths of known_hosts files; one that is not there knows nothing
 * @param target `HOST` or `HOST:PORT`, IPv6 in brackets
 * @throws SecretsError `HOST_UNREACHABLE`, `PROGRAM_FAILED` (no ssh-keyscan), `HOST_KEY_MISMATCH`
 */
export async function scanHostKey(
  target: string,
  knownHosts: readonly string[],
  run: RunProgram,
): Promise<ScannedKey> {
  const { host, port } = parseTarget(target);
  const line = await scannedLine(host, port, run);
  const recipient = sshPublicKeyToRecipient(line);
  const fingerprint = sshFingerprint(line);
  const known = await knownFingerprints(host, port, knownHosts, run);
  if (known.includes(fingerprint)) return { recipient, fingerprint, trust: 'known' };
  if (known.length === 0) return { recipient, fingerprint, trust: 'unknown' };
  throw new SecretsError(
    'HOST_KEY_MISMATCH',
    `${target} shows ${fingerprint}, known_hosts has ${known.join(', ')}`,
    {
      hint: `find out why before you trust it; if the machine was reinstalled: ssh-keygen -R ${port === 22 ? host : `'[${host}]:${port}'`}`,
    },
  );
}

/** Splits `HOST[:PORT]`; what begins with a dash would be an option to ssh-keyscan. */
function parseTarget(target: string): { host: string; port: number } {
  const match = /^(?:\[([0-9A-Fa-f:.%a-z]+)\]|([^\s:[\]]+)|([0-9A-Fa-f:]+))(?::(\d{1,5}))?$/.exec(target);
  const host = match?.[1] ?? match?.[2] ?? match?.[3];
  const port = Number(match?.[4] ?? 22);
  if (host === undefined || host.startsWith('-') || port < 1 || port > 65535) {
    throw new SecretsError('USAGE', `${JSON.stringify(target)} is no HOST or HOST:PORT`, {
      hint: 'for example --ssh megumu.example.org:2222',
    });
  }
  return { host, port };
}

async function scannedLine(host: string, port: number, run: RunProgram): Promise<string> {
  const result = await run([
    'ssh-keyscan',
    '-T',
    String(SECONDS),
    '-t',
    'ed25519',
    '-p',
    String(port),
    '--',
    host,
  ]);
  if (result === null) {
    throw new SecretsError('PROGRAM_FAILED', 'ssh-keyscan is not installed', {
      hint: 'install OpenSSH, or copy /etc/ssh/ssh_host_ed25519_key.pub from the machine and use --ssh-key FILE',
    });
  }
  const line = result.stdout.split('\n').find(text => text.includes(' ssh-ed25519 '));
  if (line !== undefined) return line;
  throw new SecretsError(
    'HOST_UNREACHABLE',
    `${host} port ${port} showed no ed25519 host key within ${SECONDS} s`,
    {
      hint: 'is the machine up, and does its sshd have an ed25519 key? else use --ssh-key FILE or --age KEY',
    },
  );
}

/**
 * The age recipients of the keys that known_hosts has for a machine; asks nobody.
 *
 * @throws SecretsError `USAGE`, `HOST_KEY_MISMATCH` where a key is marked as revoked
 */
export async function knownRecipients(
  target: string,
  knownHosts: readonly string[],
  run: RunProgram,
): Promise<string[]> {
  const { host, port } = parseTarget(target);
  return (await knownLines(host, port, knownHosts, run)).map(line => sshPublicKeyToRecipient(line));
}

async function knownFingerprints(
  host: string,
  port: number,
  files: readonly string[],
  run: RunProgram,
): Promise<string[]> {
  return (await knownLines(host, port, files, run)).map(line => sshFingerprint(line));
}

/** The ed25519 entries for the host, hashed ones too: `ssh-keygen -F` reads the files. */
async function knownLines(
  host: string,
  port: number,
  files: readonly string[],
  run: RunProgram,
): Promise<string[]> {
  const name = port === 22 ? host : `[${host}]:${port}`;
  const results = await Promise.all(files.map(file => run(['ssh-keygen', '-F', name, '-f', file])));
  const lines = results
    .map(result => result?.stdout ?? '')
    .join('\n')
    .split('\n')
    .filter(line => line.includes(' ssh-ed25519 ') && !line.startsWith('#'));
  const revoked = lines.find(line => line.startsWith('@revoked'));
  if (revoked !== undefined) {
    throw new SecretsError('HOST_KEY_MISMATCH', `known_hosts marks a key of ${host} as revoked`, {
      hint: 'look at ~/.ssh/known_hosts first',
    });
  }
  return lines.filter(line => !line.startsWith('@'));
}
