import type { HandModule, HandWritten, NixPlace, Setting } from '../workspace/hand-written.ts';
import { parseNix } from './expression.ts';
import type { NixFile } from './findings.ts';
import { readFlake } from './flake.ts';
import { type FlakeHostText, findFlakeHosts, hasForeignInput } from './flake-hosts.ts';
import { leftOutFiles } from './left-out.ts';
import { Lines } from './lines.ts';
import { DECISIVE, findMentions, type Mentions } from './mentions.ts';
import { isEmitted } from './module.ts';
import { type ModuleText, readModule } from './module-text.ts';
import { folderOf } from './path.ts';
import { type KnownHost, Reach } from './reach.ts';

/** Files that say nothing of sops are read for what they import. */
const ABOUT_SOPS = /sops/;
const MODULE_WORDS = /sops|imports|modules|home-manager|Configurations/;

/** What sops-nix takes a key from: its own settings, or the host keys of openssh, which images of nixpkgs switch on. */
const KEY_SOURCE =
  /keyFile|sshKeyPaths|gnupg|openssh|sshd|hostKeys|\/virtualisation\/|\/installer\/(?!scan)|nixos-generators/;

/**
 * Reads the Nix that people wrote, without evaluating it: which configuration certainly imports which modules, and what
 * those declare in plain sight. What stands behind a condition, a function or a computed name is left out, and what it may
 * change is marked as unclear.
 *
 * @param files tracked `*.nix` files of the workspace; emitted ones are passed over
 */
export function readHandWritten(files: readonly NixFile[], known: readonly KnownHost[]): HandWritten {
  const written = files.filter(({ text }) => MODULE_WORDS.test(text) && !isEmitted(text));
  const flake = written.filter(({ path }) => /(?:^|\/)flake\.nix$/.test(path)).sort(byDepth)[0] ?? null;
  const flakeFolder = flake === null ? null : folderOf(flake.path);
  const sopsNix = flake === null ? new Set<string>() : readFlake(flake.text).sopsNix;
  const modules = new Map<string, ModuleText>();
  let hosts: readonly FlakeHostText[] = [];
  let foreign = false;
  for (const { path, text } of written) {
    const source = { path, lines: new Lines(text), flakeFolder, sopsNix };
    const node = parseNix(text);
    if (path !== flake?.path) {
      modules.set(path, readModule(node, source));
      continue;
    }
    hosts = findFlakeHosts(node, source);
    foreign = hasForeignInput(node, sopsNix);
  }
  const paths = new Set(files.map(file => file.path));
  const found = new Reach(modules, paths, foreign).hosts(hosts, known);
  const reached = new Set(found.flatMap(host => host.modules));
  const all = [...new Set([...reached, ...[...modules.values()].flatMap(withInline)])];
  const mentions = written
    .filter(({ text }) => ABOUT_SOPS.test(text))
    .map(({ path, text }) => findMentions(path, text));
  const others = all.filter(module => !reached.has(module) && saysSomething(module));
  const names = {
    sopsNix: files.some(({ text }) => /sops-nix/.test(text)),
    keySource: files.some(({ text }) => KEY_SOURCE.test(text)),
  };
  return { hosts: found, others, names, leftOut: leftOutFiles(files), ...judged(mentions, all) };
}

/** What is bound more often than it can be read is unclear. */
function judged(mentions: readonly Mentions[], modules: readonly HandModule[]) {
  const settings = new Map<Setting, number>();
  const secrets = new Map<string, number>();
  const uses = new Map<string, NixPlace[]>();
  const placeholders = new Map<string, NixPlace[]>();
  const filled = mentions.some(each => each.computedTemplates)
    ? null
    : new Set(mentions.flatMap(each => [...each.filled]));
  for (const each of mentions) {
    for (const [name, count] of each.settings) settings.set(name, (settings.get(name) ?? 0) + count);
    for (const [name, count] of each.secrets) secrets.set(name, (secrets.get(name) ?? 0) + count);
    for (const [name, places] of each.uses) uses.set(name, [...(uses.get(name) ?? []), ...places]);
    for (const [name, places] of each.placeholders)
      placeholders.set(name, [...(placeholders.get(name) ?? []), ...places]);
  }
  const declared = mentions.some(({ computed }) => computed) ? null : new Set(secrets.keys());
  for (const module of modules) {
    for (const [name, { derived }] of module.settings)
      settings.set(name, (settings.get(name) ?? 0) - Number(!derived));
    for (const { attribute, options, whole, named } of module.secrets) {
      const own = [...options].filter(([option, { derived }]) => DECISIVE.has(option) && !derived).length;
      secrets.set(attribute, (secrets.get(attribute) ?? 0) - own - Number(whole !== null || named));
    }
  }
  const unclear = <T>(counts: ReadonlyMap<T, number>) =>
    new Set([...counts].filter(([, count]) => count !== 0).map(([name]) => name));
  const unclears = { unclearSettings: unclear(settings), unclearSecrets: unclear(secrets) };
  const extended = mentions.some(each => each.extended);
  return { declared, uses, placeholders, filled, extended, ...unclears };
}

/** A module, and those inside it. */
function withInline(text: ModuleText): HandModule[] {
  return [
    text.module,
    ...text.inline.flatMap(withInline),
    ...text.homes.flatMap(each => withInline(each.text)),
  ];
}

function saysSomething({ secrets, settings, badNames }: HandModule): boolean {
  return secrets.length + settings.size + badNames.length > 0;
}

function byDepth(a: NixFile, b: NixFile): number {
  return a.path.split('/').length - b.path.split('/').length || (a.path < b.path ? -1 : 1);
}
