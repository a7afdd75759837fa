import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Platform } from '../../src/workspace/model.ts';
import { newTestKey } from '../helpers/age.ts';
import { EVALUATOR } from '../helpers/chain-flake.ts';
import { caseCount, Dice, seedOf } from '../helpers/dice.ts';
import { differences, type EvaluatedHost, expectedManifest } from '../helpers/expected-manifest.ts';
import { runHere } from '../helpers/in-process.ts';
import { evaluateMachines, type Machine } from '../helpers/inventory-flake.ts';
import { type RandomHost, type RandomInventory, randomInventory } from '../helpers/random-inventory.ts';
import { Sandbox } from '../helpers/sandbox.ts';
import { sealed } from '../helpers/sealed-file.ts';

/** Random inventories for each platform that one of their hosts has. */
const CASES = caseCount(100, 100);
const PENDING_CASES = Math.ceil(CASES / 5);
/** Inventories that one process of Nix evaluates; more would need much memory. */
const AT_ONCE = 25;
const PLATFORMS = ['nixos', 'darwin', 'home'] as const;
const TIMEOUT_MS = 900_000;

if (EVALUATOR === '') {
  process.stderr.write(
    'left out: random inventories in the real sops-nix modules (SOPS_NIX_EVAL is not set)\n',
  );
}

/** An inventory on the disk. */
interface Repository {
  readonly id: string;
  readonly seed: number;
  readonly inventory: RandomInventory;
}

/** Takes what is wrong with a repository. */
type Report = (repository: Repository, what: readonly string[]) => void;

/** A host of one of them, and what Nix makes of its module. */
interface Outcome {
  readonly repository: Repository;
  readonly host: RandomHost;
  readonly found: EvaluatedHost;
}

