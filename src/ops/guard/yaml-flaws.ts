import { SecretsError } from '../../errors.ts';
import { sourceText } from '../../sops/formats/yaml/source.ts';
import { TokenStream } from '../../sops/formats/yaml/token-stream.ts';
import type { Token } from '../../sops/formats/yaml/tokens.ts';
import type { Flaw } from './snapshot.ts';

/** What go-yaml writes where a value needs it. */
const TAGS = new Set(['str', 'int', 'float', 'bool', 'null', 'binary', 'merge', 'timestamp', 'map', 'seq']);

/** Places of an encrypted YAML file in which text can stand that sops neither reads nor writes. */
export function yamlFlaws(bytes: Uint8Array): Flaw[] {
  const flaws: Flaw[] = [];
  try {
    const tokens = new TokenStream(sourceText(bytes));
    for (let token = tokens.peek(); token.type !== 'stream-end'; token = tokens.peek()) {
      const what = strange(token);
      if (what !== null)
        flaws.push({
          rule: 'managed-document',
          message: `there is ${what}, which sops does not write`,
          line: token.start.line + 1,
          column: token.start.column + 1,
        });
      tokens.takeComments();
      tokens.skip();
    }
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
  }
  return flaws.slice(0, MOST);
}

/** Who wrote more of them wrote the file by hand. */
const MOST = 5;

function strange(token: Token): string | null {
  switch (token.type) {
    case 'anchor':
      return 'an anchor';
    case 'alias':
      return 'an alias';
    case 'tag':
      return token.text === '!!' && TAGS.has(token.suffix) ? null : 'a tag of its own';
    case 'document-end':
      return 'the end of a document (`...`)';
    case 'version-directive':
    case 'tag-directive':
      return 'a directive';
    default:
      return null;
  }
}
