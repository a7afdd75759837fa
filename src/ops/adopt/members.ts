import type { FlakeHost } from '../../workspace/flake-host.ts';
import type { KeyContext } from '../../workspace/key-context.ts';
import type { Inventory, Platform } from '../../workspace/model.ts';
import { canonicalRecipient } from '../../workspace/parse-keys.ts';
import { pairHosts } from '../check/evaluated-hosts.ts';
import type { Judgement } from './evidence.ts';
import { FreeNames, namesOfRawKey } from './names.ts';
import { bareName } from './words.ts';

/** Somebody who reads secrets, and why that is believed. */
export interface Member {
  readonly name: string;
  readonly recipient: string;
  /** The anchor that the key has; `null`: it gets the name. */
  readonly anchor: string | null;
  readonly why: readonly string[];
}

/** A machine, or a profile of home-manager. */
export interface HostMember extends Member {
  readonly platform: Platform;
}

/** Who is who, as far as that can be seen. */
export interface Members {
  readonly admins: readonly Member[];
  readonly hosts: readonly HostMember[];
  /** Keys of which nobody can tell. */
  readonly unclear: readonly Member[];
  readonly notes: readonly string[];
}

/**
 * Proposes admins and hosts. What `.sops.yaml` says already stays as it is.
 *
 * @param readersOf who reads the files that a configuration declares, one canonical set for each
 */
export function proposeMembers(
  inventory: Inventory,
  judgements: readonly Judgement[],
  flakes: readonly FlakeHost[],
  readersOf: (flake: FlakeHost) => readonly ReadonlySet<string>[],
): Members {
  return new Proposal(inventory, judgements).members(pairHosts(inventory, flakes, readersOf));
}

type Paired = ReturnType<typeof pairHosts>[number];

class Proposal {
  readonly #inventory: Inventory;
  readonly #judgements: readonly Judgement[];
  readonly #names: FreeNames;
  readonly #admins: Member[] = [];
  readonly #hosts: HostMember[] = [];
  readonly #notes: string[] = [];
  /** Canonical keys that bear a declared host, or one that is proposed. */
  readonly #ofHosts: Set<string>;
  readonly #ofAdmins: Set<string>;