describe.skipIf(EVALUATOR === '')('random inventories in the real sops-nix modules', () => {
  let sandbox: Sandbox;
  const keys: string[] = [];
  beforeAll(async () => {
    sandbox = new Sandbox();
    for (let i = 0; i < 10; i++) keys.push((await newTestKey()).recipient);
  });
  afterAll(() => sandbox.dispose());

  const bytesOf = (path: string) => readFileSync(path);

  function write(path: string, content: string | Uint8Array): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }

  /** Writes the repository `top/id` and has `secrets nix` emit its modules; says what is wrong with that. */
  async function emit(top: string, repository: Repository): Promise<string[]> {
    const { id, inventory } = repository;
    const root = join(top, id);
    write(join(root, '.sops.yaml'), inventory.config);
    for (const [path, { format, plain }] of inventory.files) {
      write(join(root, path), await sealed(plain, { format }));
    }
    for (const { path, text } of inventory.handWritten) write(join(root, path), text);
    // a host that receives nothing has a module where something imports it
    const imports = hostsOf(inventory).map(({ name }) => `./${inventory.moduleFolder}/${name}.nix`);
    write(join(root, 'configurations.nix'), `[ ${imports.join(' ')} ]\n`);
    const { status, stderr } = await runHere(sandbox, ['nix', '--yes'], { cwd: root });
    return status === 0 ? strayModules(top, repository) : [`no modules: ${stderr}`];
  }

  /** The modules that are there without being due, or due without being there. */
  function strayModules(top: string, { id, inventory }: Repository): string[] {
    const folder = join(top, id, inventory.moduleFolder);
    const present = existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.nix')) : [];
    const due = hostsOf(inventory).map(({ name }) => `${name}.nix`);
    const [a, b] = [present.sort().join(' '), due.sort().join(' ')];
    return a === b ? [] : [`modules are ${a}, not ${b}`];
  }

  function evaluate(top: string, machines: readonly Machine[], withManifests = true) {
    return evaluateMachines(EVALUATOR, top, join(sandbox.root, 'store'), machines, withManifests);
  }

  /** Emits and evaluates the modules of these; `report` is told of those that cannot be. */
  async function outcomes(
    top: string,
    repositories: readonly Repository[],
    report: Report,
    withManifests = true,
  ): Promise<Outcome[]> {
    const cases: (Omit<Outcome, 'found'> & { machine: Machine })[] = [];
    for (const repository of repositories) {
      const { id, inventory } = repository;
      const refusals = await emit(top, repository);
      report(repository, refusals);
      for (const host of refusals.length === 0 ? hostsOf(inventory) : []) {
        const { name, platform } = host;
        const own = inventory.handWritten.filter(file => file.host === name).map(({ path }) => path);
        const modules = [`${inventory.moduleFolder}/${name}.nix`, ...own].map(path => `${id}/${path}`);
        cases.push({ repository, host, machine: { id: `${id}/${name}`, platform, modules } });
      }
    }
    const machines = cases.map(({ machine }) => machine);
    const evaluated = await evaluate(top, machines, withManifests);
    return cases.map(({ repository, host, machine: { id } }) => {
      const found = evaluated.get(id);
      if (found === undefined) throw new Error(`${id} was not evaluated`);
      return { repository, host, found };
    });
  }

  /** What is wrong with one host, in words. */
  function wrong(top: string, { repository, host, found }: Outcome): string[] {
    const { id, inventory } = repository;
    const read = (path: string) => bytesOf(join(top, id, path));
    return differences(expectedManifest(inventory, host, read), found, read, bytesOf);
  }

  it.each(PLATFORMS)(
    `${CASES} inventories with a host on %s`,
    async platform => {
      const first = seedOf(`inventories with a host on ${platform}`);
      const { reported, report } = newReport();
      let delivered = 0;
      const receives = ({ hosts, secrets }: RandomInventory) => {
        const wanted = hosts.filter(host => host.platform === platform).map(({ name }) => name);
        return wanted.some(name => secrets.some(({ receivers }) => receivers.has(name)));
      };
      const drawn = drawnCases(first, CASES, () => platform, 0, receives);
      for (let start = 0; start < drawn.length; start += AT_ONCE) {
        const top = join(sandbox.work, `${platform}-${start}`);
        const repositories = drawn.slice(start, start + AT_ONCE);
        for (const outcome of await outcomes(top, repositories, report)) {
          const { host, found, repository } = outcome;
          report(
            repository,
            wrong(top, outcome).map(text => `${host.name} (${host.platform}): ${text}`),
          );
          delivered += found.regular.length + found.forUsers.length;
        }
      }
      expect(reported).toEqual([]);
      expect(delivered).toBeGreaterThanOrEqual(CASES);
    },
    TIMEOUT_MS,
  );

  it(
    `${PENDING_CASES} inventories with secrets that have no value: an assertion names each, on its hosts alone`,
    async () => {
      const top = join(sandbox.work, 'pending');
      const { reported, report } = newReport();
      const first = seedOf('inventories with pending secrets');
      const platformOf = (seed: number) => PLATFORMS[seed % PLATFORMS.length] ?? 'nixos';
      const repositories = drawnCases(first, PENDING_CASES, platformOf, 40, ({ secrets }) =>
        secrets.some(({ pending, receivers }) => pending && receivers.size > 0),
      );
      for (const { repository, host, found } of await outcomes(top, repositories, report, false)) {
        const waiting = repository.inventory.secrets
          .filter(({ pending, receivers }) => pending && receivers.has(host.name))
          .map(({ address }) => address);
        const unnamed = waiting.filter(name => found.assertions.filter(naming(name)).length !== 1);
        const others = found.assertions.filter(text => !waiting.some(name => naming(name)(text)));
        report(repository, [
          ...unnamed.map(name => `${host.name}: no assertion names ${name}, or several do`),
          ...[...others, ...found.warnings].map(text => `${host.name}: says ${text}`),
        ]);
      }
      expect(reported).toEqual([]);
    },
    TIMEOUT_MS,
  );

  /** So many inventories that are worth a look; each can be had again by its seed. */
  function drawnCases(
    first: number,
    count: number,
    platformOf: (seed: number) => Platform,
    pendingPercent: number,
    isWorth: (inventory: RandomInventory) => boolean,
  ): Repository[] {
    const found: Repository[] = [];
    for (let seed = first; found.length < count; seed++) {
      const inventory = randomInventory(new Dice(seed), platformOf(seed), keys, pendingPercent);
      if (isWorth(inventory)) found.push({ id: `c${seed}`, seed, inventory });
    }
    return found;
  }

  describe('a module that is not what it should be', () => {
    const MODULE = 'm/secrets/megumu.nix';
    let top = '';
    let repository: Repository;
    beforeAll(async () => {
      top = join(sandbox.work, 'mutants');
      const config = FIXED.config.replace('KAMOV', keys[0] ?? '').replace('MEGUMU', keys[1] ?? '');
      repository = { id: 'm', seed: 0, inventory: { ...FIXED, config } };
      expect(await emit(top, repository)).toEqual([]);
    });

    /** The differences that a text in the place of the module leads to. */
    async function differencesOf(text: string): Promise<string[]> {
      write(join(top, 'm/secrets/mutant.nix'), text);
      const machine = { id: 'mutant', platform: 'nixos', modules: ['m/secrets/mutant.nix'] } as const;
      const found = (await evaluate(top, [machine])).get('mutant');
      if (found === undefined) throw new Error('nothing was evaluated');
      return wrong(top, { repository, host: MEGUMU, found });
    }

    const emittedText = () => readFileSync(join(top, MODULE), 'utf8');

    it('is not the one that was emitted', async () => {
      expect(await differencesOf(emittedText())).toEqual([]);
    });

    it.each<[what: string, from: string | RegExp, to: string, said: string]>([
      ['mode', '"0440"', '"0444"', 'mode is "0444", not "0440"'],
      ['owner', 'owner = "alice"', 'owner = "miniflux"', 'owner is "miniflux", not "alice"'],
      ['group', 'group = "kanidm"', 'group = "wheel"', 'group is "wheel", not "kanidm"'],
      ['path', '/etc/x y/n1', '/etc/x y/n2', 'path is "/etc/x y/n2", not "/etc/x y/n1"'],
      ['unit', '"fukurou.service"', '', 'restartUnits is [], not ["fukurou.service"]'],
      ['key', 'key = "postgres/password"', 'key = "postgres"', 'key is "postgres", not "postgres/password"'],
      ['format', 'format = "dotenv"', 'format = "ini"', 'format is "ini", not "dotenv"'],
      ['file', './megumu/a.yaml', './megumu/b.yaml', 'is not secrets/megumu/a.yaml'],
      ['set of secrets', 'sops.secrets = {', 'sops.secrets = { z.sopsFile = ./megumu/a.yaml;', 'name is '],
      ['name', /\n\s*b(?= = | *\.)/, '\n    c', 'name is '],
      ['time of delivery', 'neededForUsers = true', 'neededForUsers = false', 'forUsers: name is '],
      ['warning', /\}\n$/, '  warnings = [ "beware" ];\n}\n', 'warns: beware'],
      ['assertion', /\}\n$/, '  assertions = [ { assertion = false; message = "no"; } ];\n}\n', 'fails: no'],
    ])('is reported: its %s', async (_, from, to, said) => {
      const text = emittedText().replace(from, () => to);
      expect(text).not.toBe(emittedText());
      expect((await differencesOf(text)).join('\n')).toContain(said);
    });

    it('ends the evaluation where it has an option that the platform lacks', async () => {
      const text = emittedText().replace('mode = ', 'moed = ');
      await expect(differencesOf(text)).rejects.toThrow(/moed/);
    });
  });
});

