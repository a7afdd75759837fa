import { posix } from 'node:path';
import { nearest } from '../../suggest.ts';
import type { HandEntry, HandModule, HandOption, NixValue } from '../../workspace/hand-written.ts';
import type { Platform } from '../../workspace/model.ts';
import { type CheckFinding, finding } from './finding.ts';

/** What an option takes. */
export type Kind = 'text' | 'list' | 'bool' | 'file' | 'format' | 'number' | 'set';

/** Options and what they take; those of some platforms alone with their names. */
type Options = Readonly<Record<string, { readonly kind: Kind; readonly on?: readonly Platform[] }>>;

/** The options of a secret. */
const OF_SECRETS: Options = {
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
/** The options of a template. */
const OF_TEMPLATES: Options = {
  name: { kind: 'text' },
  path: { kind: 'text' },
  content: { kind: 'text' },
  mode: { kind: 'text' },
  file: { kind: 'file' },
  owner: { kind: 'text', on: ['nixos', 'darwin'] },
  group: { kind: 'text', on: ['nixos', 'darwin'] },
  uid: { kind: 'number', on: ['nixos', 'darwin'] },
  gid: { kind: 'number', on: ['nixos', 'darwin'] },
  restartUnits: { kind: 'list', on: ['nixos'] },
  reloadUnits: { kind: 'list', on: ['nixos'] },
};
const READ_ONLY = 'sopsFileHash';
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
/** For people: what sops-nix runs on. */
export const PLATFORMS: Readonly<Record<Platform, string>> = {
  nixos: 'NixOS',
  darwin: 'nix-darwin',
  home: 'home-manager',
};

/** Who imports a module, and what lies around it. */
export interface TextContext {
  /** `null` where no configuration is seen to import it. */
  readonly platform: Platform | null;
  readonly host: string | null;
  /** All files of the workspace. */
  readonly files: ReadonlySet<string>;
  /** True where the repository adds options of its own to those of sops-nix. */
  readonly extended: boolean;
}

/** What the modules of sops-nix refuse of a module's text: names, options and types, before anything is built. */
export function checkModuleText(module: HandModule, context: TextContext): CheckFinding[] {
  const whose = whoseOf(context);
  return [
    ...module.badNames.map(({ text, path, line }) => {
      const message = `Nix does not read ${shortened(text)} as a name, and so the whole file is refused`;
      const fix = `write it in quotes: sops.secrets.${JSON.stringify(shortened(text))}`;
      return finding('option-refused', { ...whose, file: path, line }, message, fix);
    }),
    ...module.secrets.flatMap(secret => checkEntry(secret, 'secrets', context)),
    ...module.templates.flatMap(template => checkEntry(template, 'templates', context)),
    ...checkKeyFiles(module, whose),
  ];
}

type Whose = { readonly host?: string };

/** The host of a finding, where there is one. */
export function whoseOf({ host }: Pick<TextContext, 'host'>): Whose {
  return host === null ? {} : { host };
}

function checkEntry(entry: HandEntry, set: 'secrets' | 'templates', context: TextContext): CheckFinding[] {
  const { attribute, whole, path, line } = entry;
  const place = { ...whoseOf(context), file: path, line, secret: attribute };
  if (whole !== null && fits(whole, 'set') === false) {
    const message = `sops.${set}.${shortened(attribute)} is no set: sops-nix knows no short form, and the evaluation fails`;
    const fix = set === 'secrets' ? 'write { sopsFile = …; }' : 'write { content = …; }';
    return [finding('option-refused', place, message, fix)];
  }
  return [...entry.options].flatMap(([name, option]) =>
    checkOption(name, option, `sops.${set}`, attribute, context).map(({ message, fix }) =>
      finding('option-refused', { ...place, file: option.path, line: option.line }, message, fix),
    ),
  );
}

function checkOption(
  name: string,
  option: HandOption,
  set: string,
  attribute: string,
  { platform, files, extended }: TextContext,
): { message: string; fix: string }[] {
  const options = set === 'sops.secrets' ? OF_SECRETS : OF_TEMPLATES;
  const shown = `${set}.${shortened(attribute)}.${shortened(name)}`;
  const known = Object.hasOwn(options, name) ? options[name] : undefined;
  if (name === READ_ONLY) return [{ message: `${shown} is read-only`, fix: 'take the line out' }];
  if (known === undefined) {
    if (extended) return [];
    const near = nearest(name, Object.keys(options));
    const fix =
      near === null
        ? `if the name has a dot, write it in quotes: ${set}.${JSON.stringify(`${shortened(attribute)}.${shortened(name)}`)}`
        : `did you mean ${near}?`;
    return [{ message: `the option ${shown} does not exist, and the evaluation fails`, fix }];
  }
  if (platform !== null && known.on?.includes(platform) === false) {
    const message = `the option ${shown} does not exist in sops-nix for ${PLATFORMS[platform]}, and the evaluation fails`;
    return [{ message, fix: 'take the line out' }];
  }
  if (isAccepted(option, known.kind, files)) return [];
  return [
    {
      message: `${shown} is ${describedValue(option.value)}, and has to be ${WANTED[known.kind]}: the evaluation fails`,
      fix: repaired(name, option, known.kind, files),
    },
  ];
}

/** True for what an option takes, and for what cannot be said. */
export function isAccepted(
  { value, path }: Pick<HandOption, 'value' | 'path'>,
  kind: Kind,
  files: ReadonlySet<string>,
): boolean {
  // a word with a dot is a file that somebody meant only where there is one
  if (value.kind === 'bare')
    return kind !== 'file' || !files.has(posix.join(posix.dirname(path), value.text));
  return fits(value, kind) !== false;
}

/** Whether an option takes the value; `null`: it cannot be said. */
function fits(value: NixValue, kind: Kind): boolean | null {
  if (value.kind === 'unknown' || value.kind === 'bare') return null;
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

/** The way from a module to what a text names: as the module sees it, or as the root of the flake does. */
function pathFrom(module: string, text: string, files: ReadonlySet<string>): string {
  const folder = posix.dirname(module);
  const meant = [posix.join(folder, text), posix.normalize(text)].find(path => files.has(path));
  const way = meant === undefined ? posix.normalize(text) : posix.relative(folder, meant);
  return /^\.\.?\//.test(way) ? way : `./${way}`;
}

/** How the value should have been written. */
export function repaired(
  name: string,
  { value, path }: Pick<HandOption, 'value' | 'path'>,
  kind: Kind,
  files: ReadonlySet<string>,
): string {
  const text = 'text' in value ? shortened(value.text) : '';
  if (kind === 'file' && value.kind === 'text')
    return `write it as a path: ${name} = ${pathFrom(path, text, files)}`;
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
