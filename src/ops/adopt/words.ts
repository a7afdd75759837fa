/** What people call a section, a prefix or a folder of machines. */
const OF_MACHINES =
  'host hosts machine machines server servers system systems node nodes computer computers device devices client clients workstation workstations desktop desktops laptop laptops vm vms nixos darwin';
/** And of themselves. */
const OF_PEOPLE =
  'user users admin admins administrators people person persons human humans personal owner owners team member members maintainers recovery yubikey yubikeys home homes';
/** What says nothing of whose key it is. */
const OF_KEYS = 'age key keys ssh pub public ed25519 sops secret secrets';

const MACHINES = new Set(OF_MACHINES.split(' '));
const PEOPLE = new Set(OF_PEOPLE.split(' '));
const KEYS = new Set(OF_KEYS.split(' '));

/** What is left of a name has so many letters at least. */
const SHORTEST = 3;
const STATES = new Set(['old', 'new', 'next', 'main', 'primary', 'secondary', 'staged']);

/** A role that the name of something speaks of. */
export type Role = 'admin' | 'host';

/** Words of a name in any spelling, in lower case. */
function wordsOf(text: string): string[] {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(word => word !== '');
}

/** The role that a word of the text names; `null` where none does, or both are named. */
export function roleOf(text: string): Role | null {
  const words = wordsOf(text.slice(0, 200));
  const isMachine = words.some(word => MACHINES.has(word));
  const isPerson = words.some(word => PEOPLE.has(word));
  if (isMachine === isPerson) return null;
  return isMachine ? 'host' : 'admin';
}

/** `host_megumu`, `megumu-ssh`, `user-kamov` without what only says of what kind they are. */
export function bareName(name: string): string {
  const parts = name.toLowerCase().split(/[-_.]/);
  const isKind = (word: string) => MACHINES.has(word) || PEOPLE.has(word) || KEYS.has(word);
  let [from, to] = [0, parts.length];
  while (to - from > 1 && isKind(parts[from] ?? '')) from++;
  while (to - from > 1 && isKind(parts[to - 1] ?? '')) to--;
  const rest = parts.slice(from, to);
  // `machine_old` is not a machine of the name old, and `by_ssh` none called by
  if (rest.join('').length < SHORTEST || STATES.has(rest.join(''))) return name.toLowerCase();
  return rest.join(name.includes('-') && !name.includes('_') ? '-' : '_');
}

/** Folders whose subfolders, or files, are called after machines or people: `hosts/megumu/…`, `users/kamov.nix`. */
export function namesInTree(paths: readonly string[]): Readonly<Record<Role, ReadonlyMap<string, string>>> {
  const found = { admin: new Map<string, string>(), host: new Map<string, string>() };
  for (const path of paths) {
    const parts = path.split('/');
    for (const [index, part] of parts.entries()) {
      const next = parts[index + 1];
      const role = MACHINES.has(part.toLowerCase())
        ? 'host'
        : PEOPLE.has(part.toLowerCase())
          ? 'admin'
          : null;
      if (role === null || next === undefined) continue;
      const name = next.replace(/\.(?:nix|ya?ml|json|env)$/, '').toLowerCase();
      if (!found[role].has(name)) found[role].set(name, `${parts.slice(0, index + 1).join('/')}/${next}`);
    }
  }
  return found;
}
