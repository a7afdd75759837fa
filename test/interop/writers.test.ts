import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { encryptedFiles } from '../helpers/fleet-state.ts';
import { runHere } from '../helpers/in-process.ts';
import { describeWith } from '../helpers/programs.ts';
import { Sandbox } from '../helpers/sandbox.ts';
import { makeStockFleet } from '../helpers/stock-fleet.ts';

describeWith(['git', 'sops'], 'several writers at once', () => {
  it('wait for each other: nothing that was acknowledged is lost', { timeout: 180_000 }, async () => {
    const sandbox = new Sandbox();
    try {
      await makeStockFleet(sandbox, 30, ['megumu', 'aya']);
      const long = { timeout: 150_000 };
      const added = ['one', 'two', 'three'];
      const results = await Promise.all([
        sandbox.secrets(['rekey', '--all', '--yes'], long),
        ...added.map(name => sandbox.secrets(['add', name, '--host', 'megumu'], { ...long, stdin: name })),
        sandbox.secrets(['set', 'value3', '--host', 'aya'], { ...long, stdin: 'another' }),
        sandbox.secrets(['group', 'add', 'servers', '--host', 'megumu', '--host', 'aya'], long),
      ]);
      for (const { status, stderr } of results) expect(status, stderr.toString()).toBe(0);
      for (const name of added)
        expect(
          (await sandbox.run(['sops', 'decrypt', `secrets/megumu/${name}.yaml`])).stdout.toString(),
        ).toBe(`${name}: ${name}\n`);
      expect((await runHere(sandbox, ['get', 'value3'])).stdout).toBe('another');
      for (const path of encryptedFiles(sandbox.work))
        expect((await sandbox.run(['sops', 'decrypt', path])).status, path).toBe(0);
      expect((await runHere(sandbox, ['sync', '--check'])).status).toBe(0);
      expect((await runHere(sandbox, ['nix', '--check'])).status).toBe(0);
    } finally {
      sandbox.dispose();
    }
  });

  it('leave alone what somebody is still writing', { timeout: 60_000 }, async () => {
    const sandbox = new Sandbox();
    try {
      await makeStockFleet(sandbox, 2, ['megumu']);
      const path = join(sandbox.work, 'secrets/megumu/value0.yaml');
      const half = readFileSync(path, 'utf8').slice(0, 400);
      writeFileSync(path, half);
      const { status, stderr } = await runHere(sandbox, ['rekey', '--all', '--yes']);
      expect(status).toBe(1);
      expect(stderr).toMatch(/secrets\/megumu\/value0\.yaml is left as it is: /);
      expect(readFileSync(path, 'utf8')).toBe(half);
      expect((await sandbox.run(['sops', 'decrypt', 'secrets/megumu/value1.yaml'])).status).toBe(0);
    } finally {
      sandbox.dispose();
    }
  });
});
