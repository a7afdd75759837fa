import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

const FOLDER = join(import.meta.dirname, '../golden/nix');

/** Compares with a golden file; `UPDATE_GOLDEN=1` writes it instead. */
export function expectGolden(name: string, text: string): void {
  const file = join(FOLDER, name);
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, 'utf8'));
}

/** A golden file that holds JSON. */
export function readGolden(name: string): unknown {
  return JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
}
