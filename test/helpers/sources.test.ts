import { describe, expect, it } from 'vitest';
import { findCycles, parseSource, undocumented } from './sources.ts';

const shown = (text: string) =>
  parseSource('src/ops/a.ts', text).imports.map(
    ({ from, path, typeOnly, lazy }) => `${from} ${path}${typeOnly ? ' type' : ''}${lazy ? ' lazy' : ''}`,
  );

describe('imports', () => {
  it.each([
    ["import { a } from './b.ts';", './b.ts src/ops/b.ts'],
    ["import type { A } from '../age/b.ts';", '../age/b.ts src/age/b.ts type'],
    ["import { type A, type B } from './b.ts';", './b.ts src/ops/b.ts type'],
    ["import { type A, b } from './b.ts';", './b.ts src/ops/b.ts'],
    ["import {\n  a,\n  b,\n} from './b.ts';", './b.ts src/ops/b.ts'],
    ["import * as z from 'zod';", 'zod null'],
    ["import 'node:fs';", 'node:fs null'],
    ['import a from "yaml";', 'yaml null'],
    ["export { a } from './b.ts';", './b.ts src/ops/b.ts'],
    ["export * from './b.ts';", './b.ts src/ops/b.ts'],
    ["export type { A } from './b.ts';", './b.ts src/ops/b.ts type'],
    ["const { a } = await import('./b.ts');", './b.ts src/ops/b.ts lazy'],
    [`const a = \`x\${{ b: await import('./b.ts') }}\`;`, './b.ts src/ops/b.ts lazy'],
  ])('%s', (text, wanted) => {
    expect(shown(text)).toEqual([wanted]);
  });

  it.each([
    "// import { a } from './b.ts';",
    "/* import { a } from './b.ts'; */",
    'const a = "import { a } from \'./b.ts\'";',
    "const a = `import { a } from './b.ts';`;",
    "export const from = 'a';",
    "export function a() { return 'from'; }\nconst from = './b.ts';",
  ])('none in %s', text => {
    expect(shown(text)).toEqual([]);
  });

  it('are found behind strings and patterns that hold quotes', () => {
    const text = "const a = /['\"`/]/.exec(\"it's\"); // don't\nimport { b } from './b.ts';";
    expect(shown(text)).toEqual(['./b.ts src/ops/b.ts']);
  });
});

it('code is blanked out where it is none, line for line', () => {
  const { code } = parseSource(
    'a.ts',
    "a('process.env'); // Date.now()\n/* x\nconsole */ b(`Math \x24{process.cwd()} \x24{`Date`} }`, a / b / c);",
  );
  expect(code.split('\n')).toHaveLength(3);
  expect(code).not.toMatch(/process\.env|Date|console|Math/);
  expect(code).toContain('process.cwd()');
});

it('cycles are found, types and lazy imports aside', () => {
  const file = (path: string, text: string) => parseSource(path, text);
  const a = file('src/a.ts', "import { b } from './b.ts';");
  const b = file('src/b.ts', "import { c } from './c.ts';");
  expect(findCycles([a, b, file('src/c.ts', "import { a } from './a.ts';")])).toEqual([
    ['src/a.ts', 'src/b.ts', 'src/c.ts', 'src/a.ts'],
  ]);
  expect(findCycles([a, b, file('src/c.ts', "import type { A } from './a.ts';")])).toEqual([]);
  expect(findCycles([a, b, file('src/c.ts', "const a = () => import('./a.ts');")])).toEqual([]);
});

it('exported functions and classes need a doc comment', () => {
  const text =
    '/** a */\nexport function a() {}\nexport function b() {}\n\nexport class C {}\nfunction d() {}\n// e\nexport async function e() {}\n';
  expect(undocumented(parseSource('a.ts', text))).toEqual(['a.ts:3 b', 'a.ts:5 C', 'a.ts:8 e']);
});
