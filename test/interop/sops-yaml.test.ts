import { afterAll, beforeAll, expect, it } from 'vitest';
import { caseCount, Dice, seedOf } from '../helpers/dice.ts';
import { describeWith } from '../helpers/programs.ts';
import { randomRules } from '../helpers/random-files.ts';
import { randomYaml } from '../helpers/random-yaml.ts';
import { expectAgreement, StockFailure } from '../helpers/round-trip.ts';
import { StockSops } from '../helpers/stock-sops.ts';

const CASES = caseCount(200, 2000);
/** Top-level keys per file, each one random document below it. */
const PACKED = 10;
const LANES = 2;

describeWith(['sops'], 'random YAML between stock sops and us', () => {
  let stock: StockSops;
  beforeAll(async () => {
    stock = await StockSops.start();
  });
  afterAll(() => stock.stop());

  it(`agree on ${CASES} cases`, { timeout: 60_000 + CASES * 500 }, async () => {
    const seed = seedOf(`yaml, ${CASES} cases`);
    const files = Math.ceil(CASES / PACKED);
    let next = 0;
    const broken: string[] = [];
    const lane = async () => {
      for (let index = next++; index < files; index = next++) {
        await check(seed, index).catch(error => {
          if (!(error instanceof StockFailure)) throw error;
          broken.push(error.message);
        });
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    process.stderr.write(
      `yaml: ${broken.length} of ${files} files left out, stock sops does not read them back itself\n`,
    );
    // Comments that stock sops moves can change what a comment rule selects; some texts it prints wrong.
    expect(broken.length, broken.join('\n')).toBeLessThan(Math.max(3, files * 0.05));
  });

  async function check(seed: number, index: number): Promise<void> {
    const dice = new Dice(seed + index);
    const rules = randomRules(dice);
    const byComment =
      (rules.selection.encryptedCommentRegex ?? rules.selection.unencryptedCommentRegex) !== undefined;
    const comments = byComment || dice.chance(60);
    const plain = randomYaml(dice, PACKED, { comments, listComments: comments && !byComment });
    try {
      await expectAgreement(stock, plain, 'yaml', rules);
    } catch (error) {
      const where = `file ${index} of seed ${seed}, ${JSON.stringify(rules)}`;
      if (error instanceof Error)
        error.message = `${where}: ${error.message}\n${Buffer.from(plain).toString()}`;
      throw error;
    }
  }
});
