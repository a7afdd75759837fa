import type { FormatName } from '../../sops/formats/format.ts';
import type { EvaluatedFile, EvaluatedSecret } from '../../workspace/flake-host.ts';
import type {
  HandEntry,
  HandHost,
  HandModule,
  HandOption,
  HandWritten,
  NixPlace,
  NixValue,
  Setting,
} from '../../workspace/hand-written.ts';

/** A secret that Nix text declares in plain sight, as far as the text says what it is. */
export interface ReadSecret {
  readonly secret: EvaluatedSecret;
  readonly place: NixPlace;
  /** False where its format is computed, so that nothing can be said of it. */
  readonly formatKnown: boolean;
  /** True where the key is known, so that it can be looked for. */
  readonly keyKnown: boolean;
}

/** Why nothing stands where a file has to be named. */
interface FilelessSecret {
  readonly attribute: string;
  readonly place: NixPlace;
}

/** What a configuration, or a module that none is seen to import, declares. */
export interface ReadDeclarations {
  readonly secrets: readonly ReadSecret[];
  readonly fileless: readonly FilelessSecret[];
}

const FORMATS: readonly FormatName[] = ['yaml', 'json', 'binary', 'dotenv', 'ini'];

/** The value of a setting for some modules: `null` where nobody sets it, `unknown` where that cannot be said. */
type SettingValue = NixValue | null;

/** Puts together what several modules say of one secret, and what it takes from the defaults. */
export class HandReader {
  readonly #hand: HandWritten;
  /** Modules of no configuration that set something. */
  readonly #loose: ReadonlyMap<Setting, readonly HandOption[]>;
  readonly #all: ReadonlyMap<Setting, number>;

  constructor(hand: HandWritten) {
    this.#hand = hand;
    this.#loose = settingsOf(hand.others);
    const modules = new Set([...hand.others, ...hand.hosts.flatMap(each => each.modules)]);
    this.#all = new Map([...settingsOf([...modules])].map(([name, values]) => [name, values.length]));
  }

