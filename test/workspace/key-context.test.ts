import { describe, expect, it } from 'vitest';
import { keyContexts } from '../../src/workspace/key-context.ts';
import { parseInventory } from '../../src/workspace/parse.ts';

const key = (letter: string): string => `age1${letter.repeat(58)}`;
const [A, B, C, D] = ['a', 'c', 'd', 'e'].map(key) as [string, string, string, string];

function contexts(text: string) {
  return keyContexts(parseInventory(text)).map(({ names, around, comments, line }) => ({
    names,
    around,
    comments,
    line,
  }));
}

describe('the keys of a config', () => {
  it('stand in sections and below labels, also those that YAML takes for nothing', () => {
    const text = `keys:
  - &users:
    - &anna ${A}
  - &hosts
    - &web ${B}
people: { bob: &bob ${C} }
`;
    expect(contexts(text)).toEqual([
      { names: ['anna'], around: ['keys', 'users'], comments: [], line: 3 },
      { names: ['web'], around: ['keys', 'hosts'], comments: [], line: 5 },
      { names: ['bob'], around: ['people', 'bob'], comments: [], line: 6 },
    ]);
  });

  it('have comments: behind them, above them, above all of them', () => {
    const text = `keys:
  # servers
  - &a ${A} # the old one
  - &b ${B}

  # mine
  - &c ${C}
  - &d ${D}
`;
    const found = contexts(text);
    expect(found.map(({ comments }) => comments)).toEqual([['the old one', 'servers'], [], ['mine'], []]);
    expect(found.map(({ around }) => around)).toEqual([
      ['keys', 'servers'],
      ['keys', 'servers'],
      ['keys', 'mine'],
      ['keys'],
    ]);
  });

  it('may stand in rules alone, once or often, and what is above a rule is not said of them', () => {
    const text = `creation_rules:
  # the servers
  - path_regex: ^a/
    age: >-
      ${A},
      ${B}
  - age:
      - ${A} # web
      # mail
      - ${B}
`;
    expect(contexts(text)).toEqual([
      { names: [], around: expect.not.arrayContaining(['the servers']), comments: ['web'], line: 5 },
      { names: [], around: expect.not.arrayContaining(['the servers']), comments: ['mail'], line: 6 },
    ]);
  });
});
