// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Nix interpolates with the same signs
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { declaredByHand } from '../../src/nix/declared.ts';
import { emitModule, type HostModule } from '../../src/nix/module.ts';
import { type NixEntry, type NixExpr, printExpr, printString } from '../../src/nix/print.ts';
import { tokenize } from '../../src/nix/tokens.ts';
import { caseCount, Dice, seedOf } from '../helpers/dice.ts';
import { describeWith, programPath } from '../helpers/programs.ts';
import { HOSTS } from '../nix/fleet.ts';
import { readGolden } from '../nix/golden.ts';
import { type ManifestSecret, modelManifest } from '../nix/manifest.ts';
import { randomModule } from '../nix/random-module.ts';

const VALUES = caseCount(3000, 3000);
const MODULES = caseCount(100, 300);
const ALPHABET = [
  ...'ab/.-_ \'"\\$&{}()[];=:#*~@!?,<>|+',
  '${',
  "''",
  "'''",
  '$$',
  '\\${',
  '\n',
  '\r',
  '\r\n',
  '\t',
  '\u0001',
  '\u001b',
  '\u007f',
  '\u0085',
  '\u2028',
  '\ufeff',
  'ż',
  'ß',
  '日本',
  '🦉',
  '👩‍💻',
  'in',
  'or',
  'true',
  'null',
  '0',
  '-1',
  '1.5',
];

type Json = string | boolean | Json[] | { readonly [name: string]: Json };

/** Random values as Nix and as the JSON that Nix is to make of them. */
function randomValue(dice: Dice, depth: number): { expr: NixExpr; json: Json } {
  const choice = depth === 0 ? 0 : dice.int(10);
  if (choice === 9) {
    const items = Array.from({ length: dice.int(4) }, () => randomValue(dice, depth - 1));
    return {
      expr: { kind: 'list', items: items.map(item => item.expr) },
      json: items.map(item => item.json),
    };
  }
  if (choice === 8) {
    const names = new Set(Array.from({ length: dice.int(4) }, () => dice.text(ALPHABET, 5)));
    const entries = [...names].map(name => [name, randomValue(dice, depth - 1)] as const);
    return {
      expr: { kind: 'attrs', entries: entries.map(([name, { expr }]): NixEntry => [[name], expr]) },
      json: Object.fromEntries(entries.map(([name, { json }]) => [name, json])),
    };
  }
  if (choice === 7) {
    const value = dice.chance(50);
    return { expr: { kind: 'bool', value }, json: value };
  }
  const text = dice.text(ALPHABET, 12);
  return { expr: { kind: 'string', text }, json: text };
}

