type Kind = 'secrets' | 'placeholder';

const KINDS: readonly Kind[] = ['secrets', 'placeholder'];
const BOUND =
  /(?<![\w.'-])([A-Za-z_][\w'-]{0,60})\s{0,8}=\s{0,8}config\.sops\.(secrets|placeholder)\s{0,8};/g;
const INHERITED = /(?<![\w.'-])inherit\s{1,8}\(config\.sops\)\s{1,8}([\w\s'-]{1,200});/g;
/** More of them make a file that nobody wrote. */
const MOST = 8;

/**
 * Names of `let` that stand for `config.sops.secrets` or `config.sops.placeholder` in a whole file: bound by
 * `s = config.sops.secrets;` or `inherit (config.sops) secrets;`, and by nothing else.
 */
export function findAliases(text: string): Map<string, Kind> {
  const found = new Map<string, Kind>();
  for (const [, name = '', kind] of text.matchAll(BOUND)) {
    const known = KINDS.find(each => each === kind);
    if (known !== undefined && isOnly(text, name, 1)) found.set(name, known);
    if (found.size >= MOST) return found;
  }
  for (const [, list = ''] of text.matchAll(INHERITED)) {
    const names = list.trim().split(/\s+/);
    for (const kind of KINDS) if (names.includes(kind) && isOnly(text, kind, 0)) found.set(kind, kind);
  }
  return found;
}

/** True where a name is bound so often by `=`, and is no argument of a function. */
function isOnly(text: string, name: string, times: number): boolean {
  const word = `(?<![\\w.'-])${name}(?![\\w'-])`;
  const bound = text.match(new RegExp(`${word}\\s{0,8}=(?!=)`, 'g'))?.length ?? 0;
  return bound === times && !new RegExp(`[{,]\\s{0,40}${word}\\s{0,8}[,}?]|${word}\\s{0,8}:`).test(text);
}
