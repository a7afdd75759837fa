import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import type { KeyPair } from './fleet-state.ts';
import type { Sandbox } from './sandbox.ts';

/** A repository that stock sops encrypted: an admin, hosts, files of a host each in turn. */
export interface StockFleet {
  readonly admin: KeyPair;
  /** By name; the first is `megumu`. */
  readonly hosts: ReadonlyMap<string, KeyPair>;
}

/** A throw-away key pair. */
export async function newPair(): Promise<KeyPair> {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

/**
 * Lays out a fleet in the work folder of a sandbox and commits it; the admin's key is where sops looks for it.
 *
 * @param files how many, dealt to the hosts in turn
 */
export async function makeStockFleet(
  sandbox: Sandbox,
  files: number,
  names: readonly string[],
): Promise<StockFleet> {
  const admin = await newPair();
  const hosts = new Map<string, KeyPair>();
  for (const name of names) hosts.set(name, await newPair());
  const folder = join(sandbox.home, '.config/sops/age');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'keys.txt'), `${admin.identity}\n`, { mode: 0o600 });
  writeFileSync(join(sandbox.work, '.sops.yaml'), configOf(admin, hosts));
  for (const name of names) mkdirSync(join(sandbox.work, 'secrets', name), { recursive: true });
  for (let index = 0; index < files; index++) {
    const path = `secrets/${names[index % names.length] ?? ''}/value${index}.yaml`;
    writeFileSync(join(sandbox.work, path), `value${index}: number ${index}\n`);
    const { status, stderr } = await sandbox.run(['sops', 'encrypt', '-i', path]);
    if (status !== 0) throw new Error(stderr.toString());
  }
  await sandbox.run(['git', 'init', '-q']);
  const { status, stderr } = await sandbox.secrets(['nix']);
  if (status !== 0) throw new Error(stderr.toString());
  await sandbox.run(['git', 'add', '-A']);
  await sandbox.run(['git', 'commit', '-qm', 'begin']);
  return { admin, hosts };
}

function configOf(admin: KeyPair, hosts: ReadonlyMap<string, KeyPair>): string {
  const names = [...hosts.keys()];
  const keys = [...hosts].map(([name, { recipient }]) => `  - &${name} ${recipient}\n`).join('');
  const entries = names.map(name => `  ${name}: { platform: nixos }\n`).join('');
  const rules = names
    .map(name => `  - path_regex: ^secrets/${name}/\n    key_groups:\n      - age: [*kamov, *${name}]\n`)
    .join('');
  return `keys:\n  - &kamov ${admin.recipient}\n${keys}\nadmins: [kamov]\n\nhosts:\n${entries}\ncreation_rules:\n${rules}`;
}
