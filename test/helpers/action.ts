import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Output, projectRoot, type Sandbox } from './sandbox.ts';

interface ActionStep {
  readonly name: string;
  readonly shell: string;
  readonly run: string;
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly 'working-directory'?: string;
}

export interface Action {
  readonly name: string;
  readonly description: string;
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly ActionStep[] };
}

/** What an expression of the file may name: `github.sha`, `inputs.host`. */
export type ActionContext = Readonly<Record<string, string>>;

/** `action.yml` as GitHub reads it. */
export function readAction(): Action {
  return parse(readFileSync(join(projectRoot, 'action.yml'), 'utf8'));
}

/** Runs the steps as a runner does, with `npx` in the place of the one that would load the package. */
export async function runAction(
  sandbox: Sandbox,
  given: Readonly<Record<string, string>>,
  context: ActionContext,
): Promise<{ steps: Map<string, Output>; summary: string; npx: string }> {
  const { inputs, runs } = readAction();
  const bin = fakeNpx(sandbox);
  const summary = join(sandbox.temporary, 'summary.md');
  const values: Record<string, string> = { ...context };
  for (const [name, { default: text }] of Object.entries(inputs))
    values[`inputs.${name}`] = given[name] ?? evaluated(String(text), context);
  const steps = new Map<string, Output>();
  for (const step of runs.steps) {
    const env = Object.entries(step.env ?? {}).map(([name, text]) => [name, evaluated(text, values)]);
    const output = await sandbox.run(['bash', '--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], {
      cwd: join(sandbox.work, evaluated(step['working-directory'] ?? '.', values)),
      env: {
        ...sandbox.env,
        ...Object.fromEntries(env),
        PATH: `${bin}:${sandbox.env['PATH'] ?? ''}`,
        GITHUB_WORKSPACE: sandbox.work,
        GITHUB_STEP_SUMMARY: summary,
      },
    });
    steps.set(step.name, output);
  }
  const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  return { steps, summary: read(summary), npx: read(join(bin, 'calls')) };
}

/** Notes what it was called with, and runs the program of the sandbox. */
function fakeNpx(sandbox: Sandbox): string {
  const bin = join(sandbox.root, 'npx');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'npx'), `#!/bin/sh\necho "$1 $2" >> '${bin}/calls'\nshift 2\nexec secrets "$@"\n`);
  chmodSync(join(bin, 'npx'), 0o755);
  return bin;
}

/** The little of GitHub's expressions that the file uses: names, and `||` between them. */
function evaluated(text: string, values: ActionContext): string {
  return text.replace(/\$\{\{(.*?)\}\}/g, (_, expression: string) => {
    const names = expression.split('||').map(name => name.trim());
    return names.map(name => values[name] ?? '').find(value => value !== '') ?? '';
  });
}
