import { SecretsError } from '../../errors.ts';
import { nearest } from '../../suggest.ts';

/** What a generator's number counts, and which numbers it takes. */
interface Amount {
  readonly unit: 'characters' | 'bytes' | 'words';
  readonly usual: number;
  readonly least: number;
  readonly most: number;
}

const TEXT = { unit: 'characters', least: 8, most: 4096 } as const;

/** Every generator; `null` where the value has one size. */
const GENERATORS = {
  password: { ...TEXT, usual: 32 },
  hex: { ...TEXT, usual: 64 },
  base64: { unit: 'bytes', usual: 32, least: 8, most: 4096 },
  passphrase: { unit: 'words', usual: 7, least: 4, most: 64 },
  uuid: null,
  'ssh-ed25519': null,
  wireguard: null,
  age: null,
  mkpasswd: { ...TEXT, usual: 24, most: 256 },
} as const satisfies Record<string, Amount | null>;

type GeneratorName = keyof typeof GENERATORS;

/** A recipe for a value, as `--generate` takes it and `secrets:` records it. */
export interface Recipe {
  readonly kind: GeneratorName;
  /** How much, in the unit of the generator; `null` where the value has one size. */
  readonly amount: number | null;
}

const NAMES = Object.keys(GENERATORS);

/**
 * Parses `KIND` or `KIND:N`.
 *
 * @throws SecretsError `BAD_OPTION`
 */
export function parseRecipe(text: string): Recipe {
  const [, word = '', digits] = /^([a-z0-9-]+)(?::(\d{1,6}))?$/.exec(text) ?? [];
  if (!isGenerator(word)) throw unknownGenerator(text);
  const amount: Amount | null = GENERATORS[word];
  if (amount === null) {
    if (digits === undefined) return { kind: word, amount: null };
    throw new SecretsError('BAD_OPTION', `${word} has one size and takes no number`, {
      hint: `use --generate ${word}`,
    });
  }
  const count = digits === undefined ? amount.usual : Number(digits);
  if (count < amount.least || count > amount.most) {
    throw new SecretsError(
      'BAD_OPTION',
      `${word} makes ${amount.least} to ${amount.most} ${amount.unit}, not ${count}`,
    );
  }
  return { kind: word, amount: count };
}

/** The text form of a recipe, which {@link parseRecipe} reads back. */
export function formatRecipe({ kind, amount }: Recipe): string {
  return amount === null ? kind : `${kind}:${amount}`;
}

function isGenerator(word: string): word is GeneratorName {
  return Object.hasOwn(GENERATORS, word);
}

function unknownGenerator(text: string): SecretsError {
  const shown = JSON.stringify(text.slice(0, 40));
  const near = nearest(text.slice(0, 40).replace(/:.*$/, ''), NAMES);
  const hint = near === null ? `there are ${NAMES.join(', ')}` : `did you mean ${near}?`;
  return new SecretsError('BAD_OPTION', `no generator is called ${shown}`, { hint });
}
