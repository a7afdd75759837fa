import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FormatName } from '../../src/sops/formats/format.ts';
import type { Selection } from '../../src/sops/selection.ts';
import { newTestKey, type TestKey } from './age.ts';
import { programPath } from './programs.ts';

/** How a run ended. */
export interface Ended {
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** The rules of a file, as `.sops.yaml` names them. */
export interface FileRules {
  readonly selection: Selection;
  readonly macOnlyEncrypted: boolean;
}

/** The real sops in a folder of its own, with an environment built from nothing. */
export class StockSops {
  readonly folder: string;
  readonly key: TestKey;
  readonly #program: string;
  #files = 0;

  private constructor(program: string, folder: string, key: TestKey) {
    this.#program = program;
    this.folder = folder;
    this.key = key;
  }

  static async start(): Promise<StockSops> {
    const folder = await mkdtemp(join(tmpdir(), 'stock-sops-'));
    return new StockSops(programPath('sops') ?? 'sops', folder, await newTestKey());
  }

  async stop(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** `sops encrypt` of a plaintext, under the rules of a config. */
  async encrypt(plain: Uint8Array, format: FormatName, rules: FileRules): Promise<Ended> {
    return this.encryptWith(plain, format, configText(this.key.recipient, rules));
  }

  /** `sops encrypt` of a plaintext, under the text of a `.sops.yaml`. */
  async encryptWith(plain: Uint8Array, format: FormatName, config: string): Promise<Ended> {
    const file = await this.#write(plain);
    const rules = await this.#write(Buffer.from(config));
    return this.#run(['--config', rules, 'encrypt', '--input-type', format, '--output-type', format, file]);
  }

  /** `sops decrypt` of an encrypted file. */
  async decrypt(encrypted: Uint8Array, format: FormatName, options: readonly string[] = []): Promise<Ended> {
    const file = await this.#write(encrypted);
    return this.#run(['decrypt', '--input-type', format, '--output-type', format, ...options, file]);
  }

  /** Runs `sops` on a copy of a file and gives what the file holds then. */
  async edit(encrypted: Uint8Array, command: (file: string) => readonly string[]): Promise<Buffer> {
    const file = await this.#write(encrypted);
    const ended = await this.#run(command(file));
    if (ended.status !== 0) throw new Error(`sops exited ${ended.status}: ${ended.stderr}`);
    return readFile(file);
  }

  async #write(bytes: Uint8Array): Promise<string> {
    const file = join(this.folder, `file-${this.#files++}`);
    await writeFile(file, bytes);
    return file;
  }

  #run(args: readonly string[]): Promise<Ended> {
    const env = {
      HOME: this.folder,
      PATH: '/usr/bin:/bin',
      SOPS_AGE_KEY: this.key.identity,
      SOPS_DISABLE_VERSION_CHECK: '1',
    };
    const options = { cwd: this.folder, env, encoding: 'buffer' as const, maxBuffer: 1 << 28 };
    return new Promise(resolve => {
      execFile(this.#program, [...args], options, (error, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ status, stdout, stderr: stderr.toString() });
      });
    });
  }
}

const RULE_NAMES: readonly (readonly [keyof Selection, string])[] = [
  ['unencryptedSuffix', 'unencrypted_suffix'],
  ['encryptedSuffix', 'encrypted_suffix'],
  ['unencryptedRegex', 'unencrypted_regex'],
  ['encryptedRegex', 'encrypted_regex'],
  ['unencryptedCommentRegex', 'unencrypted_comment_regex'],
  ['encryptedCommentRegex', 'encrypted_comment_regex'],
];

function configText(recipient: string, { selection, macOnlyEncrypted }: FileRules): string {
  const rule: Record<string, unknown> = { age: recipient };
  for (const [field, name] of RULE_NAMES) {
    if (selection[field] !== undefined) rule[name] = selection[field];
  }
  if (macOnlyEncrypted) rule.mac_only_encrypted = true;
  return JSON.stringify({ creation_rules: [rule] });
}
