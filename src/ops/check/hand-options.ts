import { nearest } from '../../suggest.ts';
import type { HandEntry, HandModule, HandOption, NixPlace, NixValue } from '../../workspace/hand-written.ts';
import type { Platform } from '../../workspace/model.ts';
import { type CheckFinding, finding } from './finding.ts';

/** What an option takes. */
export type Kind = 'text' | 'list' | 'bool' | 'file' | 'format' | 'number' | 'set';

/** The options of a secret and what they take; those of one platform alone with its name. */
const OPTIONS: Readonly<Record<string, { readonly kind: Kind; readonly on?: readonly Platform[] }>> = {
  name: { kind: 'text' },
  key: { kind: 'text' },
  path: { kind: 'text' },
  format: { kind: 'format' },
  mode: { kind: 'text' },
  sopsFile: { kind: 'file' },
  owner: { kind: 'text', on: ['nixos', 'darwin'] },
  group: { kind: 'text', on: ['nixos', 'darwin'] },
  uid: { kind: 'number', on: ['nixos', 'darwin'] },
  gid: { kind: 'number', on: ['nixos', 'darwin'] },
  neededForUsers: { kind: 'bool', on: ['nixos', 'darwin'] },
  restartUnits: { kind: 'list', on: ['nixos'] },
  reloadUnits: { kind: 'list', on: ['nixos'] },
};
const READ_ONLY = 'sopsFileHash';
const OPTION_NAMES = Object.keys(OPTIONS);
const FORMATS = ['yaml', 'json', 'binary', 'dotenv', 'ini'];
/** For people: what an option has to be. */
export const WANTED: Readonly<Record<Kind, string>> = {
  text: 'a text',
  list: 'a list of texts',
  bool: 'true or false',
  file: 'a path',
  format: `one of ${FORMATS.join(', ')}`,
  number: 'a number',
  set: 'a set',
};
const PLATFORMS: Readonly<Record<Platform, string>> = {
  nixos: 'NixOS',
  darwin: 'nix-darwin',
  home: 'home-manager',
};

/**
 * What the modules of sops-nix refuse of a module's text: names, options and types, before anything is built.
 *
 * @param platform `null` where no configuration is seen to import it
 */
export function checkModuleText(
  module: HandModule,
  platform: Platform | null,
  host: string | null,
): CheckFinding[] {
  const whose = host === null ? {} : { host };
  return [
    ...module.badNames.map(({ text, path, line }) => {
      const message = `Nix does not read ${shortened(text)} as a name, and so the whole file is refused`;
      const fix = `write it in quotes: sops.secrets.${JSON.stringify(shortened(text))}`;
      return finding('option-refused', { ...whose, file: path, line }, message, fix);
    }),
    ...module.secrets.flatMap(secret => checkSecretText(secret, platform, whose)),
    ...checkKeyFiles(module, whose),
  ];
}

type Whose = { readonly host?: string };

function checkSecretText(secret: HandEntry, platform: Platform | null, whose: Whose): CheckFinding[] {
  const { attribute, whole, path, line } = secret;
  const place = { ...whose, file: path, line, secret: attribute };
  if (whole !== null && fits(whole, 'set') === false) {
    const message = `sops.secrets.${shortened(attribute)} is no set: sops-nix knows no short form, and the evaluation fails`;
    return [finding('option-refused', place, message, 'write { sopsFile = …; }')];
  }
  return [...secret.options].flatMap(([name, option]) =>
    checkOption(name, option, secret, platform).map(({ message, fix }) =>
      finding('option-refused', { ...place, file: option.path, line: option.line }, message, fix),
    ),
  );
}

function checkOption(
  name: string,
  option: HandOption,
  { attribute }: HandEntry,
  platform: Platform | null,
): { message: string; fix: string }[] {
  const { value } = option;
  const shown = `sops.secrets.${shortened(attribute)}.${shortened(name)}`;
  const known = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
  if (name === READ_ONLY) return [{ message: `${shown} is read-only`, fix: 'take the line out' }];
  if (known === undefined) {
    const near = nearest(name, OPTION_NAMES);
    const fix =
      near === null
        ? `if the name has a dot, write it in quotes: sops.secrets.${JSON.stringify(`${shortened(attribute)}.${shortened(name)}`)}`
        : `did you mean ${near}?`;
    return [{ message: `the option ${shown} does not exist, and the evaluation fails`, fix }];
  }
  if (platform !== null && known.on?.includes(platform) === false) {
    const message = `the option ${shown} does not exist in sops-nix for ${PLATFORMS[platform]}, and the evaluation fails`;
    return [{ message, fix: 'take the line out' }];
  }
  if (fits(value, known.kind) !== false) return [];
  return [
    {
      message: `${shown} is ${describedValue(value)}, and has to be ${WANTED[known.kind]}: the evaluation fails`,
      fix: repaired(name, value, known.kind, option),
    },
  ];
}

