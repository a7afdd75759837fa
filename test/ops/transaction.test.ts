import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SecretsError } from '../../src/errors.ts';
import { isStagingPath } from '../../src/ops/files.ts';
import { withLock } from '../../src/ops/transaction/lock.ts';
import { applyChanges, settle } from '../../src/ops/transaction.ts';
import { bytes, CHANGES, change, NEW, OLD, writeOld } from './transaction-fixture.ts';
import { freshFolder, snapshot } from './transaction-folder.ts';

function workspace() {
  const root = freshFolder();
  writeOld(root);
  return { root, stateDir: join(root, '.secrets-state') };
}

async function stepsOfSuccess(): Promise<string[]> {
  const steps: string[] = [];
  await applyChanges({ ...workspace(), changes: CHANGES, onStep: step => void steps.push(step) });
  return steps;
}

describe('applyChanges', () => {
  it('makes every change and leaves nothing else', async () => {
    const place = workspace();
    await applyChanges({ ...place, changes: CHANGES });
    expect(snapshot(place.root)).toEqual(NEW);
  });

  it('keeps the mode of an existing file, and makes folders of private files private', async () => {
    const { root, stateDir } = workspace();
    chmodSync(join(root, '.sops.yaml'), 0o600);
    const changes = [
      change('.sops.yaml', 'keys: []\n', 'x\n', 0o755),
      change('private/keys/a', null, 'k', 0o600),
      change('private/b', null, 'k', 0o600),
    ];
    await applyChanges({ root, stateDir, changes });
    expect(snapshot(root)).toMatchObject({
      '.sops.yaml': '0600 x\n',
      'private/': '0700',
      'private/keys/': '0700',
    });
  });

  it('announces what it does before it does it, without any content', async () => {
    const { root, stateDir } = workspace();
    const seen: string[] = [];
    const onStep = (step: string) => {
      const name = readdirSync(stateDir).find(entry => entry.startsWith('journal-'));
      if (name !== undefined) seen.push(`${step} ${readFileSync(join(stateDir, name), 'utf8')}`);
    };
    await applyChanges({ root, stateDir, changes: CHANGES, onStep });
    expect(seen.length).toBeGreaterThan(8);
    expect(seen.join('')).toContain('secrets/aya/deep/wifi.yaml');
    expect(seen.join('')).not.toMatch(/new run|old run|new key|wifi\\n/);
  });

  it('makes nothing of no changes and of changes that change nothing', async () => {
    const { root, stateDir } = workspace();
    const inode = statSync(join(root, '.sops.yaml')).ino;
    await applyChanges({ root, stateDir, changes: [] });
    await applyChanges({
      root,
      stateDir,
      changes: [change('.sops.yaml', 'keys: []\n', 'keys: []\n'), change('none', null, null)],
    });
    expect(snapshot(root)).toEqual(OLD);
    expect(statSync(join(root, '.sops.yaml')).ino).toBe(inode);
  });

  it('never writes into a file that another name shares', async () => {
    const { root, stateDir } = workspace();
    const copy = join(freshFolder(), 'copy');
    linkSync(join(root, '.sops.yaml'), copy);
    await applyChanges({ root, stateDir, changes: CHANGES });
    expect(readFileSync(copy, 'utf8')).toBe('keys: []\n');
  });
});

