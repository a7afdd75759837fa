import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take minutes: begun last, one of them would keep one of two cores busy alone at the end. */
const LONGEST = [
  'test/script.test.ts',
  'test/interop/random-session.test.ts',
  'test/cli/hostile.test.ts',
  'test/interop/sops-flat-formats.test.ts',
  'test/interop/merge.test.ts',
  'test/interop/shapes.test.ts',
  'test/interop/rotation-crash.test.ts',
  'test/interop/inventories.test.ts',
  'test/docs.test.ts',
];

/** Begins with the files that are known to be long; a clean checkout has no times of a former run to go by. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.findIndex(path => moduleId.endsWith(`/${path}`));
      return at === -1 ? LONGEST.length : at;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}
