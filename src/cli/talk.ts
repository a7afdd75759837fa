import { SecretsError } from '../errors.ts';
import { visible } from './render/visible.ts';
import type { OutputStream, World } from './world.ts';

/**
 * How the program speaks: data goes to stdout, talk to stderr. Talk is lower case without a full stop, and
 * neither ever holds a secret value but where a command was asked for one.
 */
export class Talk {
  readonly #world: World;
  readonly json: boolean;

  constructor(world: World, json: boolean) {
    this.#world = world;
    this.json = json;
  }

  /** Writes data. @throws SecretsError `WRITE_FAILED` where nobody reads stdout any more */
  async out(data: string | Uint8Array): Promise<void> {
    await write(this.#world.stdout, data);
  }

  /** Writes one JSON document to stdout. What a terminal would obey is escaped: the value is the same. */
  async outJson(value: unknown): Promise<void> {
    await this.out(`${visible(JSON.stringify(value, null, 2))}\n`);
  }

  /** Writes one line of an answer to stdout, or to stderr beside a JSON document. @throws SecretsError `WRITE_FAILED` */
  async outLine(line: string): Promise<void> {
    if (this.json) await this.say(line);
    else await this.out(`${visible(line)}\n`);
  }

  /** Says a line to the person. A closed stderr is nobody's failure. */
  async say(line = ''): Promise<void> {
    try {
      await write(this.#world.stderr, `${visible(line)}\n`);
    } catch (error) {
      if (!(error instanceof SecretsError)) throw error;
    }
  }

  /** Says several lines, `secrets:` before the first. */
  async note(line: string): Promise<void> {
    await this.say(`secrets: ${line}`);
  }
}

function write(stream: OutputStream, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(data, error => {
      if (error === undefined || error === null) resolve();
      else
        reject(
          new SecretsError('WRITE_FAILED', 'stdout was closed before everything was written', {
            cause: error,
          }),
        );
    });
  });
}
