import { shortRecipient } from '../../age/recipient.ts';
import { SecretsError } from '../../errors.ts';
import type { Host } from '../../workspace/model.ts';
import type { RunProgram } from '../ports.ts';
import { knownRecipients, scanHostKey } from './ssh-scan.ts';

/** Whether the key that a machine has is the one in `.sops.yaml`. */
export interface HostVerdict {
  readonly host: string;
  /** `unknown`: nothing to compare with. */
  readonly state: 'ok' | 'drift' | 'unknown';
  /** For people. */
  readonly detail: string;
}

/** How a machine is asked. */
export interface VerifyOptions {
  /** `HOST[:PORT]` for ssh. */
  readonly target: string;
  readonly knownHosts: readonly string[];
  /** True: only known_hosts is looked at. */
  readonly offline: boolean;
}

/**
 * Compares the recorded key of a host with the ed25519 host key that the machine shows, or that known_hosts has.
 * An unreachable machine is `unknown`.
 */
export async function verifyHost(host: Host, options: VerifyOptions, run: RunProgram): Promise<HostVerdict> {
  if (host.recipient === null) return verdict(host, 'unknown', 'has no key in .sops.yaml');
  try {
    const shown = options.offline
      ? await knownRecipients(options.target, options.knownHosts, run)
      : [(await scanHostKey(options.target, options.knownHosts, run)).recipient];
    return compare(host, host.recipient, shown, options.offline ? 'known_hosts has' : 'the machine shows');
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    return verdict(host, error.code === 'HOST_KEY_MISMATCH' ? 'drift' : 'unknown', error.message);
  }
}

function compare(host: Host, recorded: string, shown: readonly string[], where: string): HostVerdict {
  const [first] = shown;
  if (first === undefined) return verdict(host, 'unknown', 'known_hosts has no ed25519 key of it');
  if (shown.includes(recorded)) return verdict(host, 'ok', shortRecipient(recorded));
  const difference = `${where} ${shortRecipient(first)}, .sops.yaml has ${shortRecipient(recorded)}`;
  return verdict(host, 'drift', difference);
}

function verdict(host: Host, state: HostVerdict['state'], detail: string): HostVerdict {
  return { host: host.name, state, detail };
}
