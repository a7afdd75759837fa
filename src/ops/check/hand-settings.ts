import { nearest } from '../../suggest.ts';
import type { HandHost, HandModule, Setting } from '../../workspace/hand-written.ts';
import { type CheckFinding, finding } from './finding.ts';
import { describedValue, fits, type Kind, repaired, shortened, WANTED } from './hand-options.ts';

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
/** Every option below `sops` of the three modules of sops-nix, and what was renamed. */
const KNOWN: ReadonlySet<string> = new Set([
  'secrets',
  'templates',
  'placeholder',
  'environment',
  'defaultSopsFile',
  'defaultSopsFormat',
  'defaultSopsKey',
  'defaultSymlinkPath',
  'defaultSecretsMountPoint',
  'validateSopsFiles',
  'keepGenerations',
  'log',
  'package',
  'validationPackage',
  'useTmpfs',
  'useSystemdActivation',
  'gnupgHome',
  'sshKeyPaths',
  'age',
  'age.keyFile',
  'age.generateKey',
  'age.sshKeyPaths',
  'age.plugins',
  'gnupg',
  'gnupg.home',
  'gnupg.package',
  'gnupg.sshKeyPaths',
  'gnupg.qubes-split-gpg',
]);
/** Below these anything may stand. */
const OPEN = /^(?:secrets|templates|placeholder|environment|log|gnupg\.qubes-split-gpg)(?:\.|$)/;

/** What the modules of sops-nix refuse of the settings beside secrets and templates. */
export function checkSettings(module: HandModule, whose: { readonly host?: string }): CheckFinding[] {
  const wrong = [...module.settings].flatMap(([name, option]) => {
    const { value, path, line } = option;
    const kind = KINDS[name];
    const isRight =
      kind === undefined || (kind === 'list' && value.kind === 'list') || fits(value, kind) !== false;
    if (isRight || kind === undefined || (kind === 'list' && value.kind === 'path')) return [];
    const message = `sops.${name} is ${describedValue(value)}, and has to be ${WANTED[kind]}: the evaluation fails`;
    return [
      finding('option-refused', { ...whose, file: path, line }, message, repaired(name, value, kind, option)),
    ];
  });
  const misspelt = module.otherSettings.flatMap(({ name, path, line }) => {
    if (KNOWN.has(name) || OPEN.test(name)) return [];
    // what is like none of them may be an option that the repository made for itself
    const near = nearest(name, [...KNOWN]);
    if (near === null) return [];
    const message = `the option sops.${shortened(name)} does not exist, and the evaluation fails`;
    return [finding('option-refused', { ...whose, file: path, line }, message, `did you mean sops.${near}?`)];
  });
  return [...wrong, ...misspelt];
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
    return [finding('wiring', place, message, 'import its module: inputs.sops-nix.nixosModules.sops')];
  }
  if (names.keySource || hand.platform === 'darwin') return [];
  const message = `${host} declares secrets, and nothing says where its key lies: the build ends in "No key source configured for sops"`;
  const fix = 'sops.age.sshKeyPaths = [ "/etc/ssh/ssh_host_ed25519_key" ]';
  return [finding('key-source', place, message, fix)];
}
