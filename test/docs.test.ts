import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type DocsSetup, findConsoleBlocks, runBlocks } from './helpers/docs.ts';
import { projectRoot, Sandbox } from './helpers/sandbox.ts';

/** What a block may ask for with `setup=NAME`. */
const SETUPS: Readonly<Record<string, DocsSetup>> = {
  async repository(sandbox) {
    await sandbox.run(['git', 'init', '-q']);
  },
  async machine(sandbox) {
    await sandbox.run(['git', 'init', '-q']);
    await sandbox.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'root@megumu', '-f', 'host']);
  },
  async fleet(sandbox) {
    await SETUPS['machine']?.(sandbox);
    await sandbox.secrets(['init', '--admin', 'kamov']);
    await sandbox.secrets(['host', 'add', 'megumu', '--ssh-key', 'host.pub']);
    await sandbox.run(['rm', 'host', 'host.pub']);
    await sandbox.secrets(['add', 'kotori', '--host', 'megumu'], { stdin: 'a value\n' });
  },
};

const docs = existsSync(join(projectRoot, 'docs')) ? readdirSync(join(projectRoot, 'docs')) : [];
const pages = ['README.md', ...docs.filter(name => name.endsWith('.md')).map(name => `docs/${name}`)];
const present = pages.filter(name => existsSync(join(projectRoot, name)));

describe('documentation', () => {
  it.each(present)('%s prints what it says', { timeout: 300_000 }, async name => {
    const blocks = findConsoleBlocks(readFileSync(join(projectRoot, name), 'utf8'));
    const sandbox = new Sandbox();
    try {
      expect((await runBlocks(blocks, sandbox, SETUPS)).join('\n\n')).toBe('');
    } finally {
      sandbox.dispose();
    }
  });

  it('has a README that shows a session', () => {
    const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');
    expect(findConsoleBlocks(readme).length).toBeGreaterThan(0);
  });
});
