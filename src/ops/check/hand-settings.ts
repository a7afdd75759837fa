import { nearest } from '../../suggest.ts';
import type { HandHost, HandModule, Setting } from '../../workspace/hand-written.ts';
import type { Platform } from '../../workspace/model.ts';
import { type CheckFinding, finding } from './finding.ts';
import {
  describedValue,
  isAccepted,
  type Kind,
  PLATFORMS,
  repaired,
  shortened,
  type TextContext,
  WANTED,
  whoseOf,
} from './hand-options.ts';

/** What the settings of sops-nix take; of lists only that they are lists, because paths are looked at by themselves. */
const KINDS: Readonly<Partial<Record<Setting, Kind>>> = {
  defaultSopsFile: 'file',
  defaultSopsFormat: 'format',
  validateSopsFiles: 'bool',
  'age.keyFile': 'text',
  'age.sshKeyPaths': 'list',
  'gnupg.home': 'text',
  'gnupg.sshKeyPaths': 'list',
};
/** Every option below `sops` of the modules of sops-nix; those that not all platforms have with their platforms. */
const KNOWN: Readonly<Record<string, readonly Platform[] | null>> = {
  secrets: null,
  templates: null,
  placeholder: null,
  environment: null,
  defaultSopsFile: null,
  defaultSopsFormat: null,
  // of nix-darwin only in newer ones
  defaultSopsKey: null,
  defaultSymlinkPath: ['home'],
  defaultSecretsMountPoint: ['home'],
  validateSopsFiles: null,
  keepGenerations: null,
  log: null,
  package: null,
  validationPackage: ['nixos', 'darwin'],
  useTmpfs: ['nixos'],
  useSystemdActivation: ['nixos'],
  gnupgHome: ['nixos'],
  sshKeyPaths: ['nixos'],
  age: null,
  'age.keyFile': null,
  'age.generateKey': null,
  'age.sshKeyPaths': null,
  'age.plugins': null,
  gnupg: null,
  'gnupg.home': null,
  'gnupg.package': null,
  'gnupg.sshKeyPaths': null,
  'gnupg.qubes-split-gpg': ['home'],
};
/** Outputs of sops-nix that hold its modules. */
const MODULES: Readonly<Record<Platform, string>> = {
  nixos: 'nixosModules',
  darwin: 'darwinModules',
  home: 'homeManagerModules',
};
/** Below these anything may stand. */
const OPEN = /^(?:secrets|templates|placeholder|environment|log|gnupg\.qubes-split-gpg)(?:\.|$)/;

/** What the modules of sops-nix refuse of the settings beside secrets and templates. */
export function checkSettings(module: HandModule, context: TextContext): CheckFinding[] {
  const whose = whoseOf(context);
  const wrong = [...module.settings].flatMap(([name, option]) => {
    const { value, path, line } = option;
    const kind = KINDS[name];
    // the paths of keys are looked at by themselves
    if (kind === undefined || (kind === 'list' && (value.kind === 'list' || value.kind === 'path')))
      return [];
    if (isAccepted(option, kind, context.files)) return [];
    const message = `sops.${name} is ${describedValue(value)}, and has to be ${WANTED[kind]}: the evaluation fails`;
    const fix = repaired(name, option, kind, context.files);
    return [finding('option-refused', { ...whose, file: path, line }, message, fix)];
  });
  const others = module.otherSettings.flatMap(each => {
    const refused = refusedSetting(each.name, context);
    if (refused === null) return [];
    const place = { ...whose, file: each.path, line: each.line };
    return [finding('option-refused', place, refused.message, refused.fix)];
  });
  return [...wrong, ...others];
}

function refusedSetting(
  name: string,
  { platform, extended }: TextContext,
): { message: string; fix: string } | null {
  const known = Object.keys(KNOWN).find(
    each => name === each || (OPEN.test(each) && name.startsWith(`${each}.`)),
  );
  const on = known === undefined ? undefined : KNOWN[known];
  if (on !== undefined) {
    if (on === null || platform === null || on.includes(platform)) return null;
    const message = `the option sops.${name} does not exist in sops-nix for ${PLATFORMS[platform]}, and the evaluation fails`;
    return { message, fix: 'take the line out' };
  }
  // what is like none of them may be an option that the repository made for itself
  const near = OPEN.test(name) || extended ? null : nearest(name, Object.keys(KNOWN));
  if (near === null) return null;
  const message = `the option sops.${shortened(name)} does not exist, and the evaluation fails`;
  return { message, fix: `did you mean sops.${near}?` };
}

/**
 * What a configuration lacks that nothing in the repository seems to bring: the module of sops-nix itself, and a key to
 * decrypt with.
 */
export function checkLacking(
  hand: HandHost,
  host: string,
  names: { readonly sopsNix: boolean; readonly keySource: boolean },
): CheckFinding[] {
  const declared = hand.modules.flatMap(({ secrets }) => secrets)[0];
  if (declared === undefined) return [];
  const place = { file: declared.path, line: declared.line, host };
  if (!names.sopsNix) {
    const message = `${host} declares secrets, and nothing names sops-nix: the option sops does not exist, and the evaluation fails`;
    return [
      finding('wiring', place, message, `import its module: inputs.sops-nix.${MODULES[hand.platform]}.sops`),
    ];
  }
  if (names.keySource || hand.platform === 'darwin') return [];
  const message = `${host} declares secrets, and nothing says where its key lies: the build ends in "No key source configured for sops"`;
  const fix =
    hand.platform === 'home'
      ? 'sops.age.keyFile = config.xdg.configHome + "/sops/age/keys.txt"'
      : 'sops.age.sshKeyPaths = [ "/etc/ssh/ssh_host_ed25519_key" ]';
  return [finding('key-source', place, message, fix)];
}
