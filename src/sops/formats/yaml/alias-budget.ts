import { badDocument } from './failure.ts';
import type { AliasNode, YamlNode } from './nodes.ts';

const FREE_EXPANDED = 100;
const FREE_NODES = 1000;
/** Up to this many nodes nearly all of them may come from aliases. */
const SMALL = 400_000;
/** From this many nodes on only a tenth of them may. */
const LARGE = 4_000_000;
const SMALL_SHARE = 0.99;
const LARGE_SHARE = 0.1;

/**
 * Bounds what aliases may blow up to, by the limits that go-yaml v3 has (`decode.go`): how large a share of all
 * nodes comes from aliases.
 */
export class AliasBudget {
  readonly #open = new Set<YamlNode>();
  #nodes = 0;
  #expanded = 0;

  /**
   * Counts one node.
   *
   * @throws SecretsError `BAD_DOCUMENT` where too many nodes come from aliases
   */
  count(): void {
    this.#nodes += 1;
    if (this.#open.size === 0) return;
    this.#expanded += 1;
    if (this.#expanded <= FREE_EXPANDED || this.#nodes <= FREE_NODES) return;
    if (this.#expanded / this.#nodes > allowedShare(this.#nodes))
      throw badDocument('aliases make the document too large', undefined);
  }

  /**
   * Reads what an alias stands for.
   *
   * @throws SecretsError `BAD_DOCUMENT` for an anchor that contains itself
   */
  expand<T>(alias: AliasNode, read: (target: YamlNode) => T): T {
    if (this.#open.has(alias)) throw badDocument('an anchor contains itself', alias.start);
    this.#open.add(alias);
    const result = read(alias.target);
    this.#open.delete(alias);
    return result;
  }
}

function allowedShare(nodes: number): number {
  if (nodes <= SMALL) return SMALL_SHARE;
  if (nodes >= LARGE) return LARGE_SHARE;
  return SMALL_SHARE - ((SMALL_SHARE - LARGE_SHARE) * (nodes - SMALL)) / (LARGE - SMALL);
}
