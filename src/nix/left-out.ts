import type { NixFile } from './findings.ts';

/** What imports files that nobody names: functions of nixpkgs, and libraries that are made for it. */
const IMPORTS_ALL =
  /\b(?:readDir|listFilesRecursive|import-?tree|haumea|umport|autowire|auto-?import|snowfall|blueprint|ez-configs|scanPaths)\b/i;
const UNDERSCORE = /(?:^|\/)_/;

/**
 * Files whose path says that they are no modules, where files are imported by the folder: import-tree and its likes pass
 * over `_old.nix` and everything below `_lib/`. Empty where files are imported by name.
 */
export function leftOutFiles(files: readonly NixFile[]): Set<string> {
  if (!files.some(({ text }) => IMPORTS_ALL.test(text))) return new Set();
  return new Set(files.map(({ path }) => path).filter(path => UNDERSCORE.test(path)));
}
