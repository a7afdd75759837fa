import { RE2JS } from 're2js';
import { SecretsError } from '../errors.ts';

/** Which leaves of a file are encrypted: at most one of the six is set (`sops.go`, shouldBeEncrypted). */
export interface Selection {
  readonly unencryptedSuffix?: string | undefined;
  readonly encryptedSuffix?: string | undefined;
  readonly unencryptedRegex?: string | undefined;
  readonly encryptedRegex?: string | undefined;
  readonly unencryptedCommentRegex?: string | undefined;
  readonly encryptedCommentRegex?: string | undefined;
}

/** What holds where a file or a rule says nothing. */
export const DEFAULT_SELECTION: Selection = { unencryptedSuffix: '_unencrypted' };

/** The fields of {@link Selection} by their names in files, in alphabetical order. */
export const SELECTION_FIELDS = [
  ['encrypted_comment_regex', 'encryptedCommentRegex'],
  ['encrypted_regex', 'encryptedRegex'],
  ['encrypted_suffix', 'encryptedSuffix'],
  ['unencrypted_comment_regex', 'unencryptedCommentRegex'],
  ['unencrypted_regex', 'unencryptedRegex'],
  ['unencrypted_suffix', 'unencryptedSuffix'],
] as const satisfies readonly (readonly [string, keyof Selection])[];

/** A selection, ready to be asked. */
export interface SelectionRule {
  /** True: the rule looks at comments, else at the keys of the path. */
  readonly onComments: boolean;
  /** True: what the rule hits is encrypted, else everything but what it hits. */
  readonly encryptsHits: boolean;
  /** True where the rule hits a key or the text of a comment. Linear time. */
  hits(text: string): boolean;
}

/**
 * Compiles a selection; an empty one means {@link DEFAULT_SELECTION}.
 *
 * @throws SecretsError `BAD_METADATA` for more than one rule, or a pattern that Go's RE2 refuses (stock sops
 * takes such a pattern for one that never matches, which can leave a whole file in clear)
 */
export function compileSelection(selection: Selection): SelectionRule {
  const set = SELECTION_FIELDS.filter(([, field]) => (selection[field] ?? '') !== '');
  if (set.length > 1) {
    throw new SecretsError(
      'BAD_METADATA',
      `only one of ${set.map(([name]) => name).join(', ')} can hold for a file`,
    );
  }
  const [name, field] = set[0] ?? ['unencrypted_suffix', 'unencryptedSuffix'];
  const pattern = (set.length === 0 ? DEFAULT_SELECTION : selection)[field] ?? '';
  return {
    onComments: name.includes('comment'),
    encryptsHits: name.startsWith('encrypted'),
    hits: name.endsWith('suffix') ? text => text.endsWith(pattern) : regexTest(name, pattern),
  };
}

function regexTest(name: string, pattern: string): (text: string) => boolean {
  try {
    const compiled = RE2JS.compile(pattern);
    return text => compiled.matcher(text).find();
  } catch (cause) {
    throw new SecretsError('BAD_METADATA', `${name} is not a regular expression that Go accepts`, {
      hint: 'Go has no lookaround and no backreferences; stock sops would take it for a rule that never matches',
      cause,
    });
  }
}
