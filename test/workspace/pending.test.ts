import { describe, expect, it } from 'vitest';
import { setSecretOptions } from '../../src/workspace/edit.ts';
import type { ManagedFile } from '../../src/workspace/managed-file.ts';
import { parseInventory } from '../../src/workspace/parse.ts';
import { listSecrets } from '../../src/workspace/secrets.ts';

const KEY = 'age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqs3wvqh';

function inventoryWith(entry: string) {
  return parseInventory(
    `keys:
  - &megumu ${KEY}
hosts:
  megumu: { platform: nixos }
secrets:
  ${entry}
creation_rules:
  - path_regex: ^secrets/megumu/
    key_groups:
      - age: [*megumu]
`,
    '.sops.yaml',
  );
}

function listed(entry: string, files: readonly ManagedFile[] = []) {
  return listSecrets(inventoryWith(entry), files).map(({ address, file, key, format, hosts, pending }) => ({
    address,
    file,
    key,
    format,
    hosts,
    pending: pending === true,
  }));
}

describe('a secret whose value is pending', () => {
  const common = { address: 'megumu/door/code', hosts: ['megumu'], pending: true };

  it.each([
    ['value', { file: 'secrets/megumu/door/code.yaml', key: 'door/code', format: 'yaml' }],
    ['true', { file: 'secrets/megumu/door/code.yaml', key: 'door/code', format: 'yaml' }],
    ['env', { file: 'secrets/megumu/door/code.env', key: null, format: 'dotenv' }],
    ['binary', { file: 'secrets/megumu/door/code.bin', key: null, format: 'binary' }],
  ])('is listed with the file that it will have: %s', (kind, wanted) => {
    expect(listed(`megumu/door/code: { pending: ${kind} }`)).toEqual([{ ...common, ...wanted }]);
  });

  it('is pending no more once there is a file, of whatever kind', () => {
    const file: ManagedFile = { path: 'secrets/megumu/door/code.env', format: 'dotenv', leaves: null };
    const [found, ...others] = listed('megumu/door/code: { pending: value }', [file]);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ file: file.path, pending: false });
  });

  it('is not listed for `pending: false`, nor beside a sopsFile', () => {
    expect(listed('megumu/a: { pending: false }')).toEqual([]);
    expect(listed('megumu/a: { pending: value, sopsFile: x.yaml }').map(({ pending }) => pending)).toEqual([
      false,
    ]);
  });

  it.each(['__proto__', 'yes', '[env]', '{ env: 1 }', '3'])('is not %s', kind => {
    expect(() => inventoryWith(`megumu/a: { pending: ${kind} }`)).toThrow(/pending of "megumu\/a"/);
  });

  it('is nothing that one host could have for itself', () => {
    const text = inventoryWith('megumu/a: { pending: env }').text.replace(
      '{ platform: nixos }',
      '{ platform: nixos, secrets: { megumu/a: { pending: env } } }',
    );
    expect(() => parseInventory(text, '.sops.yaml')).toThrow(/cannot differ by host/);
  });

  it('keeps its other options when the value comes', () => {
    const inventory = inventoryWith('megumu/a: { owner: b, pending: env } # for later');
    const text = setSecretOptions(inventory, 'megumu/a', { owner: 'b' });
    expect(text).toContain('megumu/a: { owner: b } # for later\n');
  });
});
