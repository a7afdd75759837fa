import type { HandModule, HandWritten, NixPlace, Setting } from '../../workspace/hand-written.ts';
import type { Platform, Secret } from '../../workspace/model.ts';
import type { Draft } from '../draft.ts';
import { modulePath } from '../modules.ts';
import { envNames } from './env-names.ts';
import { DeclaredFiles } from './evaluated-files.ts';
import { pairHosts } from './evaluated-hosts.ts';
import { checkOptions } from './evaluated-options.ts';
import { checkSecret, type Look, placeOf, rewritten } from './evaluated-secret.ts';
import { type CheckFinding, finding, softened } from './finding.ts';
import { asFlake, ofReader, type Reader } from './hand-host.ts';
import { checkModuleText, shortened } from './hand-options.ts';
import { HandReader, type ReadSecret } from './hand-secrets.ts';
import { checkLacking, checkSettings } from './hand-settings.ts';
import { strangers } from './hand-strangers.ts';
import { checkTemplates } from './hand-templates.ts';
import { Submodules } from './submodules.ts';
import { unseenByNix } from './tracking.ts';

/** What is said of a declaration, whoever imports it. */
const OF_DECLARATION = new Set(['name-refused', 'mode-refused', 'mode-dropped', 'unknown-owner']);
/** Folders of what is to be copied, or was in use once. */
const ASIDE = /(?:^|\/)(?:templates?|examples?|old|archived?|unused|disabled|docs?|tests?)\//;
/** Where flakes, npins and niv note what they pin. */
const PINS = /(?:^|\/)(?:flake\.lock|sources\.json)$/;
const NONE: ReadonlySet<string> = new Set();

/**
 * What hand-written Nix declares in plain sight, held against the repository: without Nix, and without a word about what
 * only an evaluation could tell.
 */
export async function checkHandWritten(draft: Draft, hand: HandWritten): Promise<CheckFinding[]> {
  const readers = readersOf(draft, hand);
  const files = new DeclaredFiles(draft);
  const all = readers.flatMap(({ declares }) => declares.secrets);
  for (const { secret } of all) await files.look(secret.sopsFile);
  const submodules = await Submodules.of(draft);
  const names = { ...hand.names, sopsNix: hand.names.sopsNix || (await isPinned(draft)) };
  const look: Look = {
    draft,
    files,
    unseen: await unseenByNix(draft, sopsFiles(files, all)),
    addresses: new Map(draft.secrets.map(secret => [placeOf(secret.file, secret.key), secret.address])),
  };
  const usable = ({ secret }: ReadSecret) => !submodules.holds(secret.sopsFile.path);
  const found = [
    ...readers.flatMap(each =>
      each.declares.secrets.filter(usable).flatMap(one => ofSecret(look, each, one, hand.leftOut)),
    ),
    ...readers.flatMap(each => ofReader(look, each)),
    ...readers.flatMap(({ hand: own, host, opaque }) =>
      own === null || host === null || opaque ? [] : checkLacking(own, host, names),
    ),
    ...strangers(draft, readers),
    ...(await ofEnvFiles(draft, files, all)),
    ...moduleTexts(hand, readers, new Set(draft.paths)),
    ...readers.flatMap(each => checkTemplates(hand, each)),
    ...undeclaredUses(
      draft,
      hand,
      readers.some(each => each.opaque),
    ),
  ];
  return once(found).map(each => (hand.leftOut.has(each.file ?? '') ? softened(each) : each));
}

/** True where sops-nix is among what the repository pins: something that nobody can read here may bring its module. */
async function isPinned(draft: Draft): Promise<boolean> {
  for (const path of draft.paths.filter(each => PINS.test(each))) {
    const file = await draft.read(path).catch(() => null);
    if (file !== null && Buffer.from(file.bytes).includes('sops-nix')) return true;
  }
  return false;
}

function readersOf(draft: Draft, hand: HandWritten): Reader[] {
  const reader = new HandReader(hand);
  const emitted = emittedNames(draft.secrets);
  const anybodys = new Set([...emitted.values()].flatMap(names => [...names]));
  const flakes = hand.hosts.map(host => asFlake(host.name, host.platform, host.inside));
  const paired = pairHosts(draft.inventory, flakes, () => []);
  const modules = new Set([...draft.inventory.hosts.keys()].map(name => modulePath(draft.inventory, name)));
  const hosts = hand.hosts.map((host, index): Reader => {
    const pair = paired[index] ?? {
      flake: asFlake(host.name, host.platform, null),
      name: host.name,
      host: null,
      recipient: null,
    };
    const names = host.platform === 'home' && pair.host === null ? NONE : (emitted.get(pair.name) ?? NONE);
    const declares = reader.ofHost(host, names);
    const opaque = host.opaque || host.unread.some(path => !modules.has(path));
    const unclear = hand.unclearSecrets;
    const setting = (each: Setting) => reader.setting(host, each);
    return { paired: pair, host: pair.name, hand: host, declares, emitted: names, opaque, unclear, setting };
  });
  // whoever imports a module of nobody may bring what it lacks
  const isOpaque = hosts.some(each => each.opaque) || hand.others.some(each => each.opaque);
  const others = hand.others.map((module): Reader => {
    const flake = asFlake(module.path, 'nixos', null);
    const nobody = { flake, name: module.path, host: null, recipient: null };
    return {
      paired: nobody,
      host: null,
      hand: null,
      declares: reader.ofModule(module, anybodys),
      emitted: NONE,
      opaque: isOpaque,
      unclear: hand.unclearSecrets,
      setting: () => null,
    };
  });
  return [...hosts, ...others];
}