describe('a change is refused and everything stays as it was', () => {
  it.each([
    ['an edited target', change('.sops.yaml', 'keys: [other]\n', 'x'), 'CHANGED_UNDERNEATH'],
    ['a target that appeared', change('.sops.yaml', null, 'x'), 'CHANGED_UNDERNEATH'],
    ['a target that went away', change('secrets/none', 'text', 'x'), 'CHANGED_UNDERNEATH'],
    ['a removed target that was edited', change('.sops.yaml', 'other', null), 'CHANGED_UNDERNEATH'],
    ['a folder in its place', change('secrets/megumu', null, 'x'), 'BAD_PATH'],
    ['a file where a folder should be', change('.sops.yaml/x', null, 'x'), 'BAD_PATH'],
    ['a way out', change('../x', null, 'x'), 'BAD_PATH'],
    ['an absolute path', change('/tmp/x', null, 'x'), 'BAD_PATH'],
    ['the folder of git', change('.git/hooks/pre-commit', null, 'x'), 'BAD_PATH'],
  ])('%s', async (_, last, code) => {
    const { root, stateDir } = workspace();
    const changes = [...CHANGES.slice(1), last];
    await expect(applyChanges({ root, stateDir, changes })).rejects.toMatchObject({ code });
    expect(snapshot(root)).toEqual(OLD);
  });

  it('a link, in the place of the file or on the way', async () => {
    const { root, stateDir } = workspace();
    const outside = freshFolder();
    writeFileSync(join(outside, 'victim'), 'victim\n');
    symlinkSync(join(outside, 'victim'), join(root, 'link'));
    symlinkSync(outside, join(root, 'way'));
    const old = snapshot(root);
    for (const bad of [
      change('link', 'victim\n', 'x'),
      change('way/new', null, 'x'),
      change('way/victim', 'victim\n', null),
    ]) {
      const changes = [...CHANGES, bad];
      await expect(applyChanges({ root, stateDir, changes })).rejects.toMatchObject({ code: 'BAD_PATH' });
    }
    expect(snapshot(root)).toEqual(old);
    expect(snapshot(outside)).toEqual({ victim: expect.stringContaining('victim') });
  });

  it('two changes that meet', async () => {
    const place = workspace();
    const twice = [change('a', null, 'x'), change('a', null, 'y')];
    await expect(applyChanges({ ...place, changes: twice })).rejects.toMatchObject({ code: 'INTERNAL' });
    const nested = [change('a/b', null, 'x'), change('a', null, 'y')];
    await expect(applyChanges({ ...place, changes: nested })).rejects.toMatchObject({ code: 'BAD_PATH' });
    expect(snapshot(place.root)).toEqual(OLD);
  });

  it('content that fails its verification, which sees the bytes of the disk', async () => {
    const place = workspace();
    const seen: string[] = [];
    const refuse = async (read: Uint8Array) => {
      seen.push(Buffer.from(read).toString());
      throw new SecretsError('MAC_MISMATCH', 'it does not decrypt');
    };
    const changes = [...CHANGES, { ...change('late', null, 'late\n'), verify: refuse }];
    await expect(applyChanges({ ...place, changes })).rejects.toMatchObject({ code: 'MAC_MISMATCH' });
    expect(seen).toEqual(['late\n']);
    expect(snapshot(place.root)).toEqual(OLD);
  });

  it('a target that somebody edits while the change is under way', async () => {
    for (const at of ['announced', 'staged 3', 'ready', 'swapped 0', 'swapped 2']) {
      const { root, stateDir } = workspace();
      const onStep = (step: string) => {
        if (step === at) writeFileSync(join(root, 'secrets/megumu/gone.yaml'), 'edited\n');
      };
      await expect(applyChanges({ root, stateDir, changes: CHANGES, onStep }), at).rejects.toMatchObject({
        code: 'CHANGED_UNDERNEATH',
      });
      expect(snapshot(root), at).toEqual({ ...OLD, 'secrets/megumu/gone.yaml': '0644 edited\n' });
    }
  });

  it('a new target that somebody else makes at the last moment', async () => {
    const { root, stateDir } = workspace();
    const onStep = (step: string) => {
      if (step === 'swapped 2') writeFileSync(join(root, 'secrets/aya/key'), 'theirs\n');
    };
    await expect(applyChanges({ root, stateDir, changes: CHANGES, onStep })).rejects.toMatchObject({
      code: 'CHANGED_UNDERNEATH',
    });
    expect(snapshot(root)).toEqual({ ...OLD, 'secrets/aya/': '0755', 'secrets/aya/key': '0644 theirs\n' });
  });

  it('an error at any step', async () => {
    const steps = await stepsOfSuccess();
    expect(steps).toContain('swapped 4');
    for (const at of steps.filter(step => step !== 'done')) {
      const { root, stateDir } = workspace();
      const onStep = (step: string) => {
        if (step === at) throw new Error('stopped');
      };
      await expect(applyChanges({ root, stateDir, changes: CHANGES, onStep }), at).rejects.toThrow('stopped');
      expect(snapshot(root), at).toEqual(OLD);
    }
  });
});

