import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { expect, it } from 'vitest';
import { caseCount, Dice, seedOf } from '../helpers/dice.ts';
import { encryptedFiles, type KeyPair, openers, wantedReaders } from '../helpers/fleet-state.ts';
import { runHere } from '../helpers/in-process.ts';
import { describeWith } from '../helpers/programs.ts';
import { Sandbox } from '../helpers/sandbox.ts';

const STEPS = Number(process.env['SESSION_STEPS'] ?? caseCount(40, 300));
const NAMES = ['megumu', 'aya', 'momiji', 'nitori', 'servers', 'edge', 'hatate', 'tenma'];
const SECRETS = ['kotori', 'wifi', 'smtp', 'kanidm/miniflux', 'kanidm/idm', 'wg', 'mail', 'token'];

describeWith(['git', 'sops'], 'a random session of a person and their fleet', () => {
  it(`keeps every secret readable by whom .sops.yaml names, over ${STEPS} steps`, {
    timeout: 120_000 + STEPS * 5_000,
  }, async () => {
    const session = await RandomSession.start(seedOf(`random session, ${STEPS} steps`));
    try {
      for (let step = 0; step < STEPS; step++) await session.step(step);
      session.summary();
      expect(session.done, 'steps that did something').toBeGreaterThan(STEPS / 4);
    } finally {
      session.dispose();
    }
  });
});

class RandomSession {
  readonly #sandbox = new Sandbox();
  readonly #dice: Dice;
  readonly #pairs: KeyPair[] = [];
  readonly #log: string[] = [];
  done = 0;

  private constructor(dice: Dice) {
    this.#dice = dice;
  }