/** Collects what is wrong, with the seed by which it comes again. */
function newReport(): { readonly reported: readonly string[]; readonly report: Report } {
  const reported: string[] = [];
  const report: Report = ({ seed }, what) => reported.push(...what.map(text => `seed ${seed}: ${text}`));
  return { reported, report };
}

/** The hosts that are due a module: all that `hosts:` has (each is imported), else those that receive something. */
function hostsOf({ hosts, secrets, declared }: RandomInventory): RandomHost[] {
  return hosts.filter(({ name }) => declared || secrets.some(({ receivers }) => receivers.has(name)));
}

/** True for a text that says how the value is given. */
function naming(address: string): (text: string) => boolean {
  return text => text.includes(`\`secrets fill ${address}\``);
}

const MEGUMU: RandomHost = { name: 'megumu', platform: 'nixos', anchor: 'megumu', overrides: new Map() };
const ALL = new Set(['megumu']);
const KEPT = { format: 'yaml', receivers: ALL, pending: false } as const;
/** One host that has something of everything. */
const FIXED: RandomInventory = {
  hosts: [MEGUMU],
  secrets: [
    {
      ...KEPT,
      address: 'megumu/a',
      name: 'a',
      file: 'secrets/megumu/a.yaml',
      key: 'a',
      options: { mode: '0440', owner: 'alice', group: 'kanidm' },
    },
    {
      ...KEPT,
      address: 'megumu/b',
      name: 'b',
      file: 'secrets/megumu/b.yaml',
      key: 'b',
      options: { path: '/etc/x y/n1' },
    },
    {
      ...KEPT,
      address: 'megumu/env',
      name: 'env',
      file: 'secrets/megumu/env.env',
      format: 'dotenv',
      key: 'env',
      options: { restartUnits: ['fukurou.service'] },
    },
    {
      ...KEPT,
      address: 'megumu/pg',
      name: 'pg',
      file: 'sops.yaml',
      key: 'postgres/password',
      options: { sopsFile: 'sops.yaml', key: 'postgres/password' },
    },
    {
      ...KEPT,
      address: 'megumu/user',
      name: 'user',
      file: 'secrets/megumu/user.yaml',
      key: 'user',
      options: { neededForUsers: true },
    },
  ],
  files: new Map([
    ['secrets/megumu/a.yaml', { format: 'yaml', plain: 'a: kotori\n' }],
    ['secrets/megumu/b.yaml', { format: 'yaml', plain: 'b: kotori\n' }],
    ['secrets/megumu/user.yaml', { format: 'yaml', plain: 'user: kotori\n' }],
    ['secrets/megumu/env.env', { format: 'dotenv', plain: 'TOKEN=kotori\n' }],
    ['sops.yaml', { format: 'yaml', plain: 'postgres:\n  password: kotori\n' }],
  ]),
  config: `keys:
  - &kamov KAMOV
  - &megumu MEGUMU
admins: [kamov]
hosts:
  megumu:
secrets:
  megumu/a: { mode: "0440", owner: alice, group: kanidm }
  megumu/b: { path: /etc/x y/n1 }
  megumu/env: { restartUnits: [fukurou.service] }
  megumu/pg: { sopsFile: sops.yaml, key: postgres/password }
  megumu/user: { neededForUsers: true }
creation_rules:
  - path_regex: ^secrets/megumu/
    age: [*kamov, *megumu]
  - path_regex: ^sops\\.yaml$
    age: [*kamov, *megumu]
`,
  handWritten: [],
  moduleFolder: 'secrets',
  declared: true,
};