  /** @param emitted names that the emitted module of the host declares whole */
  ofHost(host: HandHost, emitted: ReadonlySet<string>): ReadDeclarations {
    const settings = settingsOf(host.modules);
    return this.#declarations(host.modules, emitted, setting => {
      const own = settings.get(setting) ?? [];
      return own.length > 0 ? own : (this.#loose.get(setting) ?? []);
    });
  }

  /** Of a module that nobody is seen to import: what the repository says once counts for it. */
  ofModule(module: HandModule, emitted: ReadonlySet<string>): ReadDeclarations {
    return this.#declarations([module], emitted, setting => {
      const own = module.settings.get(setting);
      if (own !== undefined && (this.#all.get(setting) ?? 0) === 1) return [own];
      const loose = this.#loose.get(setting) ?? [];
      // what a configuration sets for itself says nothing of others
      return (this.#all.get(setting) ?? 0) === loose.length ? loose : [UNKNOWN, UNKNOWN];
    });
  }

  /** A setting of a configuration, where its modules say it once and plainly. */
  setting(host: HandHost, setting: Setting): HandOption | null {
    if (this.#hand.unclearSettings.has(setting)) return null;
    const [only, ...more] = settingsOf(host.modules).get(setting) ?? [];
    return more.length > 0 ? null : (only ?? null);
  }

  #declarations(
    modules: readonly HandModule[],
    emitted: ReadonlySet<string>,
    candidates: (setting: Setting) => readonly HandOption[],
  ): ReadDeclarations {
    const setting = (name: Setting): SettingValue => {
      if (this.#hand.unclearSettings.has(name)) return { kind: 'unknown' };
      const [only, ...more] = candidates(name);
      return more.length > 0 ? { kind: 'unknown' } : (only?.value ?? null);
    };
    const secrets: ReadSecret[] = [];
    const fileless: FilelessSecret[] = [];
    for (const merged of mergedSecrets(modules)) {
      if (this.#hand.unclearSecrets.has(merged.attribute) || merged.whole !== null) continue;
      const file = fileOf(merged, emitted, setting('defaultSopsFile'));
      if (file === 'none') fileless.push({ attribute: merged.attribute, place: placeOf(merged) });
      if (file !== null && file !== 'none') secrets.push(readSecret(merged, file, setting));
    }
    return { secrets, fileless };
  }
}

const UNKNOWN: HandOption = { value: { kind: 'unknown' }, priority: 100, derived: false, path: '', line: 1 };

function settingsOf(modules: readonly HandModule[]): Map<Setting, HandOption[]> {
  const found = new Map<Setting, HandOption[]>();
  for (const module of modules)
    for (const [name, option] of module.settings) found.set(name, [...(found.get(name) ?? []), option]);
  return found;
}

/** Modules complete each other: one names the file, another the owner. */
function mergedSecrets(modules: readonly HandModule[]): HandEntry[] {
  const byName = new Map<string, HandEntry>();
  for (const each of modules.flatMap(module => module.secrets)) {
    const before = byName.get(each.attribute);
    const merged =
      before === undefined
        ? each
        : {
            ...before,
            options: mergedOptions(before.options, each.options),
            asSet: before.asSet || each.asSet,
            whole: before.whole ?? each.whole,
          };
    byName.set(each.attribute, merged);
  }
  return [...byName.values()];
}

/** Of two definitions the one with the lower number counts; two of the same are the business of `hand-clashes`. */
function mergedOptions(
  before: ReadonlyMap<string, HandOption>,
  after: ReadonlyMap<string, HandOption>,
): Map<string, HandOption> {
  const merged = new Map(before);
  for (const [name, option] of after) {
    const present = merged.get(name);
    if (present === undefined || option.priority <= present.priority) merged.set(name, option);
  }
  return merged;
}

/** Where the file is named, else where the secret is. */
function placeOf({ options, path, line }: HandEntry): NixPlace {
  const file = options.get('sopsFile');
  return file === undefined ? { path, line } : { path: file.path, line: file.line };
}

/** `null`: it cannot be said. `none`: nobody names one. */
function fileOf(
  { attribute, options, asSet }: HandEntry,
  emitted: ReadonlySet<string>,
  byDefault: SettingValue,
): EvaluatedFile | null | 'none' {
  const own = options.get('sopsFile');
  // it completes what this tool emits
  if (own === undefined && emitted.has(attribute) && (!asSet || byDefault === null)) return null;
  const value = own === undefined ? byDefault : own.value;
  if (value === null) return 'none';
  if (value.kind === 'path' && value.file !== null)
    return { path: value.file, shown: value.file, inStore: true };
  if (value.kind === 'text' && value.text.startsWith('/'))
    return { path: null, shown: value.text, inStore: false };
  return null;
}

function readSecret(
  merged: HandEntry,
  sopsFile: EvaluatedFile,
  setting: (name: Setting) => SettingValue,
): ReadSecret {
  const { attribute, options } = merged;
  const format = options.get('format')?.value ?? setting('defaultSopsFormat') ?? text('yaml');
  const known = format.kind === 'text' ? FORMATS.find(name => name === format.text) : undefined;
  const key = options.get('key')?.value ?? setting('defaultSopsKey') ?? text(attribute);
  const name = textOf(options.get('name')?.value) ?? attribute;
  const secret = {
    attribute,
    name,
    key: key.kind === 'text' ? key.text : key.kind === 'null' ? attribute : '',
    sopsFile,
    format: known ?? 'yaml',
    mode: textOf(options.get('mode')?.value) ?? '0400',
    owner: textOf(options.get('owner')?.value),
    group: textOf(options.get('group')?.value),
    uid: numberOf(options.get('uid')?.value),
    gid: numberOf(options.get('gid')?.value),
    path: textOf(options.get('path')?.value) ?? '',
    neededForUsers: isTrue(options.get('neededForUsers')?.value),
    restartUnits: textsOf(options.get('restartUnits')?.value),
    reloadUnits: textsOf(options.get('reloadUnits')?.value),
  };
  const keyKnown = key.kind === 'text' || key.kind === 'null';
  return { secret, place: placeOf(merged), formatKnown: known !== undefined, keyKnown };
}

function text(value: string): NixValue {
  return { kind: 'text', text: value };
}

function textOf(value: NixValue | undefined): string | null {
  return value?.kind === 'text' ? value.text : null;
}

function textsOf(value: NixValue | undefined): string[] {
  if (value?.kind !== 'list') return [];
  return value.items.flatMap(item => (item.kind === 'text' ? [item.text] : []));
}

function numberOf(value: NixValue | undefined): number | null {
  return value?.kind === 'number' ? Number(value.text) : null;
}

function isTrue(value: NixValue | undefined): boolean {
  return value?.kind === 'bool' && value.text === 'true';
}
