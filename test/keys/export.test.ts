import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runKeyExport } from '../../src/cli/commands/key-export.ts';
import { nodeWorld } from '../../src/cli/node-world.ts';
import type { OutputStream, World } from '../../src/cli/world.ts';
import { freshKey } from '../age/keys.ts';
import { rejection } from '../age/no-leak.ts';

/** Keeps what is written. */
class Kept implements OutputStream {
  readonly isTTY: boolean;
  text = '';

  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }

  write(chunk: string | Uint8Array, done: (error?: Error | null) => void): boolean {
    this.text += Buffer.from(chunk).toString();
    done();
    return true;
  }
}

describe('secrets key export', () => {
  const [a, b] = [freshKey(), freshKey()];
  let home = '';

  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'key-export-'));
    mkdirSync(join(home, '.config/sops/age'), { recursive: true });
    writeFileSync(
      join(home, '.config/sops/age/keys.txt'),
      `# name: aya\n${a.text}\n# name: work\n${b.text}\n`,
      { mode: 0o600 },
    );
  });
  afterAll(() => rmSync(home, { recursive: true }));

  function worldWith(stdout: Kept, stderr: Kept, env: World['env'] = {}): World {
    return { ...nodeWorld(process), stdout, stderr, env, homedir: home, cwd: home, platform: 'linux' };
  }

  it('warns on a terminal, on stderr, and nowhere else', async () => {
    for (const isTTY of [true, false]) {
      const [stdout, stderr] = [new Kept(isTTY), new Kept(isTTY)];
      expect(await runKeyExport(worldWith(stdout, stderr), 'work')).toBe(0);
      expect(stdout.text).toBe(`# name: work\n# public key: ${b.recipient}\n${b.text}\n`);
      expect(stderr.text).toBe(
        isTTY
          ? 'secrets: this is the private key: clear the screen afterwards, and never paste it anywhere\n'
          : '',
      );
    }
  });

  it('looks at no variable of sops', async () => {
    const [stdout, stderr] = [new Kept(false), new Kept(false)];
    const env = {
      SOPS_AGE_KEY: freshKey().text,
      SOPS_AGE_KEY_CMD: '/bin/false',
      SOPS_AGE_KEY_FILE: '/nowhere',
    };
    await runKeyExport(worldWith(stdout, stderr, env), undefined);
    expect(stdout.text.match(/^AGE-SECRET-KEY-\S+/gm)).toEqual([a.text, b.text]);
    expect(stderr.text).toBe('');
  });

  it('takes the beginning of a public key, and not too short a one', async () => {
    const [stdout, stderr] = [new Kept(false), new Kept(false)];
    await runKeyExport(worldWith(stdout, stderr), b.recipient.slice(0, 12));
    expect(stdout.text).toContain(b.text);
    expect(await rejection(runKeyExport(worldWith(stdout, stderr), 'age1'), a.text)).toMatchObject({
      code: 'UNKNOWN_KEY',
      hint: 'there are aya, work',
    });
  });
});