describe('settle', () => {
  /** Runs a change up to a step and leaves what a process leaves that dies there. */
  async function interrupted(at: string) {
    const { root, stateDir } = workspace();
    const copy = freshFolder();
    const onStep = async (step: string) => {
      if (step !== at) return;
      const { cpSync } = await import('node:fs');
      cpSync(root, copy, { recursive: true, preserveTimestamps: true });
      rmSync(join(copy, '.secrets-state/lock'), { recursive: true });
    };
    await applyChanges({ root, stateDir, changes: CHANGES, onStep });
    return { root: copy, stateDir: join(copy, '.secrets-state') };
  }

  const journalOf = (stateDir: string) => {
    const name = readdirSync(stateDir).find(entry => entry.startsWith('journal-'));
    if (name === undefined) throw new Error('no journal');
    return join(stateDir, name);
  };

  it('has nothing to do most of the time, and then makes no folder', async () => {
    const { root, stateDir } = workspace();
    expect(await settle(root, stateDir)).toBe('nothing');
    expect(snapshot(root)).toEqual(OLD);
  });

  it('gives the old state before the journal is ready, the new one after', async () => {
    const steps = await stepsOfSuccess();
    const ready = steps.indexOf('ready');
    for (const [index, at] of steps.entries()) {
      if (at === 'checked' || at === 'done') continue;
      const { root, stateDir } = await interrupted(at);
      expect(await settle(root, stateDir), at).toBe(index < ready ? 'rolled back' : 'completed');
      expect(snapshot(root), at).toEqual(index < ready ? OLD : NEW);
      expect(await settle(root, stateDir), at).toBe('nothing');
    }
  });

  it('happens before the next change', async () => {
    const { root, stateDir } = await interrupted('swapped 1');
    await applyChanges({ root, stateDir, changes: [change('.sops.yaml', 'keys: [a]\n', 'third\n')] });
    expect(snapshot(root)).toEqual({ ...NEW, '.sops.yaml': '0644 third\n' });
  });

  it('works inside the lock, and waits for a change that still runs', async () => {
    const { root, stateDir } = workspace();
    let running: Promise<string> | undefined;
    const order: string[] = [];
    const onStep = (step: string) => {
      // Not awaited: it must not see the lock of the change that it is started from as its own.
      if (step === 'swapped 0') running = settleFromOutside(root, stateDir, order);
      order.push(step);
    };
    await withLock(stateDir, async () => {
      await settle(root, stateDir);
      await applyChanges({ root, stateDir, changes: CHANGES, onStep });
    });
    expect(await running).toBe('nothing');
    expect(order.at(-1)).toBe('settled');
    expect(snapshot(root)).toEqual(NEW);
  });

  it('takes everything back where a staged file was lost or damaged', async () => {
    for (const damage of ['lost', 'damaged']) {
      const { root, stateDir } = await interrupted('swapped 1');
      const staged = readdirSync(join(root, 'secrets/aya')).find(name => name.endsWith('.new'));
      const path = join(root, 'secrets/aya', staged ?? 'none');
      if (damage === 'lost') rmSync(path);
      else writeFileSync(path, 'damaged');
      expect(await settle(root, stateDir)).toBe('rolled back');
      expect(snapshot(root)).toEqual(OLD);
    }
  });

  it('refuses where a file was edited since, and goes on once it is put back', async () => {
    const { root, stateDir } = await interrupted('swapped 1');
    const before = snapshot(root);
    writeFileSync(join(root, '.sops.yaml'), 'edited\n');
    await expect(settle(root, stateDir)).rejects.toMatchObject({
      code: 'PENDING_JOURNAL',
      message: 'a change was interrupted, and .sops.yaml was edited since',
      hint: expect.stringContaining('git checkout -- .sops.yaml'),
    });
    await expect(applyChanges({ root, stateDir, changes: CHANGES })).rejects.toMatchObject({
      code: 'PENDING_JOURNAL',
    });
    expect(snapshot(root)).toEqual({ ...before, '.sops.yaml': '0644 edited\n' });
    writeFileSync(join(root, '.sops.yaml'), 'keys: []\n');
    expect(await settle(root, stateDir)).toBe('rolled back');
    expect(snapshot(root)).toEqual(OLD);
  });

  it('refuses where both contents of a file are gone', async () => {
    const { root, stateDir } = await interrupted('ready');
    for (const name of readdirSync(join(root, 'secrets/megumu'))) {
      if (isStagingPath(name)) rmSync(join(root, 'secrets/megumu', name));
    }
    rmSync(join(root, 'secrets/megumu/run'));
    await expect(settle(root, stateDir)).rejects.toMatchObject({ code: 'PENDING_JOURNAL' });
  });

  it('refuses a journal that it did not write, and touches nothing', async () => {
    const hash = '0'.repeat(64);
    const good = { version: 1, id: '0123456789abcdef', phase: 'ready', folders: [], swaps: [] };
    for (const text of [
      '',
      '[]',
      'null',
      '{"version":1',
      JSON.stringify({ ...good, version: 2 }),
      JSON.stringify({ ...good, id: '../../x' }),
      JSON.stringify({ ...good, phase: '__proto__' }),
      JSON.stringify({ ...good, folders: ['../x'] }),
      JSON.stringify({ ...good, swaps: [{ path: '/etc/passwd', before: null, after: hash }] }),
      JSON.stringify({ ...good, swaps: [{ path: '.git/config', before: hash, after: null }] }),
      JSON.stringify({ ...good, swaps: [{ path: 'x', before: 'short', after: null }] }),
      JSON.stringify({ ...good, swaps: [{ path: 'x', before: null }] }),
    ]) {
      const { root, stateDir } = await interrupted('announced');
      writeFileSync(journalOf(stateDir), text);
      const before = snapshot(root);
      await expect(settle(root, stateDir), text).rejects.toMatchObject({
        code: 'PENDING_JOURNAL',
        hint: expect.stringContaining(journalOf(stateDir)),
      });
      expect(snapshot(root), text).toEqual(before);
    }
  });

  it('does not follow a link that stands where a staged file was', async () => {
    const { root, stateDir } = await interrupted('ready');
    const outside = freshFolder();
    const staged = readdirSync(join(root, 'secrets/aya')).filter(name => name.endsWith('.new'));
    writeFileSync(join(outside, 'victim'), 'victim\n');
    mkdirSync(join(outside, 'deep'));
    for (const name of staged) writeFileSync(join(outside, name), 'victim\n');
    rmSync(join(root, 'secrets/aya'), { recursive: true });
    symlinkSync(outside, join(root, 'secrets/aya'));
    const before = snapshot(outside);
    await expect(settle(root, stateDir)).rejects.toMatchObject({ code: 'PENDING_JOURNAL' });
    expect(snapshot(outside)).toEqual(before);
  });

  it('drops a journal that was never finished', async () => {
    const { root, stateDir } = await interrupted('announced');
    writeFileSync(`${journalOf(stateDir)}.new`, '{"vers');
    rmSync(journalOf(stateDir));
    expect(await settle(root, stateDir)).toBe('nothing');
    expect(existsSync(stateDir)).toBe(false);
  });

  it('leaves the journal of another workspace alone', async () => {
    const top = freshFolder();
    const stateDir = join(top, 'state');
    for (const name of ['one', 'two']) mkdirSync(join(top, name));
    const onStep = async (step: string) => {
      if (step !== 'ready') return;
      expect(await settle(join(top, 'two'), stateDir)).toBe('nothing');
    };
    await applyChanges({
      root: join(top, 'one'),
      stateDir,
      changes: [change('x', null, bytes('x').toString())],
      onStep,
    });
    expect(existsSync(join(top, 'one/x'))).toBe(true);
  });
});

/** Leaves the asynchronous context of the caller, as another process would be outside of it. */
function settleFromOutside(root: string, stateDir: string, order: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    outside.push(() => {
      settle(root, stateDir).then(result => {
        order.push('settled');
        resolve(result);
      }, reject);
    });
  });
}

const outside: (() => void)[] = [];
setInterval(() => outside.shift()?.(), 1).unref();
