import type { Platform } from '../workspace/model.ts';
import type { KeySource, Place } from './findings.ts';
import type { Flake } from './flake.ts';
import { type Declaration, declarationExpr } from './module.ts';
import { folderOf, relativePath } from './path.ts';
import { printAttrName, printAttrPath, printEntries } from './print.ts';

export interface WiringQuery {
  readonly host: string;
  readonly platform: Platform;
  /** Where the module of the host is emitted, relative to the workspace root. */
  readonly emittedPath: string;
  /** Names of secrets whose use is looked for. */
  readonly secrets: readonly string[];
  /** Names that are known to be other hosts: what lies in their folders does not concern this one. */
  readonly otherHosts?: readonly string[] | undefined;
}

/** What hand-written Nix says about sops-nix on one host. All paths are relative to the workspace root. */
export interface Wiring {
  /** The `flake.nix` that was read, `null` where there is none. */
  readonly flakeFile: string | null;
  readonly flake: Flake | null;
  /** True where a flake has sops-nix as an input. */
  readonly input: boolean;
  /** Where the module of sops-nix for the platform is taken in. */
  readonly moduleImports: readonly Place[];
  /** Where the emitted file is imported. */
  readonly emittedImports: readonly Place[];
  /** By name: where `config.sops.secrets.NAME` is used. Holds the names of the query alone. */
  readonly uses: ReadonlyMap<string, readonly Place[]>;
  /** By name: where hand-written Nix declares a secret; `declaredByHand` says what counts. */
  readonly declared: ReadonlyMap<string, Place>;
  /** Names that hand-written Nix declares or adds options to. */
  readonly mentioned: ReadonlySet<string>;
  /** Settings of `sops.age.keyFile` and `sops.age.sshKeyPaths`. */
  readonly keySources: readonly KeySource[];
  /** `sops.defaultSopsFile`, `null` where it is not set or not a plain path. */
  readonly defaultSopsFile: string | null;
  /** The file where the host's own configuration begins, where that is evident. */
  readonly hostFile: string | null;
}

/** Lines that a person pastes into a file. */
export interface WiringStep {
  /** What they do, and where in the file they belong. */
  readonly title: string;
  /** Relative to the workspace root; `null` where only the person knows which file it is. */
  readonly file: string | null;
  readonly lines: readonly string[];
}

/** What is to be wired. */
export interface WiringNeeds extends WiringQuery {
  /** The unit that reads the secrets, by its full name. */
  readonly unit?: string | undefined;
  /** True where the secrets are environment files. */
  readonly env?: boolean | undefined;
  /** Secrets that lie in a file of the host's own, and so are declared by hand. */
  readonly byHand?: readonly Declaration[] | undefined;
  /** False where the host is given nothing through the emitted module, so that it need not be imported. */
  readonly emitted?: boolean | undefined;
}

const MODULES: Readonly<Record<Platform, string>> = {
  nixos: 'nixosModules',
  darwin: 'darwinModules',
  home: 'homeManagerModules',
};
const INPUT = 'sops-nix';

/**
 * What a host still lacks before a service on it can read a secret, in the order in which to add it: the
 * input, the module, the import of the emitted file, and the use of each secret. Empty where all of it is there.
 */
export function missingWiring(wiring: Wiring, needs: WiringNeeds): WiringStep[] {
  return [
    ...inputSteps(wiring),
    ...moduleStep(wiring, needs),
    ...importStep(wiring, needs),
    ...(needs.byHand ?? []).flatMap(declaration => declarationStep(wiring, needs, declaration)),
    ...needs.secrets.flatMap(secret => useStep(wiring, needs, secret)),
  ];
}

function inputSteps(wiring: Wiring): WiringStep[] {
  if (wiring.input || wiring.moduleImports.length > 0) return [];
  const lines = [`inputs.${INPUT}.url = "github:Mic92/sops-nix";`];
  if (wiring.flake?.nixpkgs === true) lines.push(`inputs.${INPUT}.inputs.nixpkgs.follows = "nixpkgs";`);
  return [{ title: 'sops-nix as an input, at the top level of the flake', file: flakeFile(wiring), lines }];
}

function moduleStep(wiring: Wiring, { host, platform }: WiringNeeds): WiringStep[] {
  if (wiring.moduleImports.length > 0) return [];
  const [first = INPUT] = wiring.flake?.sopsNix ?? [];
  const { names, all } = wiring.flake?.outputs ?? { names: new Set(), all: null };
  const file = flakeFile(wiring);
  const named = names.has(first);
  const input = named || all === null ? printAttrName(first) : `${all}.${printAttrName(first)}`;
  const module: WiringStep = {
    title: `the module of sops-nix, in the modules of ${host}`,
    file,
    lines: [`${input}.${MODULES[platform]}.sops`],
  };
  if (named || all !== null) return [module];
  return [
    { title: 'the input by its name, in the arguments of `outputs`', file, lines: [`${first},`] },
    module,
  ];
}

function importStep(wiring: Wiring, { host, emittedPath, emitted }: WiringNeeds): WiringStep[] {
  if (emitted === false || wiring.emittedImports.length > 0) return [];
  const file = wiring.hostFile ?? flakeFile(wiring);
  const list = file === wiring.hostFile ? 'imports' : 'modules';
  return [
    {
      title: `the secrets of ${host}, in its ${list}`,
      file,
      lines: [relativePath(folderOf(file), emittedPath)],
    },
  ];
}

function declarationStep(wiring: Wiring, needs: WiringNeeds, declaration: Declaration): WiringStep[] {
  if (wiring.mentioned.has(declaration.name)) return [];
  const file = wiring.hostFile ?? flakeFile(wiring);
  const { host, platform } = needs;
  const expr = declarationExpr(declaration, { host, platform, directory: folderOf(file) });
  if (expr.kind !== 'attrs') return [];
  const isDefault = wiring.defaultSopsFile === declaration.file;
  const entries = expr.entries.filter(([path]) => !isDefault || path[0] !== 'sopsFile');
  const text = printEntries([[['sops', 'secrets', declaration.name], { kind: 'attrs', entries }]], 0);
  return [{ title: `the declaration of ${declaration.name}`, file, lines: text.trimEnd().split('\n') }];
}

function useStep(wiring: Wiring, needs: WiringNeeds, secret: string): WiringStep[] {
  if ((wiring.uses.get(secret) ?? []).length > 0) return [];
  const path = `config.${printAttrPath(['sops', 'secrets', secret])}.path`;
  if (needs.platform !== 'nixos' || needs.env !== true) {
    return [{ title: `the use of ${secret}: the path of the file that holds it`, file: null, lines: [path] }];
  }
  const service = needs.unit === undefined ? '<name>' : printAttrName(serviceOf(needs.unit));
  return [
    {
      title: `the use of ${secret}, where its service is set up (the option may have another name)`,
      file: null,
      lines: [`services.${service}.envFile = ${path};`],
    },
  ];
}

/** `fukurou.service` and `fukurou@a.service` are started by the module of `fukurou`. */
function serviceOf(unit: string): string {
  return unit.replace(/(?:@.*)?\.[a-z]+$/, '');
}

function flakeFile(wiring: Wiring): string {
  return wiring.flakeFile ?? 'flake.nix';
}
