import { SecretsError } from '../errors.ts';
import type { Platform, SecretOptions } from '../workspace/model.ts';
import type { NixEntry, NixExpr } from './print.ts';
import { normalizeUnit } from './units.ts';

/** Where an option is said: for whom, and of which secret. */
export interface OptionPlace {
  readonly host: string;
  readonly platform: Platform;
  readonly secret: string;
}

const PLATFORM_NAMES: Readonly<Record<Platform, string>> = {
  nixos: 'NixOS',
  darwin: 'nix-darwin',
  home: 'home-manager',
};

/** What sops-nix takes where nothing is said: an option with this value is not written. */
const DEFAULT_OWNER: Readonly<Record<Platform, string | null>> = { nixos: null, darwin: 'root', home: null };
const DEFAULT_GROUP: Readonly<Record<Platform, string | null>> = { nixos: null, darwin: 'staff', home: null };
const DEFAULT_MODE = '0400';

/**
 * The options of one secret as Nix, in a fixed order, without those that say what sops-nix does anyway.
 *
 * @throws SecretsError `BAD_OPTION` where the platform lacks an option, or a value would fail on the host
 */
export function optionEntries(options: SecretOptions, place: OptionPlace): NixEntry[] {
  refuseLacking(options, place);
  if (options.neededForUsers === true) refuseOwners(options, place);
  return [
    ...textEntry('path', secretPath(options, place)),
    ...textEntry('mode', mode(options.mode, place)),
    ...textEntry('owner', account('owner', options.owner, DEFAULT_OWNER[place.platform], place)),
    ...textEntry('group', account('group', options.group, DEFAULT_GROUP[place.platform], place)),
    ...unitsEntry('restartUnits', options.restartUnits, place),
    ...unitsEntry('reloadUnits', options.reloadUnits, place),
    ...flagEntry('neededForUsers', options.neededForUsers),
  ];
}

/** sops-nix declares no such option there, so the evaluation would fail with "does not exist". */
function refuseLacking(options: SecretOptions, place: OptionPlace): void {
  const { platform } = place;
  for (const name of ['restartUnits', 'reloadUnits'] as const) {
    if (platform === 'nixos' || (options[name] ?? []).length === 0) continue;
    const instead =
      platform === 'home'
        ? 'let the unit start after sops-nix.service and restart it by hand'
        : 'restart the daemon by hand';
    throw lacking(name, place, `say \`${name}: []\` for this host and ${instead}`);
  }
  if (platform !== 'home') return;
  for (const name of ['owner', 'group'] as const) {
    if (options[name] === undefined) continue;
    throw lacking(name, place, 'there every secret belongs to the user: say it only for hosts that know it');
  }
  if (options.neededForUsers === true) {
    throw lacking(
      'neededForUsers',
      place,
      'say `neededForUsers: false` for this host: its user exists already',
    );
  }
}

/** The files are written before accounts exist and always belong to root, whatever is declared. */
function refuseOwners(options: SecretOptions, place: OptionPlace): void {
  for (const name of ['owner', 'group'] as const) {
    const given = options[name];
    if (
      given === undefined ||
      given === 'root' ||
      given === (name === 'group' ? DEFAULT_GROUP[place.platform] : null)
    )
      continue;
    throw refused(
      place,
      `neededForUsers and ${name} exclude each other: what is decrypted before users exist is root's`,
      {
        hint: `leave out one of the two; ${place.secret} can be read through hashedPasswordFile without ${name}`,
      },
    );
  }
}

function secretPath(options: SecretOptions, place: OptionPlace): string | null {
  const { path } = options;
  if (path === undefined) return null;
  const atHome = place.platform === 'home' && path.startsWith('%r/');
  if (!path.startsWith('/') && !atHome) {
    throw refused(place, 'path is not absolute', {
      hint: place.platform === 'home' ? 'begin it with / or with %r/' : 'begin it with /',
    });
  }
  const folder = options.neededForUsers === true ? '/run/secrets-for-users' : '/run/secrets';
  return place.platform !== 'home' && path === `${folder}/${place.secret}` ? null : path;
}

function mode(text: string | undefined, place: OptionPlace): string | null {
  if (text === undefined) return null;
  if (!/^0?[0-7]{3}$/.test(text)) {
    throw refused(place, `mode ${JSON.stringify(text.slice(0, 20))} is not three octal digits`, {
      hint: 'write it as text, for example mode: "0440"; bits beyond 0777 never arrive',
    });
  }
  const padded = text.padStart(4, '0');
  return padded === DEFAULT_MODE ? null : padded;
}

/** Accounts are looked up by name: `5` is an unknown user, and an empty name fails on the host. */
function account(
  option: 'owner' | 'group',
  name: string | undefined,
  usual: string | null,
  place: OptionPlace,
): string | null {
  if (name === undefined || name === usual) return null;
  if (name === '' || /^[0-9]+$/.test(name)) {
    throw refused(
      place,
      `${option} ${JSON.stringify(name.slice(0, 20))} is not the name of a ${option === 'owner' ? 'user' : 'group'}`,
      {
        hint: `sops-nix looks ${option}s up by name`,
      },
    );
  }
  return name;
}

function unitsEntry(option: string, units: readonly string[] | undefined, place: OptionPlace): NixEntry[] {
  const names = [...new Set((units ?? []).map(unit => unitOf(unit, option, place)))];
  if (names.length === 0) return [];
  const items = names.map((text): NixExpr => ({ kind: 'string', text }));
  return [[[option], { kind: 'list', items }]];
}

function unitOf(unit: string, option: string, place: OptionPlace): string {
  try {
    return normalizeUnit(unit);
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    throw refused(place, `${option}: ${error.message}`, { hint: error.hint });
  }
}

function textEntry(option: string, text: string | null): NixEntry[] {
  return text === null ? [] : [[[option], { kind: 'string', text }]];
}

function flagEntry(option: string, value: boolean | undefined): NixEntry[] {
  return value === true ? [[[option], { kind: 'bool', value }]] : [];
}

function lacking(option: string, place: OptionPlace, instead: string): SecretsError {
  return refused(place, `${option} does not exist in sops-nix for ${PLATFORM_NAMES[place.platform]}`, {
    hint: `under hosts.${place.host}.secrets in .sops.yaml: ${instead}`,
  });
}

function refused(
  place: OptionPlace,
  message: string,
  detail: { readonly hint?: string | undefined },
): SecretsError {
  return new SecretsError('BAD_OPTION', `${place.secret} on ${place.host}: ${message}`, detail);
}