describeWith(['nix-instantiate'], 'Nix reads what we print', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'secrets-nix-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs the evaluator with a store of its own; nothing outside the folder is touched. */
  function nix(...args: string[]): string {
    const program = programPath('nix-instantiate') ?? 'nix-instantiate';
    const env = {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      NIX_STORE_DIR: join(folder, 'nix/store'),
      NIX_STATE_DIR: join(folder, 'nix/state'),
      NIX_LOG_DIR: join(folder, 'nix/log'),
      NIX_CONF_DIR: join(folder, 'nix/conf'),
      NIX_REMOTE: '',
    };
    return execFileSync(program, args, {
      cwd: folder,
      env,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  function write(path: string, text: string): string {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  function evaluate(text: string): unknown {
    return JSON.parse(
      nix('--eval', '--strict', '--json', '--read-write-mode', write('expression.nix', text)),
    );
  }

  it(`${VALUES} random values come back equal`, () => {
    const dice = new Dice(seedOf('printed values'));
    const values = Array.from({ length: VALUES }, () => randomValue(dice, 3));
    const back = evaluate(printExpr({ kind: 'list', items: values.map(value => value.expr) }));
    expect(Array.isArray(back) ? back.length : 0).toBe(values.length);
    const sorted = (json: unknown) => JSON.stringify(json, sortKeys);
    for (const [i, { json }] of values.entries()) expect(sorted((back as unknown[])[i])).toBe(sorted(json));
  });

  it('every name that it takes bare or needs quoted is printed so that it reads it', () => {
    const names = [
      'if',
      'then',
      'else',
      'assert',
      'with',
      'let',
      'in',
      'rec',
      'inherit',
      'or',
      'true',
      'import',
      '',
      '1',
      "a'",
      'a.b',
      '-',
      '🦉',
      '__proto__',
    ];
    const entries = names.map((name): NixEntry => [[name, 'x'], { kind: 'string', text: name }]);
    const back = evaluate(printExpr({ kind: 'attrs', entries })) as Record<string, { x: string }>;
    expect(Object.keys(back).sort()).toEqual([...names].sort());
    for (const name of names) expect(Object.getOwnPropertyDescriptor(back, name)?.value).toEqual({ x: name });
  });

  it('our tokenizer reads the same text out of strings as it does', () => {
    const dice = new Dice(seedOf('strings'));
    const literals = Array.from({ length: 2000 }, () => randomLiteral(dice));
    const wanted = evaluate(`let x = "<x>"; in [\n${literals.join('\n')}\n]`) as string[];
    expect(wanted).toHaveLength(literals.length);
    for (const [i, literal] of literals.entries()) {
      const tokens = tokenize(literal);
      const kinds = tokens.map(token => token.kind);
      expect([kinds[0], kinds.indexOf('close')], literal).toEqual(['open', kinds.length - 1]);
      const text = tokens.map(token =>
        token.kind === 'name' ? '<x>' : token.kind === 'text' ? token.text : '',
      );
      expect(text.join(''), literal).toBe(wanted[i]);
    }
  });

  it(`${MODULES} random modules parse`, () => {
    const dice = new Dice(seedOf('emitted modules'));
    const files = Array.from({ length: MODULES }, (_, i) => {
      const platform = dice.pick(['nixos', 'darwin', 'home'] as const);
      return write(`parsed/${i}.nix`, emitModule(randomModule(dice, platform)));
    });
    expect(
      nix('--parse', ...files)
        .split('\n')
        .filter(line => line !== ''),
    ).toHaveLength(MODULES);
  });

  it.each(HOSTS)('the module of $host says what the golden manifest of $platform has', module => {
    const golden = readGolden(`${module.host}.manifest.json`);
    expect(modelManifest(module.platform, evaluateModule(module))).toEqual(golden);
  });

  it('random modules mean what they were made of', () => {
    const dice = new Dice(seedOf('meaning of modules'));
    for (let i = 0; i < 12; i++) {
      const module = randomModule(dice, dice.pick(['nixos', 'darwin', 'home'] as const));
      const secrets = evaluateModule(module);
      expect(Object.keys(secrets).sort()).toEqual(module.declarations.map(({ name }) => name).sort());
      for (const { name, file, format, options } of module.declarations) {
        const secret = Object.getOwnPropertyDescriptor(secrets, name)?.value;
        expect(secret.sopsFile, name).toBe(file);
        expect(secret.format ?? 'yaml', name).toBe(format);
        if (options.path !== undefined) expect(secret.path).toBe(options.path);
      }
    }
  });

  it('what it evaluates as a declaration, we find as one', () => {
    const dice = new Dice(seedOf('declarations'));
    for (let i = 0; i < 12; i++) {
      const module = randomModule(dice, 'nixos');
      const text = emitModule(module).replace(/^#.*\n/, '');
      const found = declaredByHand([{ path: 'x.nix', text }], module.host);
      expect([...found].sort()).toEqual(module.declarations.map(({ name }) => name).sort());
    }
  });

  /** `sops.secrets` of an emitted module, with files relative to the workspace root. */
  function evaluateModule(module: HostModule): Record<string, ManifestSecret> {
    rmSync(join(folder, 'tree'), { recursive: true, force: true });
    for (const { file } of module.declarations) write(`tree/${file}`, file);
    const path = write(`tree/${module.directory}/${module.host}.nix`, emitModule(module));
    // a file that went through the store is known by its text, which is its own name
    const view = 's: s // { sopsFile = builtins.readFile s.sopsFile; }';
    const body = `(import ${printString(path)} { config = { }; }).sops.secrets or { }`;
    const secrets = evaluate(`builtins.mapAttrs (_: ${view}) (${body})`);
    return secrets as Record<string, ManifestSecret>;
  }
});

const IN_QUOTES = [
  'a',
  ' ',
  '(',
  '}',
  '#',
  '/*',
  "'",
  "''",
  '$',
  '$$',
  '${x}',
  '\\${',
  '\\\\',
  '\\n',
  '\\t',
  '\\"',
  '\\q',
  'ż',
  '\n',
];
const IN_INDENTED = [
  'a',
  ' ',
  '(',
  '}',
  '#',
  '/*',
  '"',
  '$',
  '$$',
  '${x}',
  '\\',
  "'a",
  "''${",
  "''$",
  "'''",
  "''\\n",
  "''\\q",
  'ż',
];

/** A literal as a person could have written it, `x` being interpolated here and there. */
function randomLiteral(dice: Dice): string {
  // Nix drops the blanks that an indented string begins and ends with
  return dice.chance(50) ? `"${dice.text(IN_QUOTES, 10)}"` : `''q${dice.text(IN_INDENTED, 10)}q''`;
}

function sortKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
