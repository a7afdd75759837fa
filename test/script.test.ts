import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OutputLog } from './helpers/leaks.ts';
import { projectRoot } from './helpers/sandbox.ts';
import { runScript, ScriptLeftOut } from './helpers/script.ts';

const folder = join(projectRoot, 'test/script');
const scripts = readdirSync(folder)
  .filter(name => name.endsWith('.txtar'))
  .sort();
const log = new OutputLog();

describe.concurrent('test/script', () => {
  it.each(scripts)('%s', { timeout: 180_000 }, async name => {
    try {
      await runScript(name, readFileSync(join(folder, name), 'utf8'), { log });
    } catch (error) {
      if (!(error instanceof ScriptLeftOut)) throw error;
      process.stderr.write(`${error.message}\n`);
    }
  });
});

describe('all scripts together', () => {
  it('are there', () => {
    expect(scripts.length).toBeGreaterThan(0);
  });

  it('printed no value and no identity in a failing command or as JSON', () => {
    expect(log.outputs.length).toBeGreaterThan(0);
    expect(log.leaks()).toEqual([]);
  });
});
