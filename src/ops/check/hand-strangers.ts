import type { Draft } from '../draft.ts';
import { type CheckFinding, finding } from './finding.ts';
import type { Reader } from './hand-host.ts';

/**
 * Configurations that `hosts:` does not have under any name, though they declare secrets. A repository without that section names keys alone, and nothing is said.
 */
export function strangers(draft: Draft, readers: readonly Reader[]): CheckFinding[] {
  const { inventory } = draft;
  if (![...inventory.hosts.values()].some(({ declared }) => declared)) return [];
  return readers.flatMap(({ paired, hand, declares }) => {
    const { name, recipient } = paired;
    const isKnown = paired.host?.declared === true || hand === null || hand.inside !== null;
    // the key of a person is that of their profiles too
    if (isKnown || (recipient !== null && hand.platform === 'home')) return [];
    const place = declares.secrets[0]?.place;
    if (place === undefined) return [];
    const why =
      recipient === null
        ? 'nobody encrypts for it'
        : 'only a key has that name, so that nothing is given to it or kept up to date';
    const message = `${name} declares secrets, and .sops.yaml has no such host: ${why}`;
    const fix = `secrets host add ${name.split('@')[0] ?? name}`;
    return [finding('host-unknown', { file: place.path, line: place.line, host: name }, message, fix)];
  });
}
