import { formatOfPath } from '../sops/formats/of-path.ts';
import type { Rule } from './model.ts';

/** Files that lie in the clear beside encrypted ones and are meant to. */
const MEANT_IN_CLEAR = /(^|\/)(\.gitattributes|\.gitignore)$/;
const README = /(^|\/)README[^/]*$/;
/** A file that keeps a folder in git; it holds nothing. */
const PLACEHOLDER = /(^|\/)\.(git)?keep$/;
const NIX = /\.nix$/;
/** As ssh-keygen and age-keygen leave them beside what belongs to them. */
const PUBLIC_KEY = /\.pub$/;
const CONFIG = /(^|\/)\.sops\.yaml$/;
const SECRETS = 'secrets/';

/** Paths that have nothing to do with each other: what hits all of them was not written for one of them. */
const STRANGERS = ['flake.nix', '.gitignore', 'src/Main Program.c', 'a', 'docs/2024/é.md', 'x.y.z/0'];

/** True for a rule that takes every file there is, so that it says nothing about a single one. */
export function isCatchAll(rule: Rule): boolean {
  return rule.pathRegex === null || STRANGERS.every(path => rule.matches(path));
}

/**
 * What of a path is below the `secrets/` of one of the folders that hold a config, or of git's top; `null`: it is
 * below none.
 *
 * @param folders empty, or ending in `/`
 */
export function insideSecrets(path: string, folders: ReadonlySet<string>): string | null {
  // A Mac takes `Secrets/` for the same folder.
  const folded = path.replace(/[A-Z]/g, letter => letter.toLowerCase());
  for (let at = folded.indexOf(SECRETS); at >= 0; at = folded.indexOf(SECRETS, at + 1)) {
    const isName = at === 0 || path[at - 1] === '/';
    if (isName && folders.has(path.slice(0, at))) return path.slice(at + SECRETS.length);
  }
  return null;
}

/**
 * True for what may be in the clear, whatever rule hits it.
 *
 * @param inside the path below `secrets/`, `null` where it is elsewhere
 */
export function mayBeClear(path: string, inside: string | null, rule: Rule | null): boolean {
  if (CONFIG.test(path) || isMeantInClear(path)) return true;
  if (inside?.startsWith('public/') === true) return true;
  if (inside === null && PUBLIC_KEY.test(path)) return !isWrittenFor(rule, 'pub');
  if (!NIX.test(path)) return false;
  // Nix cannot read an encrypted module. Outside of `secrets/` a rule may still be written for such files.
  return inside !== null || !isWrittenFor(rule, 'nix');
}

/** True where a pattern names an ending: `\.nix$`, `(nix|yaml)`. A folder `nix/` or `nixbox/` is none. */
function isWrittenFor(rule: Rule | null, ending: string): boolean {
  return new RegExp(`(?<![\\w/-])${ending}(?![\\w/-])`).test(rule?.pathRegex ?? '');
}

/**
 * True for what may be in the clear wherever it is, so that no rule has to be looked at.
 *
 * @param nixToo a rule may have been written for modules of Nix
 */
export function isClearByName(path: string, nixToo: boolean): boolean {
  return isMeantInClear(path) || (!nixToo && NIX.test(path));
}

/** A README is a text: `README.yaml` is a file that sops would encrypt. */
function isMeantInClear(path: string): boolean {
  return MEANT_IN_CLEAR.test(path) || (README.test(path) && formatOfPath(path) === 'binary');
}

/**
 * True for what is published beside secrets in repositories that use other means than sops: public keys, certificates,
 * scripts. With a `.sops.yaml` they belong into `secrets/public/`.
 */
export function isPublicKind(path: string): boolean {
  return /\.(?:pub|crt|cer|sh|bash|py)$/i.test(path);
}

/** True for an empty file that only keeps its folder. */
export function isPlaceholder(path: string): boolean {
  return PLACEHOLDER.test(path);
}
