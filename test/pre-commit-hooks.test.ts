import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { projectRoot } from './helpers/sandbox.ts';

it('the pre-commit framework is told to run one command for each hook, without its own list of files', () => {
  const hooks = parse(readFileSync(join(projectRoot, '.pre-commit-hooks.yaml'), 'utf8'));
  const { bin } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));
  expect(hooks).toEqual([
    expect.objectContaining({
      id: 'secrets-guard',
      entry: 'secrets hook run',
      language: 'node',
      pass_filenames: false,
      always_run: true,
      stages: ['pre-commit', 'pre-merge-commit', 'pre-push'],
    }),
  ]);
  expect(Object.keys(bin)).toContain('secrets');
});
