import type { KeyContext } from '../../workspace/key-context.ts';
import { hostNameProblem } from '../../workspace/names.ts';
import { canonicalRecipient } from '../../workspace/parse-keys.ts';

/** So many characters of a key tell it from the others of a repository. */
const SHORT = 6;

/** Gives out names that nothing else bears: people, hosts, groups and keys share one namespace. */
export class FreeNames {
  readonly #taken: Set<string>;

  constructor(taken: Iterable<string>) {
    this.#taken = new Set([...taken].map(name => name.toLowerCase()));
  }

  /** The first of them that is a name and free; `null`: none is. */
  take(wanted: readonly (string | null)[]): string | null {
    for (const name of wanted) {
      if (name === null || hostNameProblem(name) !== null || this.#taken.has(name)) continue;
      this.#taken.add(name);
      return name;
    }
    return null;
  }

  /** The key may be called by its own anchor, whoever else would be refused that name. */
  release(name: string): void {
    this.#taken.delete(name.toLowerCase());
  }
}

/** What to call a key without an anchor: what a comment says, else the end of the key itself. */
export function namesOfRawKey({ recipient, comments }: KeyContext): string[] {
  const said = comments.flatMap(text => {
    const account = /^([^\s@]+)@([^\s@]+)$/.exec(text);
    if (account !== null) return [account[1] === 'root' ? (account[2] ?? '') : (account[1] ?? '')];
    const words = text.split(/\s+/);
    return words.length <= 3 ? [words.join('-')] : [];
  });
  const end = canonicalRecipient(recipient)
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(-SHORT);
  return [...said, `key-${end}`].map(slug);
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
}
