import type { FormatName } from '../../src/sops/formats/format.ts';
import type { Platform } from '../../src/workspace/model.ts';
import type { Dice } from './dice.ts';

/** Options of a secret as they stand in `.sops.yaml`. */
export interface Options {
  mode?: string;
  path?: string;
  owner?: string;
  group?: string;
  restartUnits?: string[];
  reloadUnits?: string[];
  neededForUsers?: boolean;
  deliver?: boolean;
  sopsFile?: string;
  key?: string;
  generate?: string;
  pending?: string;
}

/** A machine or profile of a random inventory. */
export interface RandomHost {
  readonly name: string;
  readonly platform: Platform;
  /** The anchor of its key; a profile may use the one of the admin. */
  readonly anchor: string;
  /** By address. */
  readonly overrides: Map<string, Options>;
}

/** Hosts and groups that a folder is named after, and the hosts that this makes. */
interface Audience {
  readonly folder: string;
  readonly hosts: ReadonlySet<string>;
}

/** A secret as it was drawn, with what the host is to make of it. */
interface RandomSecret {
  readonly address: string;
  readonly name: string;
  readonly file: string;
  readonly format: FormatName;
  /** What the installer looks up. */
  readonly key: string;
  /** Under `secrets:`; `null` where there is no entry. */
  readonly options: Options | null;
  /** The names of the hosts that it is delivered to. */
  readonly receivers: ReadonlySet<string>;
  readonly pending: boolean;
}

/** A Nix file by which a person declares a secret on one host. */
interface HandWritten {
  readonly host: string;
  readonly path: string;
  readonly text: string;
  readonly secret: string;
  /** What the file says. */
  readonly options: Options;
}

/** A repository that was drawn. */
export interface RandomInventory {
  readonly hosts: readonly RandomHost[];
  readonly secrets: readonly RandomSecret[];
  /** The text of each file before it is encrypted. */
  readonly files: ReadonlyMap<string, { readonly format: FormatName; readonly plain: string }>;
  readonly config: string;
  readonly handWritten: readonly HandWritten[];
  /** Where `secrets nix` is to write. */
  readonly moduleFolder: string;
  /** Without `hosts:` in the file only hosts that receive something have a module. */
  readonly declared: boolean;
}

/** Public keys; more than any inventory has names for. */
export type KeyPool = readonly string[];

/** Users of the NixOS machines, and the primary group of each. */
export const ACCOUNTS: ReadonlyMap<string, string> = new Map([
  ['alice', 'alice-g'],
  ['miniflux', 'kanidm'],
  ['a-b_c', 'wheel'],
  ['_svc', 'nogroup'],
  ['web.user', 'web'],
  ['root', 'root'],
]);

const HOST_NAMES = [
  'megumu',
  'aya',
  'momiji',
  'x1',
  'web_01',
  'or',
  'in',
  '9lives',
  'very-long-name-of-a-host',
];
const GROUP_NAMES = ['servers', 'desk_tops', 'let', '2nd'];
const SEGMENTS = [
  ...['kotori', 'a', 'b', 'wg', 'miniflux', 'Z', '_', '__proto__', 'constructor', 'toString', '__functor'],
  ...['in', 'rec', 'or', 'if', 'then', 'else', 'assert', 'with', 'let', 'inherit', 'import', 'default'],
  ...[
    'a.b',
    'homepage.env',
    'tls.crt',
    '1',
    '0x1f',
    '8080',
    '1.5',
    '1e3',
    '007',
    '3-d',
    'x-',
    'a--b',
    'a..b',
    'e.',
  ],
  ...[
    'true',
    'no',
    'null',
    'on',
    'y',
    'sopsFile',
    'format',
    'secrets',
    'name',
    'config',
    'outPath',
    'a_',
    'rendered.d',
  ],
  ...['k'.repeat(190), 'L'.repeat(201), `m.${'n'.repeat(240)}`],
];
const MODES = ['0400', '400', '0440', '440', '0600', '0755', '755', '0500', '000'];
const UNITS = [
  'fukurou.service',
  'getty@tty1.service',
  'backup.timer',
  'my.app.service',
  'mnt-a\\x2db.mount',
  '0.socket',
];
const GROUPS = ['alice', 'wheel', 'root', 'kanidm', 'www-data'];
const PATHS = [
  '/var/lib/app/N',
  '/etc/x y/N',
  '/tmp/"q"\\${a}/N',
  "/srv/''${b}''/N",
  '/ü/$N',
  '/a/%%N',
  '/N',
];
const HOME_PATHS = ['%r/N', '/home/user/.netrc-N', '%r/a b/${N}'];
const FOREIGN: readonly [path: string, format: FormatName][] = [
  ['hosts/megumu/sops.yaml', 'yaml'],
  ['sops.yml', 'yaml'],
  ['common/all of them.yaml', 'yaml'],
  ['conf/żółw.yaml', 'yaml'],
  ['hosts/aya/secrets.json', 'json'],
  ['svc/app.env', 'dotenv'],
  ['svc/.env', 'dotenv'],
  ['svc/app.ini', 'ini'],
  ['blobs/cert.der', 'binary'],
  ['blobs/no-extension', 'binary'],
  ['blobs/+odd=name@2x~', 'binary'],
];
const LEAVES = [
  'postgres/password',
  'token',
  'api.key',
  '8080',
  'in',
  'deep/er/rec/x',
  'on',
  'kanidm/or',
  '__proto__',
];
const KEYED: ReadonlySet<FormatName> = new Set(['yaml', 'json']);

