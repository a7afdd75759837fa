import type { FlakeHost } from '../../workspace/flake-host.ts';
import type { HandHost, Setting } from '../../workspace/hand-written.ts';
import type { Platform } from '../../workspace/model.ts';
import type { PairedHost } from './evaluated-hosts.ts';
import { checkOptions } from './evaluated-options.ts';
import { checkAgreement, type Look } from './evaluated-secret.ts';
import { type CheckFinding, finding } from './finding.ts';
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
    const message = `${shortened(attribute)} names no sopsFile, and nothing sets sops.defaultSopsFile: the evaluation fails`;
    const where = {
      file: place.path,
      line: place.line,
      secret: attribute,
      ...(host === null ? {} : { host }),
    };
    return finding(
      'option-refused',
      where,
      message,
      `sops.secrets.${JSON.stringify(shortened(attribute))}.sopsFile = ./FILE`,
    );
  });
  if (hand === null || host === null) return fileless;
  const keys = twoKeySources(hand, host);
  const secrets = declares.secrets.filter(({ formatKnown }) => formatKnown).map(({ secret }) => secret);
  const agreed = checkAgreement(look, { ...paired, flake: { ...paired.flake, secrets } });
  return [...fileless, ...keys, ...agreed.map(at), ...namesAndTemplates(reader, hand).map(at)];
}

/** `sops.gnupg.home` beside `sops.age.keyFile`: the evaluation is content, and the build is not. */
function twoKeySources({ modules }: HandHost, host: string): CheckFinding[] {
  const isSet = (setting: Setting) => {
    const option = modules.map(({ settings }) => settings.get(setting)).find(each => each !== undefined);
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
    templates: templates.map(({ name }) => ({ name, path: '', mode: '' })),
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
