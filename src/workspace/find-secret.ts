import { SecretsError } from '../errors.ts';
import { nearest } from '../suggest.ts';
import type { Secret } from './model.ts';
import { parseReference } from './names.ts';
import { shown, shownList } from './shown.ts';

/**
 * The secret that was meant: by its address, by its name where one secret has it (on that host, if one is
 * given), or by its file where the file holds no other.
 *
 * @throws SecretsError `BAD_NAME`, `UNKNOWN_SECRET` with the nearest name, `AMBIGUOUS_NAME` with the addresses,
 * `NAME_COLLISION` where two files have one address
 */
export function findSecret(secrets: readonly Secret[], reference: string, host?: string): Secret {
  const { text } = parseReference(reference);
  const here = host === undefined ? secrets : secrets.filter(secret => secret.hosts.includes(host));
  const [byAddress, ...twins] = here.filter(secret => secret.address === text);
  if (byAddress !== undefined) {
    if (twins.length > 0) throw twoFiles(byAddress, twins);
    return byAddress;
  }
  const byName = here.filter(secret => secret.name === text);
  const found = byName.length > 0 ? byName : here.filter(secret => secret.file === text);
  const [only, ...others] = found;
  if (only === undefined) throw unknownSecret(secrets, here, text, host);
  if (others.length > 0) throw ambiguous(found, text);
  return only;
}

function twoFiles(secret: Secret, twins: readonly Secret[]): SecretsError {
  const files = [secret, ...twins].map(twin => twin.file);
  return new SecretsError('NAME_COLLISION', `${secret.address} lies in several files: ${shownList(files)}`, {
    hint: `keep one of them: git rm ${files.at(-1) ?? ''}`,
  });
}

function ambiguous(found: readonly Secret[], text: string): SecretsError {
  const addresses = found.map(secret => secret.address);
  return new SecretsError(
    'AMBIGUOUS_NAME',
    `${shown(text)} is ${found.length} secrets: ${shownList(addresses)}`,
    {
      hint: `use the address (${addresses[0] ?? ''}) or --host`,
    },
  );
}

function unknownSecret(
  secrets: readonly Secret[],
  here: readonly Secret[],
  text: string,
  host: string | undefined,
): SecretsError {
  const elsewhere = secrets.filter(secret => secret.name === text || secret.address === text);
  const [first] = elsewhere;
  if (first !== undefined && host !== undefined) {
    const receivers = [...new Set(elsewhere.flatMap(secret => secret.hosts))].sort();
    const who = receivers.length === 0 ? 'no host receives it' : `${shownList(receivers)} receives it`;
    return new SecretsError('UNKNOWN_SECRET', `${shown(host)} does not receive ${shown(text)}, ${who}`, {
      hint: `leave --host out, or name it by its address: ${first.address}`,
    });
  }
  const near = nearest(text, new Set(here.flatMap(secret => [secret.name, secret.address])));
  const where = host === undefined ? '' : ` on ${shown(host)}`;
  return new SecretsError('UNKNOWN_SECRET', `no secret${where} is called ${shown(text)}`, {
    hint: near === null ? '`secrets list` shows all of them' : `did you mean ${near}?`,
  });
}
