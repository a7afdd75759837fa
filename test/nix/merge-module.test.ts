import { describe, expect, it } from 'vitest';
import { mergeModules } from '../../src/nix/merge-module.ts';
import { type Declaration, emitModule } from '../../src/nix/module.ts';

function module(declarations: readonly (Partial<Declaration> & { name: string })[]): string {
  return emitModule({
    host: 'megumu',
    platform: 'nixos',
    directory: 'secrets',
    declarations: declarations.map(given => ({
      file: `secrets/megumu/${given.name}.yaml`,
      format: 'yaml',
      key: null,
      options: {},
      ...given,
    })),
  });
}

const A = { name: 'a' };
const B = { name: 'kanidm/b', options: { owner: 'b', restartUnits: ['x.service', 'y.service'] } };
const C = { name: 'c', pending: true };
const D = { name: 'B-d', pending: true };

describe('two emitted modules', () => {
  it.each([
    ['two that were added', [A], [A, B], [A, C], [A, B, C]],
    ['the first ones', [], [B], [A], [A, B]],
    ['one removed and one added', [A, B], [B], [A, B, D], [B, D]],
    ['all removed', [A, B], [A], [B], []],
    ['two that wait for a value', [A], [A, C], [A, D], [A, C, D]],
    ['the same twice', [A], [A, B], [A, B], [A, B]],
    [
      'changed options',
      [A, B],
      [A, { ...B, options: { owner: 'x' } }],
      [B],
      [{ ...B, options: { owner: 'x' } }],
    ],
  ] as const)('are merged to what would be emitted: %s', (_what, base, ours, theirs, wanted) => {
    expect(mergeModules(module(base), module(ours), module(theirs))).toEqual({
      text: module(wanted),
      doubtful: [],
    });
    expect(mergeModules(module(base), module(theirs), module(ours))?.text).toBe(module(wanted));
  });

  it('are merged without a common version', () => {
    expect(mergeModules('', module([A]), module([B]))?.text).toBe(module([A, B]));
  });

  it('keep ours of what both changed, and say so', () => {
    const ours = [{ ...A, options: { owner: 'x' } }];
    const merged = mergeModules(module([A]), module(ours), module([{ ...A, options: { owner: 'y' } }]));
    expect(merged).toEqual({ text: module(ours), doubtful: ['a'] });
  });

  it.each([
    '{ }\n',
    `${module([A])}# by hand\n`,
    module([A]).replace('  };\n', '  };\n  x = 1;\n'),
    module([A]).replaceAll('\n', '\r\n'),
  ])('are left alone where one is written otherwise', other => {
    expect(mergeModules(module([]), module([A]), other)).toBeNull();
    expect(mergeModules(module([]), other, module([A]))).toBeNull();
  });
});
