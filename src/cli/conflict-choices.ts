import { SecretsError } from '../errors.ts';
import { resolveFile, type UnmergedFile } from '../ops/drivers/resolve.ts';
import type { Workspace } from '../ops/workspace.ts';
import type { Redacted } from '../redacted.ts';
import type { Rule } from '../workspace/model.ts';
import { confirmedHidden } from './prompt.ts';
import { visible } from './render/visible.ts';
import type { Session, WriteOptions } from './session.ts';
import type { Terminal } from './terminal.ts';

/** Which side wins, by name, as the command line says it. */
export interface ChoiceOptions extends WriteOptions {
  readonly ours?: readonly string[] | undefined;
  readonly theirs?: readonly string[] | undefined;
}

/** Decides conflicts: by the options, else by asking. */
export interface Choices {
  /**
   * The merged bytes of a file; `null`: it is to go.
   *
   * @throws SecretsError `MERGE_CONFLICT` (undecided, and nobody can be asked), `NO_IDENTITY`, `INTERRUPTED`
   */
  resolve(workspace: Workspace, file: UnmergedFile, rule: Rule | null): Promise<Uint8Array | null>;
  /** @throws SecretsError `USAGE` for a name that was in no conflict */
  refuseUnused(): void;
}

/** @throws SecretsError `USAGE` for a name that is given to both sides */
export function chooser(session: Session, options: ChoiceOptions): Choices {
  const given = new Map<string, 'mine' | 'theirs'>();
  for (const name of options.ours ?? []) given.set(name, 'mine');
  for (const name of options.theirs ?? []) {
    if (given.has(name))
      throw new SecretsError('USAGE', `--ours and --theirs both name ${JSON.stringify(name)}`);
    given.set(name, 'theirs');
  }
  return new OptionsThenPerson(session, given);
}

class OptionsThenPerson implements Choices {
  readonly #session: Session;
  readonly #given: ReadonlyMap<string, 'mine' | 'theirs'>;
  readonly #used = new Set<string>();

  constructor(session: Session, given: ReadonlyMap<string, 'mine' | 'theirs'>) {
    this.#session = session;
    this.#given = given;
  }

  async resolve(workspace: Workspace, file: UnmergedFile, rule: Rule | null): Promise<Uint8Array | null> {
    const answers = new Map<string, 'mine' | 'theirs'>();
    const values = new Map<string, Redacted<string>>();
    for (;;) {
      const decide = (name: string) => answers.get(name) ?? this.#fromOptions(name);
      const outcome = await resolveFile(workspace, file, rule, { decide, values }).catch(error => {
        throw error instanceof SecretsError ? error.inFile(file.path) : error;
      });
      if (outcome.kind === 'resolved') return outcome.bytes;
      if (outcome.kind === 'locked') throw locked(file.path);
      const terminal = await this.#terminal(file.path, outcome.names);
      for (const name of outcome.names) {
        const answer = await ask(terminal, visible(`${file.path}: ${name}`), outcome.single.has(name));
        if (typeof answer === 'string') answers.set(name, answer);
        else values.set(name, answer);
      }
    }
  }

  refuseUnused(): void {
    const unused = [...this.#given.keys()].find(name => !this.#used.has(name));
    if (unused === undefined) return;
    throw new SecretsError('USAGE', `no conflict has the name ${JSON.stringify(unused)}`, {
      hint: 'run `secrets resolve` without it to see the names',
    });
  }

  #fromOptions(name: string): 'mine' | 'theirs' | null {
    const found = this.#given.get(name) ?? null;
    if (found !== null) this.#used.add(name);
    return found;
  }

  async #terminal(path: string, names: readonly string[]): Promise<Terminal> {
    const { world } = this.#session;
    if (world.stdin.isTTY === true) return world.terminal();
    const words = names.map(name => `--theirs '${name.replaceAll("'", "'\\''")}'`).join(' ');
    throw new SecretsError('MERGE_CONFLICT', `both sides changed ${names.join(', ')}`, {
      file: path,
      hint: `say which side wins: secrets resolve ${path} ${words} (or --ours)`,
    });
  }
}

/** A side, or the value that takes the place of both. */
async function ask(
  terminal: Terminal,
  what: string,
  single: boolean,
): Promise<'mine' | 'theirs' | Redacted<string>> {
  const choices = single ? '[o]urs, [t]heirs, or a [n]ew value' : '[o]urs or [t]heirs';
  for (;;) {
    const answer = (await terminal.readLine(`${what} was changed on both sides: ${choices}? `))
      .trim()
      .toLowerCase();
    if (answer === 'o' || answer === 'ours') return 'mine';
    if (answer === 't' || answer === 'theirs') return 'theirs';
    if (single && (answer === 'n' || answer === 'new'))
      return confirmedHidden(terminal, `new value of ${what}: `);
  }
}

function locked(path: string): SecretsError {
  return new SecretsError('NO_IDENTITY', 'none of your keys opens both versions of the file', {
    file: path,
    hint: `a key of somebody who reads it does: SOPS_AGE_KEY_FILE=/path/to/its/key secrets resolve ${path}`,
  });
}
