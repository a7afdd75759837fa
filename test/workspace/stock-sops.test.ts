import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addAdmin, addHost, addRule, newInventory, setSecretOptions } from '../../src/workspace/edit.ts';
import { audienceOf, ruleFor } from '../../src/workspace/rules.ts';
import { describeWith, programPath } from '../helpers/programs.ts';
import { BY_HAND, FLEET, KEYS, read } from './fleet.ts';
import { randomInventory } from './random-inventory.ts';

/** Texts of `.sops.yaml` after edits of every kind. */
function editedInventories(): string[] {
  const fresh = newInventory({ admin: { name: 'kamov', recipient: KEYS.kamov } });
  const random = fc.sample(randomInventory, { seed: 7, numRuns: 8 });
  return [fresh, FLEET, BY_HAND, ...random].map(text => {
    const keyed = addHost(read(text), { name: 'kiri', platform: 'nixos', recipient: kiri });
    const ruled = addRule(read(keyed), { folder: 'kiri', recipients: [...read(keyed).admins, 'kiri'] }, []);
    const shared = addRule(read(ruled), { folder: 'kiri+zz', recipients: ['kiri', KEYS.momiji] }, []);
    const optioned = setSecretOptions(read(shared), 'kiri/web', { owner: 'web', mode: '0440' });
    return read(optioned).admins.length > 0
      ? optioned
      : addAdmin(read(optioned), { name: 'ran', recipient: ran });
  });
}

// public halves of keys that were thrown away
const kiri = 'age1egmmgt2xkhfkthhw5sw4fxv0hwujwymedvkhxeqac4a89dddn9ms0kzy4q';
const ran = 'age1xlnk3d5qw5nprah9cn23xc8hgu62wdd8pr6729zlj5c5cxfx5d2q2r6dg0';

const PATHS = [
  'secrets/kiri/a.yaml',
  'secrets/kiri/b/c.env',
  'secrets/kiri+zz/x.bin',
  'secrets/megumu/a.yaml',
  'hosts/aya/b.yml',
  'flake.nix',
];

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stock-config-'));
  await writeFile(join(folder, 'plain.yaml'), 'a: b\n');
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** The recipients that stock sops encrypts a new file to, `null` where no rule takes its path. */
function readersByStockSops(config: string, path: string): Promise<string[] | null> {
  const options = ['--config', config, 'encrypt', '--input-type', 'yaml', '--output-type', 'yaml'];
  const env = { HOME: folder, PATH: '' };
  return new Promise((resolve, reject) => {
    execFile(
      programPath('sops') ?? 'sops',
      [...options, '--filename-override', join(folder, path), 'plain.yaml'],
      { cwd: folder, env },
      (error, stdout, stderr) => {
        if (error === null)
          resolve(Array.from(stdout.matchAll(/recipient: (\S+)/g), match => match[1] ?? ''));
        else if (stderr.includes('no matching creation rules')) resolve(null);
        else reject(new Error(stderr));
      },
    );
  });
}

describeWith(['sops'], 'stock sops and an edited inventory', () => {
  it('agree about the readers of every path', async () => {
    for (const [index, text] of editedInventories().entries()) {
      const config = join(folder, `config-${index}`);
      await writeFile(config, text);
      const inventory = read(text);
      const seen = await Promise.all(PATHS.map(path => readersByStockSops(config, path)));
      const ours = PATHS.map(path => {
        const rule = ruleFor(inventory, path);
        return rule === null ? null : audienceOf(rule);
      });
      expect(seen, text).toEqual(ours);
      expect(ours[0]).toContain(kiri);
    }
  });
});