/** @param first the platform of one of its hosts */
export function randomInventory(dice: Dice, first: Platform, keys: KeyPool, pending = 0): RandomInventory {
  return new Drawing(dice, first, keys, pending).inventory();
}

/** The hosts of a group by its name, or of one host. */
type Named = ReadonlyMap<string, ReadonlySet<string>>;

class Drawing {
  readonly #dice: Dice;
  readonly #pendingPercent: number;
  readonly #keys = new Map<string, string>();
  readonly #admins: readonly string[];
  readonly #hosts: readonly RandomHost[];
  readonly #groups: ReadonlyMap<string, readonly string[]>;
  readonly #audiences: readonly Audience[];
  readonly #declared: boolean;
  /** Patterns of the rules and the anchors of who reads. */
  readonly #rules: { readonly pattern: string; readonly anchors: readonly string[] }[] = [];
  readonly #files = new Map<string, { readonly format: FormatName; readonly plain: string }>();
  readonly #secrets: RandomSecret[] = [];
  #paths = 0;

  constructor(dice: Dice, first: Platform, pool: KeyPool, pendingPercent: number) {
    this.#dice = dice;
    this.#pendingPercent = pendingPercent;
    const keys = [...pool];
    const keyFor = (anchor: string) => this.#keys.set(anchor, keys.pop() ?? '');
    this.#admins = dice.chance(30) ? ['kamov', 'recovery'] : ['kamov'];
    for (const admin of this.#admins) keyFor(admin);
    const platforms = [first];
    for (let i = dice.int(4); i > 0; i--) platforms.push(dice.pick(['nixos', 'darwin', 'home'] as const));
    this.#declared = platforms.some(platform => platform !== 'nixos') || dice.chance(70);
    this.#hosts = this.#someOf(HOST_NAMES, platforms.length).map((name, i) => {
      const platform = platforms[i] ?? first;
      const ofAdmin = this.#declared && platform === 'home' && dice.chance(30);
      const anchor = ofAdmin ? 'kamov' : this.#declared && dice.chance(20) ? `host_${name}` : name;
      if (!ofAdmin) keyFor(anchor);
      // the key that waits to replace the present one
      if (!ofAdmin && dice.chance(10)) keyFor(`${anchor}_next`);
      return { name, platform, anchor, overrides: new Map() };
    });
    const names = this.#hosts.map(({ name }) => name);
    this.#groups = new Map(
      this.#someOf(GROUP_NAMES, dice.int(3)).map(group => [
        group,
        this.#someOf(names, 1 + dice.int(names.length)),
      ]),
    );
    this.#audiences = this.#drawAudiences(names);
  }

  inventory(): RandomInventory {
    for (const audience of this.#audiences) this.#drawFolder(audience);
    for (const [path, format] of this.#someOf(FOREIGN, this.#dice.int(3))) this.#drawForeign(path, format);
    const claimed = this.#dice.chance(15);
    if (claimed) this.#rules.push({ pattern: '^secrets/.*', anchors: this.#admins });
    return {
      hosts: this.#hosts,
      secrets: this.#secrets,
      files: this.#files,
      config: this.#configText(),
      handWritten: this.#dice.chance(25) ? this.#declareByHand() : [],
      moduleFolder: claimed ? 'nix/secrets' : 'secrets',
      declared: this.#declared,
    };
  }

  #drawAudiences(names: readonly string[]): Audience[] {
    const named: Named = new Map([
      ...names.map(name => [name, new Set([name])] as const),
      ...[...this.#groups].map(([group, members]) => [group, new Set(members)] as const),
    ]);
    const found = new Map<string, Audience>();
    for (let i = 1 + this.#dice.int(4); i > 0; i--) {
      const parts = this.#someOf([...named.keys()], this.#dice.pick([1, 1, 1, 2, 2, 3])).sort();
      const hosts = new Set(parts.flatMap(part => [...(named.get(part) ?? [])]));
      found.set(parts.join('+'), { folder: parts.join('+'), hosts });
    }
    return [...found.values()];
  }

  /** The files of one folder of `secrets/`, with the rule that claims it. */
  #drawFolder({ folder, hosts }: Audience): void {
    const reading = new Set(hosts);
    // the rule says who reads; what a folder is called is a claim
    if (this.#dice.chance(10)) reading.add(this.#dice.pick(this.#hosts).name);
    if (this.#dice.chance(10)) reading.delete(this.#dice.pick(this.#hosts).name);
    this.#addRule(`^secrets/${folder.replaceAll('+', '\\+')}/`, reading);
    // several values in one file: listed, and declared nowhere
    if (this.#dice.chance(10)) {
      const plain = plainText('yaml', ['token', 'kanidm/or']);
      this.#files.set(`secrets/${folder}/several_values.yaml`, { format: 'yaml', plain });
    }
    const candidates = this.#readers(reading, hosts);
    for (let i = this.#dice.int(7); i > 0; i--) {
      const name = this.#drawName();
      const format = this.#dice.pick(['yaml', 'yaml', 'dotenv', 'binary'] as const);
      const file = `secrets/${folder}/${name}.${{ yaml: 'yaml', dotenv: 'env', binary: 'bin' }[format]}`;
      const address = `${folder}/${name}`;
      if (this.#isTaken(file, address)) continue;
      const receivers = this.#deliver(candidates, name, address);
      if (receivers === null) continue;
      const pending = this.#dice.chance(this.#pendingPercent);
      const options = this.#drawOptions(address, receivers);
      if (pending || this.#dice.chance(3)) {
        options.pending = { yaml: 'value', dotenv: 'env', binary: 'binary' }[format];
      }
      if (!pending) this.#files.set(file, { format, plain: plainText(format, [name]) });
      if (this.#dice.chance(10)) options.generate = 'password:32';
      const entry = Object.keys(options).length === 0 && this.#dice.chance(90) ? null : options;
      this.#secrets.push({ address, name, file, format, key: name, options: entry, receivers, pending });
    }
  }

  /** A file outside `secrets/` and the entries that take secrets from it. */
  #drawForeign(file: string, format: FormatName): void {
    const leaves = this.#someOf(LEAVES, 2 + this.#dice.int(5)).filter(
      leaf => format === 'yaml' || !leaf.includes('/'),
    );
    if (leaves.length === 0) leaves.push('token');
    this.#files.set(file, { format, plain: plainText(format, leaves) });
    const reading = new Set(this.#someOf(this.#hosts, 1 + this.#dice.int(4)).map(({ name }) => name));
    this.#addRule(`^${file.replace(/[.+]/g, '\\$&')}$`, reading);
    for (let i = 1 + this.#dice.int(4); i > 0; i--) {
      const leaf = this.#dice.pick(leaves);
      const whole = !KEYED.has(format) || this.#dice.chance(15);
      const asName = !whole && this.#dice.chance(30);
      const name = asName ? leaf : this.#drawName();
      const { folder, hosts } = this.#dice.pick(this.#audiences);
      const address = `${folder}/${name}`;
      if (this.#isTaken(null, address)) continue;
      const candidates = this.#readers(reading, hosts).filter(host => hosts.has(host.name));
      const receivers = this.#deliver(candidates, name, address);
      if (receivers === null) continue;
      const options = { ...this.#drawOptions(address, receivers), sopsFile: file };
      let key = name;
      if (KEYED.has(format) && !asName) {
        key = whole ? '' : leaf;
        options.key = key;
      }
      this.#secrets.push({ address, name, file, format, key, options, receivers, pending: false });
    }
  }

  /** Hosts whose key the rule has. A profile with the key of an admin gets only what is meant for it. */
  #readers(reading: ReadonlySet<string>, meant: ReadonlySet<string>): RandomHost[] {
    return this.#hosts.filter(({ name, anchor }) => (anchor === 'kamov' ? meant : reading).has(name));
  }

  #addRule(pattern: string, reading: ReadonlySet<string>): void {
    const anchors = this.#hosts.filter(({ name }) => reading.has(name)).map(({ anchor }) => anchor);
    const staged = anchors.map(anchor => `${anchor}_next`).filter(anchor => this.#keys.has(anchor));
    this.#rules.push({ pattern, anchors: [...new Set([...this.#admins, ...anchors, ...staged])] });
  }

  #drawName(): string {
    return Array.from({ length: this.#dice.pick([1, 1, 1, 2, 2, 3]) }, () => this.#dice.pick(SEGMENTS)).join(
      '/',
    );
  }

  /** True where the place on the disk or the address is in use already. */
  #isTaken(file: string | null, address: string): boolean {
    if (this.#secrets.some(secret => secret.address === address)) return true;
    if (file === null) return false;
    return this.#secrets.some(
      other => other.file === file || other.file.startsWith(`${file}/`) || file.startsWith(`${other.file}/`),
    );
  }

  /** Who receives it; `null` where one of them has something of that name already. */
  #deliver(candidates: readonly RandomHost[], name: string, address: string): Set<string> | null {
    const held = new Set(this.#declared ? candidates.filter(() => this.#dice.chance(10)) : []);
    const receivers = candidates.filter(host => !held.has(host));
    const collide = (other: string) =>
      other === name || other.startsWith(`${name}/`) || name.startsWith(`${other}/`);
    const blocked = this.#secrets.some(
      other => collide(other.name) && receivers.some(host => other.receivers.has(host.name)),
    );
    if (blocked) return null;
    // what is held back may say what the platform does not have
    for (const host of held) host.overrides.set(address, { deliver: false, owner: 'alice' });
    return new Set(receivers.map(host => host.name));
  }

  /** Options that every receiver can have, some of them through an override of its own. */
  #drawOptions(address: string, receivers: ReadonlySet<string>): Options {
    const dice = this.#dice;
    const hosts = this.#hosts.filter(({ name }) => receivers.has(name));
    const options: Options = {};
    const forced = new Map(hosts.map(host => [host, {} as Options]));
    const onlyHome = hosts.length > 0 && hosts.every(({ platform }) => platform === 'home');
    if (dice.chance(40)) options.mode = dice.pick(MODES);
    if (dice.chance(20)) options.path = this.#path(dice.pick(onlyHome ? HOME_PATHS : PATHS));
    if (dice.chance(12)) this.#askForUsers(options, forced);
    else if (!hosts.some(({ platform }) => platform === 'home')) this.#askAccounts(options, 35);
    if (dice.chance(35)) this.#askUnits(options, forced);
    for (const [host, override] of forced) {
      if (this.#declared && dice.chance(25)) this.#override(host, override, options.neededForUsers === true);
      if (Object.keys(override).length > 0) host.overrides.set(address, override);
    }
    return options;
  }

  #askForUsers(options: Options, forced: ReadonlyMap<RandomHost, Options>): void {
    const home = [...forced].filter(([{ platform }]) => platform === 'home');
    options.neededForUsers = true;
    for (const [, override] of home) override.neededForUsers = false;
    if (home.length === 0 && this.#dice.chance(30)) options.owner = 'root';
  }

  #askAccounts(options: Options, percent: number): void {
    if (this.#dice.chance(percent)) options.owner = this.#dice.pick([...ACCOUNTS.keys()]);
    if (this.#dice.chance(percent)) options.group = this.#dice.pick(GROUPS);
  }

  #askUnits(options: Options, forced: ReadonlyMap<RandomHost, Options>): void {
    const kinds = this.#dice.pick([
      ['restartUnits'],
      ['reloadUnits'],
      ['restartUnits', 'reloadUnits'],
    ] as const);
    const elsewhere = [...forced].filter(([{ platform }]) => platform !== 'nixos');
    if (elsewhere.length > 0 && !this.#declared) return;
    for (const kind of kinds) {
      options[kind] = this.#someOf(UNITS, 1 + this.#dice.int(3));
      for (const [, override] of elsewhere) override[kind] = [];
    }
  }

  /** What one host has otherwise than the others. */
  #override({ platform }: RandomHost, override: Options, forUsers: boolean): void {
    const dice = this.#dice;
    if (dice.chance(50)) override.mode = dice.pick(MODES);
    if (dice.chance(30)) override.path = this.#path(dice.pick(platform === 'home' ? HOME_PATHS : PATHS));
    if (platform !== 'home' && !forUsers) this.#askAccounts(override, 40);
    if (platform !== 'home' && forUsers && dice.chance(30)) override.neededForUsers = false;
    if (platform === 'nixos' && dice.chance(40)) override.restartUnits = this.#someOf(UNITS, dice.int(3));
    if (platform === 'nixos' && dice.chance(20)) override.reloadUnits = this.#someOf(UNITS, dice.int(3));
  }

  /** One secret that a host's own configuration declares already, otherwise than `.sops.yaml` would have it. */
  #declareByHand(): HandWritten[] {
    const host = this.#dice.pick(this.#hosts).name;
    const secret = this.#secrets.find(
      ({ file, pending, receivers }) => !pending && receivers.has(host) && /^[\w./+-]{1,150}$/.test(file),
    );
    if (secret === undefined) return [];
    const { name, file, format, key } = secret;
    const lines = [`sopsFile = ../../${file}`, `format = "${format}"`, `key = "${key}"`, 'mode = "0111"'];
    const text = `{ config, ... }:\n{\n  sops.secrets."${name}" = { ${lines.join('; ')}; };\n}\n`;
    return [{ host, path: `hosts/${host}/default.nix`, text, secret: name, options: { mode: '0111' } }];
  }

  /** No two secrets are put in one place. */
  #path(form: string): string {
    this.#paths++;
    return form.replace('N', `n${this.#paths}`);
  }

  #someOf<T>(choices: readonly T[], count: number): T[] {
    const left = [...choices];
    const taken: T[] = [];
    while (taken.length < count && left.length > 0)
      taken.push(...left.splice(this.#dice.int(left.length), 1));
    return taken;
  }

  #configText(): string {
    const keys = [...this.#keys].map(([anchor, key]) => `  - &${anchor} ${key}\n`).join('');
    const groups = [...this.#groups]
      .map(([name, members]) => `  ${name}: [${members.join(', ')}]\n`)
      .join('');
    const entries = this.#secrets.flatMap(({ address, options }) =>
      options === null ? [] : [this.#entryText(address, options, '  ')],
    );
    return [
      `keys:\n${keys}`,
      `admins: [${this.#admins.join(', ')}]\n`,
      this.#declared ? `hosts:\n${this.#hosts.map(host => this.#hostText(host)).join('')}` : '',
      groups === '' ? '' : `groups:\n${groups}`,
      entries.length === 0 ? '' : `secrets:\n${entries.join('')}`,
      `creation_rules:\n${this.#rules.map(rule => this.#ruleText(rule)).join('')}`,
    ]
      .filter(part => part !== '')
      .join('\n');
  }

  #hostText({ name, platform, anchor, overrides }: RandomHost): string {
    const lines =
      platform === 'nixos' && overrides.size > 0 && this.#dice.chance(30) ? [] : [`platform: ${platform}`];
    if (anchor !== name) lines.push(`recipient: *${anchor}`);
    const secrets = [...overrides].map(([address, options]) => this.#entryText(address, options, '      '));
    if (secrets.length > 0) lines.push(`secrets:\n${secrets.join('').trimEnd()}`);
    return `  ${name}:\n${lines.map(line => `    ${line}\n`).join('')}`;
  }

  /** JSON in YAML, or lines as people write them. */
  #entryText(address: string, options: Options, indent: string): string {
    if (this.#dice.chance(50) || Object.keys(options).length === 0) {
      return `${indent}${JSON.stringify(address)}: ${JSON.stringify(options)}\n`;
    }
    const lines = Object.entries(options).map(
      ([name, value]) => `${indent}  ${name}: ${JSON.stringify(value)}\n`,
    );
    return `${indent}${address}:\n${lines.join('')}`;
  }

  #ruleText({ pattern, anchors }: { readonly pattern: string; readonly anchors: readonly string[] }): string {
    const start = `  - path_regex: '${pattern}'\n`;
    if (this.#dice.chance(70)) {
      return `${start}    key_groups:\n      - age: [${anchors.map(anchor => `*${anchor}`).join(', ')}]\n`;
    }
    return `${start}    age: ${anchors.map(anchor => this.#keys.get(anchor)).join(',')}\n`;
  }
}

/** What the file holds before it is encrypted; JSON is YAML too. */
function plainText(format: FormatName, leaves: readonly string[]): string {
  if (format === 'dotenv') return 'TOKEN=kotori\nURL=x=y\n';
  if (format === 'ini') return '[section]\ntoken = kotori\n';
  if (format === 'binary') return 'kotori';
  const top = new Map<string, unknown>();
  for (const leaf of leaves) {
    const names = leaf.split('/');
    let map = top;
    for (const name of names.slice(0, -1)) {
      const inner = (map.get(name) ?? new Map()) as Map<string, unknown>;
      map.set(name, inner);
      map = inner;
    }
    map.set(names.at(-1) ?? '', 'kotori');
  }
  return `${jsonOf(top)}\n`;
}

/** Of maps and texts; an object could not hold `__proto__`. */
function jsonOf(value: unknown): string {
  if (!(value instanceof Map)) return JSON.stringify(value);
  return `{${[...value].map(([name, inner]) => `${JSON.stringify(name)}: ${jsonOf(inner)}`).join(', ')}}`;
}
