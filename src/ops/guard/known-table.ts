import { Needles } from './needles.ts';
import { piecesOf } from './secret-values.ts';
import { spellingsOf } from './spellings.ts';

/** A secret by the names that people know it by. Its value is in nothing but the search table. */
interface KnownSecret {
  /** `db/password from secrets/db.yaml` */
  readonly name: string;
  /** Secrets that hold the same value. */
  readonly others: string[];
}

/** One thing that is looked for, and the secret that it is of. */
interface KnownPiece {
  readonly secret: number;
  readonly sure: boolean;
}

/** The values of the secrets that could be opened, ready to be looked for. Only ever in memory. */
export class KnownValues {
  /** One line for people where something could not be opened, so that its values are not looked for; else `null`. */
  note: string | null = null;
  readonly needles = new Needles();
  readonly pieces: KnownPiece[] = [];
  readonly secrets: KnownSecret[] = [];
  readonly #byBytes = new Map<string, number>();

  /** How many secrets are looked for. */
  get size(): number {
    return this.secrets.length;
  }

  pieceAt(index: number): KnownPiece {
    return this.pieces[index] ?? { secret: -1, sure: true };
  }

  /**
   * @param name within the file: `db/password`
   */
  add(name: string, file: string, value: string | Uint8Array): void {
    const pieces = piecesOf(value);
    if (pieces.length === 0) return;
    const before = this.secrets.length;
    let whole: number | null = null;
    for (const { bytes, sure, variable } of pieces) {
      const key = bytes.toString('latin1');
      const known = this.#byBytes.get(key);
      if (known !== undefined && known < before) {
        this.secrets[known]?.others.push(`${name} from ${file}`);
        continue;
      }
      let owner: number | null = variable === undefined ? whole : null;
      if (owner === null) {
        const own = variable === undefined ? name : `${variable} of ${name}`;
        owner = this.secrets.push({ name: `${own} from ${file}`, others: [] }) - 1;
        if (variable === undefined) whole = owner;
      }
      this.#byBytes.set(key, owner);
      this.needles.add(this.pieces.push({ secret: owner, sure }) - 1, spellingsOf(bytes));
    }
  }

  /** The secret for a message: by its name, and by those of a few others that hold the same value. */
  nameOf(index: number): string {
    const { name, others } = this.secrets[index] ?? { name: 'a managed secret', others: [] };
    const [first, ...more] = new Set(others);
    if (first === undefined) return name;
    return `${name}, the same as ${more.length === 0 ? first : `that of ${more.length + 1} others`}`;
  }
}