  static async start(seed: number): Promise<RandomSession> {
    const session = new RandomSession(new Dice(seed));
    const admin = await session.#pair();
    const folder = join(session.#sandbox.home, '.config/sops/age');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'keys.txt'), `${admin.identity}\n`, { mode: 0o600 });
    await session.#sandbox.run(['git', 'init', '-q']);
    await session.#run(['init', '--admin', 'kamov']);
    for (const name of NAMES.slice(0, 3))
      await session.#run(['host', 'add', name, '--age', (await session.#pair()).recipient]);
    return session;
  }

  dispose(): void {
    this.#sandbox.dispose();
  }

  /** What was done how often, and with which answers. */
  summary(): void {
    const counts = new Map<string, number>();
    for (const line of this.#log) {
      const [, status = '', words = ''] =
        /^(\S+) secrets (\w+(?: (?:add|rm|rename|rotate|list)\b)?)/.exec(line) ?? [];
      const code = /\[([A-Z_]+)\]/.exec(line)?.[1] ?? '';
      const key = `${words} ${status} ${code}`.trim();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const rows = [...counts].sort().map(([key, count]) => `${key}: ${count}`);
    process.stderr.write(`random session: ${this.done} of ${STEPS} did something; ${rows.join(', ')}\n`);
  }

  async step(index: number): Promise<void> {
    const argv = await this.#choose();
    const status = await this.#run(argv, `value ${index}\n`);
    if (status === 0) this.done += 1;
    try {
      await this.#check(index);
    } catch (error) {
      if (error instanceof Error)
        error.message = `${error.message}\nafter:\n${this.#log.slice(-12).join('\n')}`;
      throw error;
    }
    if (this.#dice.chance(20)) await this.#sandbox.run(['git', 'commit', '-qam', `step ${index}`]);
  }

  async #choose(): Promise<string[]> {
    const dice = this.#dice;
    const name = () => (dice.chance(80) ? dice.pick(this.#hosts()) : dice.pick(NAMES));
    const group = () => (dice.chance(60) ? dice.pick(['servers', 'edge']) : name());
    const secret = () => (dice.chance(70) ? dice.pick(this.#addresses()) : dice.pick(SECRETS));
    const key = async () => [
      '--age',
      dice.chance(90) ? (await this.#pair()).recipient : dice.pick(this.#pairs).recipient,
    ];
    const choices: readonly (() => string[] | Promise<string[]>)[] = [
      () => ['add', dice.pick(SECRETS), '--host', group(), ...(dice.chance(40) ? ['--host', name()] : [])],
      () => ['add', dice.pick(SECRETS), '--host', name()],
      () => ['add', dice.pick(SECRETS), '--host', group()],
      () => ['add', dice.pick(SECRETS), '--host', name(), '--host', group()],
      () => ['add', dice.pick(SECRETS), '--host', name(), '--binary'],
      () => ['edit', secret()],
      () => ['set', secret()],
      () => ['rm', secret(), '--yes'],
      () => ['grant', secret(), '--host', name(), '--yes'],
      () => ['revoke', secret(), '--host', name(), '--yes'],
      () => ['mv', secret(), dice.pick(SECRETS), '--yes'],
      () => ['mv', secret(), '--host', name(), '--host', name(), '--yes'],
      async () => ['host', 'add', name(), ...(await key())],
      async () => ['host', 'rotate', name(), ...(await key()), '--yes'],
      async () => ['host', 'rotate', name(), ...(await key()), '--stage', '--yes'],
      () => ['host', 'rotate', name(), '--finish', '--yes'],
      () => ['host', 'rotate', name(), '--abort', '--yes'],
      () => ['host', 'rename', name(), name(), '--yes'],
      () => (dice.chance(50) ? ['host', 'rm', name(), '--yes'] : ['host', 'list']),
      () => ['group', 'add', dice.pick(['servers', 'edge']), '--host', name(), '--yes'],
      () => ['group', 'add', dice.pick(['servers', 'edge']), '--remove', name(), '--yes'],
      () => ['group', 'rm', dice.pick(['servers', 'edge']), '--yes'],
      async () => ['admin', 'add', dice.pick(['hatate', 'tenma']), ...(await key()), '--yes'],
      () => ['admin', 'rm', dice.pick(['kamov', 'hatate', 'tenma']), '--yes'],
      async () => ['admin', 'rotate', dice.pick(['hatate', 'tenma']), ...(await key()), '--yes'],
      () => ['rekey', secret(), '--yes'],
      () => ['sync', '--yes'],
    ];
    return dice.pick(choices)();
  }

  #hosts(): string[] {
    const text = readFileSync(join(this.#sandbox.work, '.sops.yaml'), 'utf8');
    const found = [...text.matchAll(/^ {2}(\w+): \{ platform/gm)].map(match => match[1] ?? '');
    return found.length === 0 ? NAMES : found;
  }

  #addresses(): string[] {
    const found = encryptedFiles(this.#sandbox.work).map(path => path.replace(/^secrets\/|\.\w+$/g, ''));
    return found.length === 0 ? SECRETS : found;
  }

  async #pair(): Promise<KeyPair> {
    const identity = await generateX25519Identity();
    const pair = { identity, recipient: await identityToRecipient(identity) };
    this.#pairs.push(pair);
    return pair;
  }

  /** Refusals are answers; a crash, or an error that nobody foresaw, is not. */
  async #run(argv: readonly string[], stdin = ''): Promise<number> {
    const { status, stderr } =
      argv[0] === 'edit' ? await this.#edit(argv) : await runHere(this.#sandbox, argv, stdin);
    const last =
      stderr
        .trim()
        .split('\n')
        .findLast(line => line.includes('error:')) ?? '';
    expect(last, `secrets ${argv.join(' ')}\n${stderr}`).not.toMatch(/BAD_INVENTORY/);
    this.#log.push(`${status} secrets ${argv.join(' ')}  ${last}`);
    expect(stderr, this.#log.slice(-12).join('\n')).not.toMatch(/\[INTERNAL\]|\n {4}at /);
    expect([0, 1, 2, 3], argv.join(' ')).toContain(status);
    return status;
  }

  /** An editor is a program that shares our terminal, so this runs outside. */
  async #edit(argv: readonly string[]): Promise<{ status: number; stderr: string }> {
    const env = { ...this.#sandbox.env, EDITOR: 'sed -i s/value/edited/' };
    const { status, stderr } = await this.#sandbox.secrets(argv, { env });
    return { status: status ?? -1, stderr: stderr.toString() };
  }

  async #check(index: number): Promise<void> {
    const { work } = this.#sandbox;
    for (const [path, wanted] of wantedReaders(work)) {
      expect([...(await openers(work, path, this.#pairs))].sort(), `who opens ${path}`).toEqual(
        [...wanted].sort(),
      );
    }
    const sync = await runHere(this.#sandbox, ['sync', '--check']);
    expect(sync.status, sync.stderr).toBe(0);
    const nix = await runHere(this.#sandbox, ['nix', '--check']);
    expect(nix.status, nix.stderr).toBe(0);
    const status = await this.#sandbox.run(['git', 'status', '--porcelain']);
    expect(status.stdout.toString(), 'everything is staged').not.toMatch(/^(\?\?|.[MD])/m);
    if (index % 10 === 0) await this.#stockOpens();
  }

  /** Real sops, with the admin's key, opens a sample. */
  async #stockOpens(): Promise<void> {
    const files = encryptedFiles(this.#sandbox.work);
    if (files.length === 0) return;
    const path = this.#dice.pick(files);
    const { status, stderr } = await this.#sandbox.run(['sops', 'decrypt', path]);
    expect(status, `${path}: ${stderr.toString()}`).toBe(0);
  }
}
