import { execFileSync } from 'node:child_process';
import { projectRoot } from './sandbox.ts';

/**
 * Before any test: the scripts run what is built, so it is built from what is there. Where that fails the
 * tests of single modules still run; `npm test` counts the failed build.
 */
export function setup(): void {
  try {
    execFileSync(process.execPath, ['scripts/build.js'], { cwd: projectRoot, stdio: 'pipe' });
  } catch {
    process.stderr.write(
      'the build failed (npm run build says why): the tests of commands run an older one\n',
    );
  }
}