function emittedNames(secrets: readonly Secret[]): Map<string, Set<string>> {
  const byHost = new Map<string, Set<string>>();
  for (const secret of secrets) {
    if (!secret.emitted) continue;
    for (const host of secret.hosts) {
      const names = byHost.get(host) ?? new Set<string>();
      byHost.set(host, names.add(secret.name));
    }
  }
  return byHost;
}

function ofSecret(
  look: Look,
  { paired, host }: Reader,
  one: ReadSecret,
  leftOut: ReadonlySet<string>,
): CheckFinding[] {
  const { secret, place, formatKnown, keyKnown } = one;
  const actual = look.files.known(secret.sopsFile)?.managed?.format;
  const format = formatKnown ? secret.format : (actual ?? secret.format);
  const known = { ...secret, format, key: keyKnown ? secret.key : '' };
  const found = [
    ...checkSecret(look, paired, known),
    ...checkOptions({ ...paired, flake: { ...paired.flake, secrets: [known] } }).filter(({ code }) =>
      OF_DECLARATION.has(code),
    ),
    ...rewritten(format === actual && format === 'ini', known.sopsFile.path, secret.attribute, paired.name),
  ];
  const isAside = (host === null && ASIDE.test(place.path)) || leftOut.has(place.path);
  return found.map(each => placed(isAside || isIgnored(each, known) ? softened(each) : each, place, host));
}

/** The name of an owner is passed over before users exist; a number is refused. */
function isIgnored({ code }: CheckFinding, { uid, gid }: ReadSecret['secret']): boolean {
  return code === 'unknown-owner' && (uid ?? 0) === 0 && (gid ?? 0) === 0;
}

/** A finding about a sops file says where it is declared; one about the declaration stands there. */
function placed(each: CheckFinding, { path, line }: NixPlace, host: string | null): CheckFinding {
  if (each.file === null) return { ...each, file: path, line, host };
  return { ...each, host, message: `${each.message} (declared in ${path}:${line})` };
}

/** The names of variables of the env files that are declared. */
async function ofEnvFiles(
  draft: Draft,
  files: DeclaredFiles,
  all: readonly ReadSecret[],
): Promise<CheckFinding[]> {
  const byFile = new Map<string, string>();
  for (const { secret } of all) {
    const file = files.known(secret.sopsFile);
    if (file?.state === 'sops' && file.path !== null && file.managed?.format === 'dotenv')
      byFile.set(file.path, byFile.get(file.path) ?? secret.attribute);
  }
  const found: CheckFinding[] = [];
  for (const [file, secret] of byFile) found.push(...(await envNames(draft, { file, secret })));
  return found;
}

/** Each module once, for the platform of those that import it. */
function moduleTexts(
  hand: HandWritten,
  readers: readonly Reader[],
  files: ReadonlySet<string>,
): CheckFinding[] {
  const importers = new Map<HandModule, { platforms: Set<Platform>; hosts: string[] }>();
  for (const { hand: host, host: name } of readers) {
    for (const module of host?.modules ?? []) {
      const before = importers.get(module) ?? { platforms: new Set<Platform>(), hosts: [] };
      importers.set(module, before);
      if (host !== null) before.platforms.add(host.platform);
      if (name !== null) before.hosts.push(name);
    }
  }
  const said = (module: HandModule, platform: Platform | null, host: string | null) => [
    ...checkModuleText(module, { platform, host, files, extended: hand.extended }),
    ...checkSettings(module, { platform, host, files, extended: hand.extended }),
  ];
  const reached = [...importers].flatMap(([module, { platforms, hosts }]) => {
    const [host = null, ...more] = new Set(hosts);
    return [...platforms].flatMap(platform => said(module, platform, more.length > 0 ? null : host));
  });
  return [...reached, ...hand.others.flatMap(module => said(module, null, null))];
}

/** `config.sops.secrets.NAME` of what nobody declares ends the evaluation. */
function undeclaredUses(draft: Draft, { declared, uses }: HandWritten, opaque: boolean): CheckFinding[] {
  if (declared === null) return [];
  const unless = opaque ? ', unless a module of another flake declares it' : '';
  const emitted = new Set(draft.secrets.filter(({ emitted: is }) => is).map(({ name }) => name));
  return [...uses].flatMap(([name, [place]]) => {
    if (declared.has(name) || emitted.has(name) || place === undefined) return [];
    const message = `it uses sops.secrets.${shortened(name)}, which nothing declares: where that is switched on, the evaluation ends in \`attribute '${shortened(name)}' missing\`${unless}`;
    const where = { file: place.path, line: place.line, secret: name };
    return [
      finding(
        'undeclared',
        where,
        message,
        `secrets add ${shortened(name)} --host HOST, or take the line out`,
      ),
    ];
  });
}

function sopsFiles(files: DeclaredFiles, all: readonly ReadSecret[]): string[] {
  const found = all.flatMap(({ secret }) => {
    const file = files.known(secret.sopsFile);
    return file?.state === 'sops' && file.path !== null ? [file.path] : [];
  });
  return [...new Set(found)];
}

/** What several configurations import is said once, of all of them. */
function once(found: readonly CheckFinding[]): CheckFinding[] {
  const byKey = new Map<string, { first: CheckFinding; hosts: Set<string | null> }>();
  for (const each of found) {
    const said = each.host === null ? each.message : each.message.replaceAll(each.host, '');
    const own = each.code === 'cannot-open' || each.code === 'name-twice' ? each.host : '';
    const key = [each.code, each.file, each.line, each.secret, own, said].join('\0');
    const before = byKey.get(key);
    if (before === undefined) byKey.set(key, { first: each, hosts: new Set([each.host]) });
    else before.hosts.add(each.host);
  }
  return [...byKey.values()].map(({ first, hosts }) => (hosts.size > 1 ? { ...first, host: null } : first));
}
