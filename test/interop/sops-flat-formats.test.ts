import { afterAll, beforeAll, it } from 'vitest';
import type { FormatName } from '../../src/sops/formats/format.ts';
import { caseCount, Dice, seedOf } from '../helpers/dice.ts';
import { describeWith } from '../helpers/programs.ts';
import { randomBinary, randomDotenv, randomIni, randomJson, randomRules } from '../helpers/random-files.ts';
import { expectAgreement } from '../helpers/round-trip.ts';
import { type FileRules, StockSops } from '../helpers/stock-sops.ts';

const CASES = caseCount(100, 1000);
/** Cases per file: sops starts three times for each file. */
const PACKED = 25;
/** Files in flight at once. */
const LANES = 2;
const DEFAULT_RULES: FileRules = { selection: {}, macOnlyEncrypted: false };

interface Sample {
  readonly plain: Uint8Array;
  readonly rules: FileRules;
}

describeWith(['sops'], 'random files between stock sops and us', () => {
  let stock: StockSops;
  beforeAll(async () => {
    stock = await StockSops.start();
  });
  afterAll(() => stock.stop());

  /** Checks `files` samples, each made from a seed of its own that a failure names. */
  async function check(format: FormatName, files: number, sample: (dice: Dice) => Sample): Promise<void> {
    const seed = seedOf(`${format}, ${CASES} cases`);
    let next = 0;
    const lane = async () => {
      for (let index = next++; index < files; index = next++) {
        const { plain, rules } = sample(new Dice(seed + index));
        try {
          await expectAgreement(stock, plain, format, rules);
        } catch (error) {
          if (error instanceof Error)
            error.message = `file ${index} of seed ${seed}, ${JSON.stringify(rules)}: ${error.message}`;
          throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }

  const packed = Math.ceil(CASES / PACKED);
  const timeout = 60_000 + CASES * 1000;

  it('agree on JSON', { timeout }, () =>
    check('json', packed, dice => ({ rules: randomRules(dice), plain: randomJson(dice, PACKED) })),
  );

  it('agree on dotenv', { timeout }, () =>
    check('dotenv', packed, dice => ({ rules: randomRules(dice), plain: randomDotenv(dice, PACKED) })),
  );

  it('agree on INI', { timeout }, () =>
    check('ini', packed, dice => {
      const tricky = dice.chance(50);
      const rules = tricky ? { ...DEFAULT_RULES, macOnlyEncrypted: dice.chance(30) } : randomRules(dice);
      return { rules, plain: randomIni(dice, PACKED, tricky) };
    }),
  );

  it('agree on binary files', { timeout }, () =>
    check('binary', CASES, dice => ({ rules: DEFAULT_RULES, plain: randomBinary(dice) })),
  );
});
