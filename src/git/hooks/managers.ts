import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { callsCheck } from './kind.ts';
import type { HookName, Manager } from './model.ts';

/** A configuration is read no further than this. */
const MAX_CONFIG_BYTES = 1024 * 1024;

const LEFTHOOK = ['lefthook', '.lefthook', 'lefthook-local', '.lefthook-local', '.config/lefthook'];

/** Where each manager is told what to run, relative to the top. */
const CONFIGS: Readonly<Record<Manager, readonly string[]>> = {
  lefthook: LEFTHOOK.flatMap(name => ['yml', 'yaml', 'toml', 'json'].map(ending => `${name}.${ending}`)),
  'pre-commit': ['.pre-commit-config.yaml', '.pre-commit-config.yml', 'prek.toml'],
  'git-hooks.nix': ['.pre-commit-config.yaml'],
  overcommit: ['.overcommit.yml'],
  'simple-git-hooks': ['package.json', '.simple-git-hooks.json', 'simple-git-hooks.json'],
};

/** git-hooks.nix lets the pre-commit framework run, with a configuration that is a link into the store. */
export function isFromNix(top: string): boolean {
  try {
    return readlinkSync(join(top, '.pre-commit-config.yaml')).startsWith('/nix/store/');
  } catch {
    return false;
  }
}

/** True where the configuration of a manager has our entry for a hook. */
export function isConfigured(top: string, manager: Manager, hook: HookName): boolean {
  return CONFIGS[manager].some(name => {
    const text = readConfig(join(top, name));
    if (text === null) return false;
    return callsCheck(text, hook) || (manager !== 'lefthook' && callsWithoutName(text));
  });
}

/** The pre-commit framework says by its environment which hook it runs for. */
function callsWithoutName(text: string): boolean {
  return text
    .split('\n')
    .some(line =>
      /^[^#]*(?:\bid:\s*['"]?secrets-guard\b|\bsecrets['"]?\s+hook\s+run['"]?\s*,?\s*$)/.test(line),
    );
}

function readConfig(path: string): string | null {
  try {
    if (lstatSync(path).isDirectory()) return null;
    return readFileSync(path).subarray(0, MAX_CONFIG_BYTES).toString('utf8');
  } catch {
    return null;
  }
}

/** What a person puts into the configuration of a manager, a line each. */
export function configLines(manager: Manager, hooks: readonly HookName[]): string[] {
  switch (manager) {
    case 'lefthook':
      return hooks.flatMap(hook => [
        `${hook}:`,
        '  jobs:',
        '    - name: secrets',
        `      run: secrets hook run ${hook}`,
        ...(hook === 'pre-push' ? ['      use_stdin: true'] : []),
      ]);
    case 'pre-commit':
      return [
        '- repo: local',
        '  hooks:',
        '    - id: secrets-guard',
        '      name: plaintext secrets',
        '      entry: secrets hook run',
        '      language: system',
        '      pass_filenames: false',
        '      always_run: true',
        '      stages: [pre-commit, pre-merge-commit, pre-push]',
      ];
    case 'git-hooks.nix':
      return [
        'hooks.secrets-guard = {',
        '  enable = true;',
        '  name = "plaintext secrets";',
        '  entry = "secrets hook run";',
        '  pass_filenames = false;',
        '  always_run = true;',
        '  stages = [ "pre-commit" "pre-merge-commit" "pre-push" ];',
        '};',
      ];
    case 'overcommit':
      return [
        'PreCommit:',
        '  SecretsGuard:',
        '    enabled: true',
        '    required_executable: secrets',
        '    command: [secrets, hook, run, pre-commit]',
      ];
    case 'simple-git-hooks':
      return [
        `"simple-git-hooks": { ${hooks.map(hook => `"${hook}": "secrets hook run ${hook}"`).join(', ')} }`,
      ];
  }
}

/** Where the lines of {@link configLines} belong. */
export function configPlace(top: string, manager: Manager): string {
  if (manager === 'git-hooks.nix') return 'the git-hooks configuration of your flake';
  const present = CONFIGS[manager].find(name => readConfig(join(top, name)) !== null);
  return present ?? CONFIGS[manager][0] ?? '';
}
