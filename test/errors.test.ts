import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../src/errors.ts';
import { projectRoot } from './helpers/sandbox.ts';

describe('docs/errors.md', () => {
  it('has a paragraph for every code, with its exit status, and for no other', () => {
    const page = readFileSync(join(projectRoot, 'docs/errors.md'), 'utf8');
    const found = [...page.matchAll(/^## ([A-Z_]+) \((\d)\)\n\n\S.+/gm)].map(
      ([, code, exit]) => `${code} ${exit}`,
    );
    expect(found).toEqual(Object.entries(ERROR_CODES).map(([code, exit]) => `${code} ${exit}`));
  });
});
