import { recipientsOf } from '../../sops/metadata-recipients.ts';
import type { FlakeHost } from '../../workspace/flake-host.ts';
import type { HandHost, HandOption, Setting } from '../../workspace/hand-written.ts';
import type { Platform } from '../../workspace/model.ts';
import { canonicalRecipient } from '../../workspace/parse-keys.ts';
import { modulePath } from '../modules.ts';
import type { PairedHost } from './evaluated-hosts.ts';
import { checkOptions } from './evaluated-options.ts';
import { checkAgreement, type Look } from './evaluated-secret.ts';
import { type CheckFinding, finding, softened } from './finding.ts';
import { checkClashes } from './hand-clashes.ts';
import { shortened } from './hand-options.ts';
import type { ReadDeclarations } from './hand-secrets.ts';

/** What is said of a configuration as a whole. */
const OF_HOST = new Set(['name-twice', 'template-fails']);
const NO_KEYS = {
  sshKeyPaths: [],
  keyFile: null,
  generateKey: false,
  gnupgHome: null,
  gnupgSshKeyPaths: [],
  qubes: false,
};

/** A configuration, or a module of nobody, and what it declares. */
export interface Reader {
  readonly paired: PairedHost;
  /** `null` for a module that no configuration is seen to import. */
  readonly host: string | null;
  readonly hand: HandHost | null;
  readonly declares: ReadDeclarations;
  /** Names that this tool emits for the host. */
  readonly emitted: ReadonlySet<string>;
  /** True where a module of another flake may say what is not said here. */
  readonly opaque: boolean;
  /** Names of secrets that are also set where nobody can read it. */
  readonly unclear: ReadonlySet<string>;
  /** What its modules say of sops-nix once and plainly. */
  readonly setting: (name: Setting) => HandOption | null;
}

/** The text tells a part of what an evaluation would: what is not known here says nothing. */
export function asFlake(name: string, platform: Platform, inside: string | null): FlakeHost {
  return {
    name,
    platform,
    inside,
    sopsNix: false,
    keys: NO_KEYS,
    validated: true,
    secrets: [],
    failed: [],
    templates: [],
    users: null,
    groups: null,
    problem: null,
    problemFile: null,
  };
}

/** What is to be said of a configuration as a whole, and of what it leaves open. */
export function ofReader(look: Look, reader: Reader): CheckFinding[] {
  const { paired, host, hand, declares } = reader;
  const places = new Map(declares.secrets.map(({ secret, place }) => [secret.attribute, place]));
  const at = (each: CheckFinding): CheckFinding => {
    const place = places.get(each.secret ?? '');
    if (each.file !== null || place === undefined) return { ...each, host };
    return { ...each, host, file: place.path, line: place.line };
  };
  const fileless = declares.fileless.map(({ attribute, place }) => {
    const unless = reader.opaque ? ', unless a module of another flake sets it' : '';
    const message = `${shortened(attribute)} names no sopsFile, and nothing sets sops.defaultSopsFile: the evaluation fails${unless}`;
    const where = {
      file: place.path,
      line: place.line,
      secret: attribute,
      ...(host === null ? {} : { host }),
    };
    const fix = `sops.secrets.${JSON.stringify(shortened(attribute))}.sopsFile = ./FILE`;
    const found = finding('option-refused', where, message, fix);
    return reader.opaque ? softened(found) : found;
  });
  if (hand === null || host === null) return fileless;
  const keys = twoKeySources(reader, host);
  const secrets = declares.secrets.filter(({ formatKnown }) => formatKnown).map(({ secret }) => secret);
  const agreed = checkAgreement(look, { ...paired, flake: { ...paired.flake, secrets } });
  const given = look.draft.secrets.filter(
    each => each.emitted && each.hosts.includes(host) && reader.emitted.has(each.name),
  );
  return [
    ...fileless,
    ...keys,
    ...checkClashes(look.draft, hand, host, given, reader.unclear),
    ...checkImports(look, reader, hand),
    ...agreed.map(at),
    ...namesAndTemplates(reader, hand).map(at),
  ];
}

/** The emitted module of another host names files that this one cannot open. */
function checkImports({ draft }: Look, { paired }: Reader, hand: HandHost): CheckFinding[] {
  const { name, recipient } = paired;
  if (recipient === null || hand.inside !== null) return [];
  const key = canonicalRecipient(recipient);
  return [...draft.inventory.hosts.keys()].flatMap(other => {
    const place = other === name ? undefined : hand.imports.get(modulePath(draft.inventory, other));
    if (place === undefined) return [];
    const closed = draft.secrets.find(({ emitted, hosts, file }) => {
      const metadata = emitted && hosts.includes(other) ? draft.managedFile(file)?.metadata : undefined;
      return metadata !== undefined && !recipientsOf(metadata).map(canonicalRecipient).includes(key);
    });
    if (closed === undefined) return [];
    const message = `${name} imports what was emitted for ${other}, and cannot open ${closed.file}: no secret of ${name} is installed`;
    const fix = `import ${modulePath(draft.inventory, name)} instead`;
    return [finding('cannot-open', { file: place.path, line: place.line, host: name }, message, fix)];
  });
}

/** `sops.gnupg.home` beside `sops.age.keyFile`: the evaluation is content, and the build is not. */
function twoKeySources({ setting }: Reader, host: string): CheckFinding[] {
  const isSet = (name: Setting) => {
    const option = setting(name);
    return option?.value.kind === 'text' ? option : undefined;
  };
  const [gnupg, keyFile] = [isSet('gnupg.home'), isSet('age.keyFile')];
  if (gnupg === undefined || keyFile === undefined) return [];
  const place = { file: gnupg.path, line: gnupg.line, host };
  const message = `sops.gnupg.home and sops.age.keyFile (${keyFile.path}:${keyFile.line}) are both set: the build refuses that`;
  return [finding('key-source', place, message, 'leave out one of the two')];
}

/** What is emitted for the host and what people declared are installed together. */
function namesAndTemplates({ paired, declares, emitted: given }: Reader, hand: HandHost): CheckFinding[] {
  const own = declares.secrets.map(({ secret }) => secret);
  const names = new Set(own.map(({ attribute }) => attribute));
  const emitted = [...given]
    .filter(name => !names.has(name))
    .map(name => ({ ...NOTHING, attribute: name, name }));
  const templates = hand.modules.flatMap(module => module.templates);
  // secrets that the text does not show may be there
  const failed = [{ attribute: '', options: [] }];
  const flake = {
    ...paired.flake,
    templates: templates.map(({ attribute }) => ({ name: attribute, path: '', mode: '' })),
    failed,
  };
  const known = new Set(
    checkOptions({ ...paired, flake: { ...flake, templates: [], secrets: emitted } }).map(
      each => each.message,
    ),
  );
  return checkOptions({ ...paired, flake: { ...flake, secrets: [...own, ...emitted] } }).filter(
    each => OF_HOST.has(each.code) && !known.has(each.message),
  );
}

const NOTHING = {
  key: '',
  sopsFile: { path: null, shown: '', inStore: true },
  format: 'yaml' as const,
  mode: '0400',
  owner: null,
  group: null,
  uid: null,
  gid: null,
  path: '',
  neededForUsers: false,
  restartUnits: [],
  reloadUnits: [],
};
