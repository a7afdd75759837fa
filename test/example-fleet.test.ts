import { describe, expect, it } from 'vitest';
import { projectRoot, Sandbox } from './helpers/sandbox.ts';

/** The `.sops.yaml` and `secrets/` at the top of this repository, with keys that protect nothing. */
describe('the example fleet', () => {
  async function secrets(args: readonly string[], key?: string) {
    const sandbox = new Sandbox();
    try {
      const env =
        key === undefined ? {} : { SOPS_AGE_KEY_FILE: `${projectRoot}/test/keys/example/${key}.txt` };
      return await sandbox.secrets(args, { cwd: projectRoot, env: { ...sandbox.env, ...env } });
    } finally {
      sandbox.dispose();
    }
  }

  it('has modules that are up to date', async () => {
    expect((await secrets(['nix', '--check'])).status).toBe(0);
  });

  it.each([
    ['megumu', 'kotori', 'TOKEN_DISCORD=example-only\nTOKEN_MINIFLUX=example-only-too\n'],
    ['megumu', 'kanidm/miniflux', 'example-only'],
    ['aya', 'wifi', 'example-wifi'],
    ['kamov', 'mail', 'example-mail'],
  ])('lets %s read %s', async (key, name, value) => {
    const { status, stdout } = await secrets(['get', name], key);
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 0, stdout: value });
  });

  it('lets aya read nothing of megumu', async () => {
    const { status, stdout } = await secrets(['get', 'kotori'], 'aya');
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 4, stdout: '' });
  });
});
