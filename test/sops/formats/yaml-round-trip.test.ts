import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { yamlFormat } from '../../../src/sops/formats/yaml.ts';
import { Comment, Float, TreeList, TreeMap, type Value } from '../../../src/sops/tree.ts';
import { documents, scalars } from '../../helpers/sops-trees.ts';
import { readYamlText, yamlTextOf } from '../../helpers/yaml-text.ts';

describe('what was printed', () => {
  const sameFloat = fc
    .double({ noNaN: true })
    .filter(value => !Object.is(value, -0) && !Number.isInteger(value));
  const leaf = fc.oneof(
    scalars().filter(value => !(value instanceof Float)),
    sameFloat.map(value => new Float(value)),
    fc.string({
      unit: fc.constantFrom(' ', '\t', '\n', '\r', 'x', '#', ':', '-', "'", '"', '\u2028', '\x85'),
      maxLength: 8,
    }),
  );
  const distinct = documents(leaf).map(document => withoutRepeats(document));

  it('is read back as the same tree', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(
        fc.array(distinct, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 2, max: 9 }),
        (trees, indent) => {
          expect(yamlFormat.parsePlain(Buffer.from(yamlTextOf(trees, indent)))).toEqual(trees);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('has the same values with comments in it, wherever they go', { timeout: 60_000 }, () => {
    const words = fc.array(
      fc.array(
        fc.record({
          text: fc.constantFrom(' x', '', '# y', ': [', ' two\nlines', '\tz '),
          inline: fc.boolean(),
        }),
        { maxLength: 3 },
      ),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(distinct, words, (document, comments) => {
        let next = 0;
        const dice = () =>
          (comments[next++ % comments.length] ?? []).map(({ text, inline }) => new Comment(text, inline));
        const text = yamlTextOf(mapOf(commented(document, dice)));
        expect(withoutComments(readYamlText(text)), text).toEqual(document);
      }),
      { numRuns: 300 },
    );
  });

  it('is printed the same once it was read', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(distinct, fc.integer({ min: 2, max: 9 }), (document, indent) => {
        const text = yamlTextOf(document, indent);
        expect(yamlTextOf(readYamlText(text), indent)).toBe(text);
      }),
      { numRuns: 200 },
    );
  });
});

/** Comments stand between the items of maps and the elements of lists, often several. */
function commented(value: Value, dice: () => Comment[]): Value {
  const inside = (child: Value | Comment | null) =>
    child === null || child instanceof Comment ? child : commented(child, dice);
  if (value instanceof TreeMap)
    return new TreeMap(
      value.items.flatMap(({ key, value: child }) => [
        ...dice().map(comment => ({ key: comment, value: null })),
        { key, value: child === null ? null : commented(child, dice) },
      ]),
    );
  if (!(value instanceof TreeList)) return value;
  return new TreeList(value.elements.flatMap(element => [...dice(), inside(element)]));
}

/** The first document of a file must not repeat keys; only maps can stand behind `<<`. */
function withoutRepeats(map: TreeMap): TreeMap {
  const seen = new Set<unknown>();
  const items = map.items.filter(({ key }) => key !== '<<' && !seen.has(key) && seen.add(key) !== undefined);
  return new TreeMap(items.map(({ key, value }) => ({ key, value: value === null ? null : below(value) })));
}

function below(value: Value): Value {
  if (value instanceof TreeMap) return withoutRepeats(value);
  if (!(value instanceof TreeList)) return value;
  return new TreeList(
    value.elements.map(element =>
      element instanceof TreeMap || element instanceof TreeList ? below(element) : element,
    ),
  );
}

function mapOf(value: Value): TreeMap {
  if (value instanceof TreeMap) return value;
  throw new Error('not a map');
}

function withoutComments(value: Value): Value {
  if (value instanceof TreeMap)
    return new TreeMap(
      value.items.flatMap(({ key, value: child }) =>
        typeof key === 'string' ? [{ key, value: child === null ? null : withoutComments(child) }] : [],
      ),
    );
  if (!(value instanceof TreeList)) return value;
  return new TreeList(
    value.elements.flatMap(element => {
      if (element instanceof Comment) return [];
      return [element === null ? null : withoutComments(element)];
    }),
  );
}
