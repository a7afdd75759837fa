import { createHash } from 'node:crypto';
import { SecretsError } from '../../errors.ts';
import type { Host, Secret } from '../../workspace/model.ts';
import { optionsFor } from '../../workspace/secrets.ts';
import type { RunProgram } from '../ports.ts';
import { readValue } from '../secrets/read-value.ts';
import type { Workspace } from '../workspace.ts';

/** How one secret on a machine compares with the repository. */
export interface DeployedSecret {
  readonly address: string;
  /** `absent`: the machine has no file there that the ssh user may read. */
  readonly state: 'same' | 'differs' | 'absent';
}

/** Where sops-nix puts secrets that say no path of their own. */
const FOLDER = {
  nixos: '/run/secrets',
  darwin: '/run/secrets',
  home: '"$HOME"/.config/sops-nix/secrets',
} as const;
const HASH = /^[0-9a-f]{64}$/;

/**
 * Compares what lies on a machine with what the repository holds for it, by SHA-256: no value leaves either. Runs
 * `ssh TARGET` with one command, so the ssh user has to be allowed to read the files.
 *
 * @param sudo true: the files are read through `sudo -n`
 * @throws SecretsError `NO_IDENTITY`, `HOST_UNREACHABLE`, `PROGRAM_FAILED` (no ssh)
 */
export async function compareDeployed(
  workspace: Workspace,
  host: Host,
  how: { readonly target: string; readonly sudo: boolean },
  run: RunProgram,
): Promise<DeployedSecret[]> {
  const secrets = workspace.secrets.filter(
    // there is nothing yet that could lie there
    secret => secret.hosts.includes(host.name) && secret.pending !== true,
  );
  const expected = await Promise.all(
    secrets.map(async secret => hashOf((await readValue(workspace, secret)).reveal())),
  );
  const found = await remoteHashes(
    secrets.map(secret => pathOf(workspace, secret, host)),
    how,
    run,
  );
  return secrets.map((secret, index) => ({
    address: secret.address,
    state: found[index] === null ? 'absent' : found[index] === expected[index] ? 'same' : 'differs',
  }));
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A word of a POSIX shell. */
function pathOf({ inventory }: Workspace, secret: Secret, host: Host): string {
  const { path, neededForUsers } = optionsFor(inventory, secret, host.name);
  if (path !== undefined) return quoted(path);
  const folder = neededForUsers === true ? '/run/secrets-for-users' : FOLDER[host.platform];
  return `${folder}/${quoted(secret.name)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** One line for each path, in order: its hash, or `-`. */
async function remoteHashes(
  paths: readonly string[],
  { target, sudo }: { readonly target: string; readonly sudo: boolean },
  run: RunProgram,
): Promise<(string | null)[]> {
  if (paths.length === 0) return [];
  if (target.startsWith('-')) throw new SecretsError('USAGE', 'an ssh target does not begin with a dash');
  const read = sudo ? 'sudo -n cat --' : 'cat --';
  const sum = '{ sha256sum 2>/dev/null || shasum -a 256; }';
  const script = `for f in ${paths.join(' ')}; do h=$(${read} "$f" 2>/dev/null | ${sum}); ${existing(read)} && echo "\${h%% *}" || echo -; done`;
  const [, name = target, port] = /^(.*[^:]):(\d{1,5})$/.exec(target) ?? [];
  const where = port === undefined ? [] : ['-p', port];
  const options = ['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10', ...where];
  const result = await run(['ssh', ...options, '--', name, script]);
  if (result === null) throw new SecretsError('PROGRAM_FAILED', 'ssh is not installed');
  const lines = result.stdout.split('\n').slice(0, -1);
  if (result.status !== 0 || lines.length !== paths.length) {
    throw new SecretsError(
      'HOST_UNREACHABLE',
      `ssh ${target} did not answer as expected (status ${result.status})`,
      {
        hint: `try \`ssh ${target} true\`; the key has to be in known_hosts, and no password may be asked`,
      },
    );
  }
  return lines.map(line => (HASH.test(line) ? line : null));
}

function existing(read: string): string {
  return `${read} "$f" >/dev/null 2>&1`;
}
