import { badDocument } from './failure.ts';
import type { TokenStream } from './token-stream.ts';
import type { Token } from './tokens.ts';

/** The one version that go-yaml v3 accepts in a `%YAML` line. */
const VERSION = '1.1';
const DEFAULTS: readonly (readonly [string, string])[] = [
  ['!', '!'],
  ['!!', 'tag:yaml.org,2002:'],
];

/** What the handles of tags stand for, in one document. */
export class TagHandles {
  #prefixes = new Map(DEFAULTS);

  /** Consumes the directives before a document. */
  read(tokens: TokenStream): void {
    const own = new Map<string, string>();
    let versions = 0;
    for (let token = tokens.peek(); ; token = tokens.peek()) {
      if (token.type === 'version-directive') {
        versions += 1;
        if (versions > 1 || token.text !== VERSION)
          throw badDocument(`a %YAML directive must say ${VERSION}`, token.start);
      } else if (token.type === 'tag-directive') {
        if (own.has(token.text)) throw badDocument('a %TAG directive repeats a handle', token.start);
        own.set(token.text, token.suffix);
      } else {
        break;
      }
      tokens.skip();
    }
    this.#prefixes = new Map([...DEFAULTS, ...own]);
  }

  /** At the end of a document. */
  reset(): void {
    this.#prefixes = new Map(DEFAULTS);
  }

  /** The full tag. */
  expand(token: Token): string {
    if (token.text === '') return token.suffix;
    const prefix = this.#prefixes.get(token.text);
    if (prefix === undefined) throw badDocument('a tag uses a handle that is not declared', token.start);
    return prefix + token.suffix;
  }
}
