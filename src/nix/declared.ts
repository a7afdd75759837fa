import type { Platform } from '../workspace/model.ts';
import { type Findings, findIn, type KeySource, type NixFile, type Place } from './findings.ts';
import { type Flake, readFlake } from './flake.ts';
import { isEmitted } from './module.ts';
import { Ownership } from './owner.ts';
import type { Wiring, WiringQuery } from './wiring.ts';

export type { KeySource, NixFile } from './findings.ts';
export { missingWiring, type Wiring, type WiringNeeds, type WiringQuery, type WiringStep } from './wiring.ts';

/** The key that sops-nix takes by itself where openssh is enabled. */
const HOST_KEY = '/etc/ssh/ssh_host_ed25519_key';
/** A file without one of these words has nothing to say; it is not looked at. */
const RELEVANT = /sops|secrets/;

/**
 * Searches Nix text for what a host needs to receive its secrets. A heuristic: it reads the grammar but
 * evaluates nothing. Comments and text are never taken for code. What belongs to another host (`hosts/OTHER/`,
 * `nixosConfigurations.OTHER`) is left out; what may be this host's counts as present.
 *
 * @param files tracked `*.nix` files of the workspace; emitted ones are passed over
 */
export function findWiring(files: readonly NixFile[], query: WiringQuery): Wiring {
  const written = files.filter(file => !isEmitted(file.text));
  const paths = written.map(file => file.path);
  const ownership = new Ownership(paths, query.host, query.otherHosts);
  const flakeFile = written.filter(file => /(?:^|\/)flake\.nix$/.test(file.path)).sort(byDepth)[0] ?? null;
  const flake = flakeFile === null ? null : readFlake(flakeFile.text);
  const found = search(written, query, ownership, flake);
  return {
    flakeFile: flakeFile?.path ?? null,
    flake,
    input: (flake?.sopsNix.size ?? 0) > 0,
    moduleImports: found.flatMap(one => one.moduleImports),
    emittedImports: found.flatMap(one => one.emittedImports),
    uses: new Map(query.secrets.map(name => [name, found.flatMap(one => usesIn(one, name))])),
    declared: declarations(found),
    mentioned: new Set(found.flatMap(one => one.declarations.map(({ name }) => name))),
    keySources: found.flatMap(one => one.keySources),
    defaultSopsFile: found.find(one => one.defaultFile !== null)?.defaultFile ?? null,
    hostFile: ownership.ownFile(paths),
  };
}

/**
 * The names that hand-written Nix declares for a host, so that the emitted module must not.
 *
 * A secret counts as declared where its `sopsFile` is bound, or where it is bound as a whole
 * (`sops.secrets.NAME = …`) and takes its file from `sops.defaultSopsFile` or from a computed value. A binding
 * that only adds an option (`sops.secrets.NAME.owner = "x"`) completes the emitted declaration, and does not
 * replace it.
 *
 * @param platform without it, what is declared for home-manager inside a system counts as well
 * @param otherHosts see {@link WiringQuery}
 */
export function declaredByHand(
  files: readonly NixFile[],
  host: string,
  platform?: Platform,
  otherHosts: readonly string[] = [],
): Set<string> {
  const query = { host, platform: platform ?? 'home', otherHosts, emittedPath: '', secrets: [] };
  const wiring = findWiring(files, query);
  return new Set(wiring.declared.keys());
}

/** Settings under which the ssh host key may not be what decrypts on the host. */
export function otherKeySources(wiring: Wiring): KeySource[] {
  return wiring.keySources.filter(
    ({ option, paths }) => option === 'age.keyFile' || !paths?.includes(HOST_KEY),
  );
}

function search(
  files: readonly NixFile[],
  query: WiringQuery,
  ownership: Ownership,
  flake: Flake | null,
): Findings[] {
  const { platform, emittedPath } = query;
  const inputs = new Set(['sops-nix', ...(flake?.sopsNix ?? [])]);
  const secrets = new Set(query.secrets);
  const isOthersScope = ownership.isOthersScope.bind(ownership);
  return files
    .filter(file => isRelevant(file.text, emittedPath) && !ownership.isOthersFile(file.path))
    .sort((a, b) => Number(ownership.isOwnFile(b.path)) - Number(ownership.isOwnFile(a.path)))
    .map(file =>
      findIn(file, {
        platform,
        emittedPath: emittedPath === '' ? null : emittedPath,
        secrets,
        inputs,
        isOthersScope,
      }),
    );
}

function isRelevant(text: string, emittedPath: string): boolean {
  const name = emittedPath.slice(emittedPath.lastIndexOf('/') + 1);
  return RELEVANT.test(text) || (name !== '' && text.includes(name));
}

/** Direct uses; where the file takes the whole set, a word that is the name is one. */
function usesIn(found: Findings, name: string): Place[] {
  const direct = found.uses.get(name) ?? [];
  const word = found.takesAll ? found.words.get(name) : undefined;
  return direct.length === 0 && word !== undefined ? [word] : direct;
}

function declarations(found: readonly Findings[]): Map<string, Place> {
  const hasDefault = found.some(one => one.defaultSopsFile);
  const declared = new Map<string, Place>();
  for (const { name, option, computed, path, line } of found.flatMap(one => one.declarations)) {
    const counts = option === 'sopsFile' || (option === null && (hasDefault || computed));
    if (counts && !declared.has(name)) declared.set(name, { path, line });
  }
  return declared;
}

function byDepth(a: NixFile, b: NixFile): number {
  return a.path.split('/').length - b.path.split('/').length || (a.path < b.path ? -1 : 1);
}
