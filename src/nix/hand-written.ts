import type { HandHost, HandModule, HandWritten, NixPlace, Setting } from '../workspace/hand-written.ts';
import type { Platform } from '../workspace/model.ts';
import { parseNix } from './expression.ts';
import type { NixFile } from './findings.ts';
import { type FlakeHostText, findFlakeHosts } from './flake-hosts.ts';
import { Lines } from './lines.ts';
import { DECISIVE, findMentions, type Mentions } from './mentions.ts';
import { isEmitted } from './module.ts';
import { type ModuleText, readModule } from './module-text.ts';
import { isHomeFile, machinesOf } from './owner.ts';
import { folderOf } from './path.ts';

/** Files that say nothing of sops are read for what they import. */
const ABOUT_SOPS = /sops/;
const MODULE_WORDS = /sops|imports|modules|home-manager|Configurations/;

/** What sops-nix takes a key from: its own settings, or the host keys of openssh. */
const KEY_SOURCE = /keyFile|sshKeyPaths|gnupg|openssh|hostKeys/;

/** A host as `.sops.yaml` knows it: one of them gives a folder `hosts/NAME` its meaning. */
export interface KnownHost {
  readonly name: string;
  readonly platform: Platform;
}

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
  const modules = new Map<string, ModuleText>();
  let hosts: readonly FlakeHostText[] = [];
  for (const { path, text } of written) {
    const source = { path, lines: new Lines(text), flakeFolder };
    const node = parseNix(text);
    if (path === flake?.path) hosts = findFlakeHosts(node, source);
    else modules.set(path, readModule(node, source));
  }
  const found = new Reach(modules).hosts(hosts, known);
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
  return { hosts: found, others, names, ...judged(mentions, all) };
}

/** What is bound more often than it can be read is unclear. */
function judged(mentions: readonly Mentions[], modules: readonly HandModule[]) {
  const settings = new Map<Setting, number>();
  const secrets = new Map<string, number>();
  const uses = new Map<string, NixPlace[]>();
  for (const each of mentions) {
    for (const [name, count] of each.settings) settings.set(name, (settings.get(name) ?? 0) + count);
    for (const [name, count] of each.secrets) secrets.set(name, (secrets.get(name) ?? 0) + count);
    for (const [name, places] of each.uses) uses.set(name, [...(uses.get(name) ?? []), ...places]);
  }
  const declared = mentions.some(({ computed }) => computed) ? null : new Set(secrets.keys());
  for (const module of modules) {
    for (const name of module.settings.keys()) settings.set(name, (settings.get(name) ?? 0) - 1);
    for (const { attribute, options, whole } of module.secrets) {
      const read = [...options.keys()].filter(option => DECISIVE.has(option)).length + Number(whole !== null);
      secrets.set(attribute, (secrets.get(attribute) ?? 0) - read);
    }
  }
  const unclear = <T>(counts: ReadonlyMap<T, number>) =>
    new Set([...counts].filter(([, count]) => count !== 0).map(([name]) => name));
  return { declared, uses, unclearSettings: unclear(settings), unclearSecrets: unclear(secrets) };
}

class Reach {
  readonly #modules: ReadonlyMap<string, ModuleText>;

  constructor(modules: ReadonlyMap<string, ModuleText>) {
    this.#modules = modules;
  }

  hosts(flake: readonly FlakeHostText[], known: readonly KnownHost[]): HandHost[] {
    const found: HandHost[] = [];
    const seen = new Set<string>();
    const own = this.#ownModules();
    for (const { name, platform, modules } of flake) {
      const roots = platform === 'home' ? modules : [...modules, ...(own.get(name) ?? [])];
      found.push(...this.#configuration(name, platform, roots));
      seen.add(name);
    }
    for (const [name, roots] of own) {
      const host = known.find(each => each.name === name || isAround(each.name, name));
      if (seen.has(name) || host === undefined || host.platform === 'home') continue;
      found.push(...this.#configuration(name, host.platform, roots));
    }
    return found;
  }

  /** What lies in the folder of a machine is of that machine. */
  #ownModules(): Map<string, ModuleText[]> {
    const own = new Map<string, ModuleText[]>();
    for (const [path, text] of this.#modules) {
      if (isHomeFile(path)) continue;
      for (const name of machinesOf(path)) {
        const those = own.get(name) ?? [];
        those.push(text);
        own.set(name, those);
      }
    }
    return own;
  }

  /** A configuration, and the profiles inside it. */
  #configuration(name: string, platform: Platform, roots: readonly ModuleText[]): HandHost[] {
    const { texts, imports } = this.#closure(roots);
    const homes = new Map<string, ModuleText[]>();
    for (const { user, text } of texts.flatMap(each => each.homes)) {
      const those = homes.get(user) ?? [];
      those.push(text);
      homes.set(user, those);
    }
    const modules = texts.map(({ module }) => module);
    return [
      { name, platform, inside: null, modules, imports },
      ...[...homes].map(([user, those]): HandHost => {
        const inside = this.#closure(those);
        const own = inside.texts.map(({ module }) => module);
        return { name: user, platform: 'home', inside: name, modules: own, imports: inside.imports };
      }),
    ];
  }

  #closure(roots: readonly ModuleText[]): { texts: ModuleText[]; imports: Map<string, NixPlace> } {
    const found = new Set<ModuleText>(roots);
    const imports = new Map<string, NixPlace>();
    for (const text of found) {
      for (const inner of text.inline) found.add(inner);
      for (const [path, place] of text.imports) {
        if (!imports.has(path)) imports.set(path, place);
        const module =
          this.#modules.get(path) ?? this.#modules.get(path === '' ? 'default.nix' : `${path}/default.nix`);
        if (module !== undefined) found.add(module);
      }
    }
    return { texts: [...found], imports };
  }
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

/** `host_megumu` and `megumu-ssh` are around `megumu`. */
function isAround(anchor: string, name: string): boolean {
  return anchor.split(/[-_]/).length > 1 && (anchor.endsWith(name) || anchor.startsWith(name));
}

function byDepth(a: NixFile, b: NixFile): number {
  return a.path.split('/').length - b.path.split('/').length || (a.path < b.path ? -1 : 1);
}
