import { SecretsError } from '../errors.ts';
import type { FormatName } from '../sops/formats/format.ts';
import type { Platform, SecretOptions } from '../workspace/model.ts';
import { optionEntries } from './options.ts';
import { fileExpr } from './path.ts';
import { type NixEntry, type NixExpr, printExpr } from './print.ts';

export { normalizeUnit } from './units.ts';

/** One secret that a host receives. */
export interface Declaration {
  /** The name on the host, also the attribute name: `kotori`, `kanidm/miniflux`. */
  readonly name: string;
  /** How commands name it; absent: by its name. */
  readonly address?: string | undefined;
  /** Relative to the workspace root, with `/`. */
  readonly file: string;
  readonly format: FormatName;
  /** The key inside the file where it is not the name; `null` otherwise. `''` is the whole document. */
  readonly key: string | null;
  /** Only what sops-nix knows is read: owner, group, mode, path, units, neededForUsers. */
  readonly options: SecretOptions;
  /** True: the file does not exist yet, so the host must not be built. */
  readonly pending?: boolean | undefined;
}

/** What one host is given. */
export interface HostModule {
  readonly host: string;
  readonly platform: Platform;
  /** Folder of the emitted file, relative to the workspace root: `secrets`. */
  readonly directory: string;
  readonly declarations: readonly Declaration[];
}

const MARK = '# Emitted by `secrets`:';
const HEADER = `${MARK} edits are lost. Change .sops.yaml instead, then run \`secrets nix\`.\n`;

/**
 * The module `secrets/HOST.nix`: one declaration for each secret, sorted by the bytes of the name, as nixfmt
 * would lay it out. It takes its arguments as `_`, which binds nothing, since it refers to nothing.
 *
 * @throws SecretsError `BAD_OPTION` where the platform lacks an option or a value would fail on the host,
 * `NAME_COLLISION` where two secrets cannot lie beside each other, `BAD_PATH` for a file outside the root
 */
export function emitModule(module: HostModule): string {
  const sorted = [...module.declarations].sort((a, b) => compareBytes(a.name, b.name));
  refuseCollisions(sorted, module.host);
  const secrets = sorted.map(
    (declaration): NixEntry => [[declaration.name], declarationExpr(declaration, module)],
  );
  const body: NixEntry[] =
    secrets.length === 0 ? [] : [[['sops', 'secrets'], { kind: 'attrs', entries: secrets }]];
  const entries = [...pendingAssertions(sorted), ...body];
  return `${HEADER}_: ${printExpr({ kind: 'attrs', entries })}\n`;
}

/**
 * What uses the path of a secret without a value still evaluates; a build of the host ends in this sentence, and
 * not in a service that starts without its secret.
 */
function pendingAssertions(sorted: readonly Declaration[]): NixEntry[] {
  const items = sorted
    .filter(declaration => declaration.pending === true)
    .map(({ name, address = name }): NixExpr => {
      const text = `the secret ${name} has no value yet: run \`secrets fill ${address}\``;
      return {
        kind: 'attrs',
        entries: [
          [['assertion'], { kind: 'bool', value: false }],
          [['message'], { kind: 'string', text }],
        ],
      };
    });
  return items.length === 0 ? [] : [[['assertions'], { kind: 'list', items }]];
}

/** True for text that {@link emitModule} made, also after a merge that left its markers in the file. */
export function isEmitted(text: string): boolean {
  const start = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const conflict = /^<{7}[^\n]*\n/.exec(start);
  return start.startsWith(MARK, conflict?.[0].length ?? 0);
}

/**
 * The value of `sops.secrets.NAME`.
 *
 * @throws SecretsError as {@link emitModule}
 */
export function declarationExpr(declaration: Declaration, module: Omit<HostModule, 'declarations'>): NixExpr {
  const { name, file, format, options } = declaration;
  const { host, platform, directory } = module;
  const entries: NixEntry[] = [[['sopsFile'], fileExpr(directory, file)]];
  if (format !== 'yaml') entries.push([['format'], { kind: 'string', text: format }]);
  const key = keyOf(declaration, host);
  if (key !== null) entries.push([['key'], { kind: 'string', text: key }]);
  return {
    kind: 'attrs',
    entries: [...entries, ...optionEntries(options, { host, platform, secret: name })],
  };
}

/** The key to write, `null` where sops-nix finds the value without one. */
function keyOf(declaration: Declaration, host: string): string | null {
  const { name, format, key } = declaration;
  // dotenv, INI and binary are delivered whole
  if (format !== 'yaml' && format !== 'json') return null;
  const wanted = key ?? name;
  if (format === 'json' && wanted.includes('/')) {
    throw new SecretsError('BAD_OPTION', `${name} on ${host}: sops-nix cannot look into nested JSON`, {
      hint: 'give the secret a key of its own at the top level, or keep it as YAML',
      file: declaration.file,
    });
  }
  return wanted === name ? null : wanted;
}

/** The installer would stop at the second of them, and with it every secret of the host. */
function refuseCollisions(sorted: readonly Declaration[], host: string): void {
  const names = new Set<string>();
  for (const { name } of sorted) {
    if (names.has(name)) throw new SecretsError('NAME_COLLISION', `${host} would receive ${name} twice`);
    names.add(name);
  }
  for (const name of names) {
    const folder = parents(name).find(parent => names.has(parent));
    if (folder === undefined) continue;
    throw new SecretsError(
      'NAME_COLLISION',
      `${host} would receive ${folder} as a file and as the folder of ${name}`,
      {
        hint: `give one of them another name, or hold it back from ${host} with \`deliver: false\``,
      },
    );
  }
}

/** `a/b/c` lies in `a` and `a/b`. Names have few segments; what is longer than a path can be is cut. */
function parents(name: string): string[] {
  const found: string[] = [];
  for (let at = name.indexOf('/'); at !== -1 && found.length < 64; at = name.indexOf('/', at + 1)) {
    found.push(name.slice(0, at));
  }
  return found;
}

/** Order of the UTF-8 bytes, which is the order of code points and not that of UTF-16 units. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
