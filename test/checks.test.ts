import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CHECKS } from '../src/ops/check/finding.ts';
import { projectRoot } from './helpers/sandbox.ts';

it('docs/checks.md has a paragraph for every code, with its severity, and for no other', () => {
  const page = readFileSync(join(projectRoot, 'docs/checks.md'), 'utf8');
  const found = [...page.matchAll(/^## ([a-z-]+) \((error|warning)\)\n\n\S.+/gm)].map(
    ([, code, severity]) => `${code} ${severity}`,
  );
  expect(found).toEqual(Object.entries(CHECKS).map(([code, severity]) => `${code} ${severity}`));
});