/** Whether an option takes the value; `null`: it cannot be said. */
export function fits(value: NixValue, kind: Kind): boolean | null {
  if (value.kind === 'unknown') return null;
  if (value.kind === 'null') return kind === 'number' || kind === 'text' ? null : false;
  switch (kind) {
    case 'file':
      return value.kind === 'path' || (value.kind === 'text' && value.text.startsWith('/'));
    case 'format':
      return value.kind === 'text' && FORMATS.includes(value.text);
    case 'list':
      return value.kind === 'list' && value.items.every(item => fits(item, 'text') !== false);
    default:
      return value.kind === kind;
  }
}

/** A value of Nix text, for people. */
export function describedValue(value: NixValue): string {
  switch (value.kind) {
    case 'text':
      return `the text ${JSON.stringify(shortened(value.text))}`;
    case 'number':
      return `the number ${shortened(value.text)}`;
    case 'path':
      return `the path ${shortened(value.text)}`;
    case 'list':
      return 'a list';
    default:
      return value.kind === 'unknown' ? 'computed' : value.text;
  }
}

/** A number is no name: it has an option of its own. */
const ID_OF: Readonly<Record<string, string>> = { owner: 'uid', group: 'gid' };

/** A text that begins with the folder of its own module was meant from the root of the flake. */
function pathFrom(module: string, text: string): string {
  const folder = module.slice(0, module.lastIndexOf('/') + 1);
  const plain = text.replace(/^(?:\.\/)+/, '');
  return `./${folder !== '' && plain.startsWith(folder) ? plain.slice(folder.length) : plain}`;
}

/** How the value should have been written. */
export function repaired(name: string, value: NixValue, kind: Kind, place: NixPlace): string {
  const text = 'text' in value ? shortened(value.text) : '';
  if (kind === 'file' && value.kind === 'text')
    return `write it as a path: ${name} = ${pathFrom(place.path, text)}`;
  if (kind === 'file' && value.kind === 'bare') return `write it as a path: ${name} = ./${text}`;
  if (ID_OF[name] !== undefined && value.kind === 'number') return `${ID_OF[name]} = ${text}`;
  if (kind === 'format') return `for lines of NAME=value it is "dotenv"`;
  if (kind === 'list' && value.kind === 'text') return `${name} = [ ${JSON.stringify(text)} ]`;
  if (kind === 'text' && value.kind === 'number')
    return `${name} = "${name === 'mode' ? text.padStart(4, '0') : text}"`;
  return `${name} has to be ${WANTED[kind]}`;
}

/** A path literal becomes a part of the store, which everyone reads. */
function checkKeyFiles({ settings }: HandModule, whose: Whose): CheckFinding[] {
  const named = (['age.keyFile', 'age.sshKeyPaths', 'gnupg.sshKeyPaths'] as const).flatMap(setting => {
    const option = settings.get(setting);
    if (option === undefined) return [];
    const values = option.value.kind === 'list' ? option.value.items : [option.value];
    return values.map(value => ({
      setting,
      value,
      place: { ...whose, file: option.path, line: option.line },
    }));
  });
  return named.flatMap(({ setting, value, place }) => {
    if (value.kind === 'path') {
      const message = `sops.${setting} names a private key by a path of Nix, ${shortened(value.text)}: it is copied to the store, where everyone reads it`;
      const fix =
        'name its place on the machine by a text, "/etc/ssh/ssh_host_ed25519_key"; and take a new key';
      return [finding('key-source', place, message, fix)];
    }
    if (value.kind !== 'text' || value.text.startsWith('/')) return [];
    const message = `sops.${setting} is ${JSON.stringify(shortened(value.text))}, which is no absolute path: the installer finds no key there`;
    return [
      finding('key-source', place, message, 'write the path out: neither ~ nor a variable is replaced'),
    ];
  });
}

/** Names come from Nix text, which may hold anything. */
export function shortened(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 100)}…`;
}