  constructor(inventory: Inventory, judgements: readonly Judgement[]) {
    this.#inventory = inventory;
    this.#judgements = judgements;
    const declared = [...inventory.hosts.values()].filter(host => host.declared);
    this.#ofHosts = keysOf(declared.map(({ recipient }) => recipient));
    this.#ofAdmins = keysOf(inventory.admins.map(name => inventory.recipientOf(name)));
    this.#names = new FreeNames([
      ...inventory.admins,
      ...declared.map(({ name }) => name),
      ...inventory.groups.keys(),
      ...inventory.keys.map(({ name }) => name),
    ]);
  }

  members(paired: readonly Paired[]): Members {
    const machines = paired.filter(({ flake }) => flake.platform !== 'home');
    for (const each of machines) this.#machine(each);
    for (const { key, role, why } of this.#judgements)
      if (role === 'admin' && !this.#isKnown(key)) this.#admin(key, why);
    for (const each of paired) if (each.flake.platform === 'home') this.#profile(each, machines);
    for (const { key, role, why } of this.#judgements)
      if (role === 'host' && !this.#isKnown(key)) this.#host(key, [], 'nixos', why);
    const unclear = this.#judgements.filter(({ key }) => !this.#isKnown(key));
    return {
      admins: this.#admins,
      hosts: this.#hosts,
      unclear: unclear.map(({ key, why }) => ({ ...this.#named(key), why })),
      notes: this.#notes,
    };
  }

  #machine({ flake, recipient }: Paired): void {
    const key = this.#keyOf(recipient);
    if (key === null) {
      if (flake.secrets.length > 0) this.#notes.push(noKey(flake));
      return;
    }
    if (this.#ofHosts.has(canonicalRecipient(key.recipient))) return;
    const role = this.#judgements.find(each => each.key === key)?.role ?? null;
    // a machine that nobody knows by name may be one of several that a person's key opens files for
    if (role === 'admin' && recipient !== this.#inventory.recipientOf(flake.name.toLowerCase())) return;
    const why = [
      `${flake.platform === 'darwin' ? 'darwinConfigurations' : 'nixosConfigurations'} has ${flake.name}`,
    ];
    this.#host(key, [flake.name.toLowerCase()], flake.platform, why);
  }

  /** A profile has a key of its own, or that of its person. */
  #profile({ flake, recipient, host }: Paired, machines: readonly Paired[]): void {
    if (flake.secrets.length === 0) return;
    const key = this.#keyOf(recipient ?? host?.recipient ?? null);
    if (key === null) {
      this.#notes.push(noKey(flake));
      return;
    }
    const canonical = canonicalRecipient(key.recipient);
    if (this.#ofHosts.has(canonical)) return;
    const [user = flake.name, at = null] = flake.name.toLowerCase().split('@');
    const machine = flake.inside?.toLowerCase() ?? at;
    const isMachine = machines.some(each => each.flake.name.toLowerCase() === machine);
    const names = [isMachine ? null : machine, machine === null ? `${user}-home` : `${user}-${machine}`];
    const own = this.#ofAdmins.has(canonical) ? [] : key.names.map(bareName);
    const likely = new Set([user, machine, `${user}_${machine}`, `${machine}_${user}`]);
    const called = own.filter(name => likely.has(name.replaceAll('-', '_')));
    const where =
      flake.inside === null
        ? `homeConfigurations has ${flake.name}`
        : `${flake.inside} has a profile of ${flake.name}`;
    this.#host(
      key,
      [...called, ...names].filter(name => name !== null),
      'home',
      [where],
    );
  }

  #host(key: KeyContext, wanted: readonly string[], platform: Platform, why: readonly string[]): void {
    const anchor = key.names[0] ?? null;
    const isPersons = this.#ofAdmins.has(canonicalRecipient(key.recipient));
    if (!isPersons) for (const name of key.names) this.#names.release(name);
    const own = isPersons ? [] : [...key.names.map(bareName), ...key.names.map(name => name.toLowerCase())];
    const name = this.#names.take([...wanted, ...own, ...(anchor === null ? namesOfRawKey(key) : [])]);
    if (name === null) {
      this.#notes.push(
        `${anchor ?? 'a key without a name'} seems to be a host, and no name is free for it: secrets host add NAME`,
      );
      return;
    }
    this.#ofHosts.add(canonicalRecipient(key.recipient));
    this.#hosts.push({ name, recipient: key.recipient, anchor, platform, why });
  }

  #admin(key: KeyContext, why: readonly string[]): void {
    this.#ofAdmins.add(canonicalRecipient(key.recipient));
    this.#admins.push({ ...this.#named(key), why });
  }

  #named(key: KeyContext): Omit<Member, 'why'> {
    const anchor = key.names[0] ?? null;
    return {
      name: anchor ?? this.#names.take(namesOfRawKey(key)) ?? 'key',
      recipient: key.recipient,
      anchor,
    };
  }

  #isKnown({ recipient }: KeyContext): boolean {
    const canonical = canonicalRecipient(recipient);
    return this.#ofHosts.has(canonical) || this.#ofAdmins.has(canonical);
  }

  #keyOf(recipient: string | null): KeyContext | null {
    const canonical = recipient === null ? null : canonicalRecipient(recipient);
    const found = this.#judgements.find(({ key }) => canonicalRecipient(key.recipient) === canonical);
    return found?.key ?? null;
  }
}

function keysOf(recipients: readonly (string | null)[]): Set<string> {
  return new Set(recipients.filter(recipient => recipient !== null).map(canonicalRecipient));
}

function noKey({ name, platform, inside }: FlakeHost): string {
  const what = platform === 'home' ? `the profile ${inside === null ? name : `${name} on ${inside}`}` : name;
  const kind = platform === 'nixos' ? '' : ` --platform ${platform}`;
  return `${what} declares secrets, and no key in .sops.yaml is known to be its own: secrets host add NAME${kind}`;
}
