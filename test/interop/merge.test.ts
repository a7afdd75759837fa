import { afterEach, beforeEach, expect, it } from 'vitest';
import { MergeRepository } from '../helpers/merge-repository.ts';
import { describeWith } from '../helpers/programs.ts';

const PROGRAMS = ['git', 'sops', 'nix-instantiate'];
const MAIL = 'secrets/megumu/mail.env';

describeWith(PROGRAMS, 'a merge with real git', () => {
  let repo: MergeRepository;

  beforeEach(async () => {
    repo = await new MergeRepository().begin();
  });
  afterEach(() => repo.dispose());

  const set = (name: string, key: string | null, value: string) =>
    repo.secrets(['set', name, ...(key === null ? [] : ['--key', key])], repo.value(value));
  const add = (name: string, ...more: string[]) =>
    repo.secrets(['add', name, '--host', 'megumu', ...more], repo.value(name));

  it('of two added secrets for one host ends clean', async () => {
    await repo.branch('one', 'main', () => add('one', '--owner', 'one'));
    await repo.branch('two', 'main', () => add('two', '--owner', 'two'));
    expect(await repo.merging(['merge', '--no-edit', 'one'])).toMatchObject({ status: 0, changed: '' });
    await repo.isSound();
    const module = repo.read('secrets/megumu.nix');
    await repo.secrets(['nix']);
    expect(repo.read('secrets/megumu.nix')).toBe(module);
    expect(module).toMatch(/one = \{[\s\S]*two = \{/);
    expect(repo.read('.sops.yaml')).toMatch(
      /megumu\/two: \{ owner: two \}\n {2}megumu\/one: \{ owner: one \}\n/,
    );
  });

  it('of two values of one file keeps every other byte', async () => {
    const before = repo.read(MAIL).split('\n');
    await repo.branch('a', 'main', () => set('mail', 'A', 'a2'));
    const ours = repo.read(MAIL).split('\n');
    await repo.branch('b', 'main', () => set('mail', 'B', 'b2'));
    const theirs = repo.read(MAIL).split('\n');
    expect(await repo.merging(['merge', '--no-edit', 'a'])).toMatchObject({ status: 0, changed: '' });
    await repo.isSound();
    expect(await repo.plain(MAIL)).toBe(
      `A=${repo.value('a2')}\nB=${repo.value('b2')}\nC=${repo.value('c')}\n`,
    );
    const merged = repo.read(MAIL).split('\n');
    expect(merged.slice(0, 3)).toEqual([ours[0], theirs[1], before[2]]);
    const stanzas = (lines: readonly string[]) => lines.filter(line => line.startsWith('sops_age'));
    expect(stanzas(merged)).toEqual(stanzas(before));
  });

  it('of two values works in a rebase and a cherry-pick too', async () => {
    await repo.branch('a', 'main', () => set('mail', 'A', 'a2'));
    await repo.branch('b', 'main', () => set('mail', 'B', 'b2'));
    await repo.git('checkout', '-q', '-b', 'c', 'b');
    expect(await repo.merging(['rebase', 'a'])).toMatchObject({ status: 0, changed: '' });
    await repo.isSound();
    const wanted = `A=${repo.value('a2')}\nB=${repo.value('b2')}\nC=${repo.value('c')}\n`;
    expect(await repo.plain(MAIL)).toBe(wanted);
    await repo.git('checkout', '-q', '-b', 'd', 'b');
    expect(await repo.merging(['cherry-pick', 'a'])).toMatchObject({ status: 0, changed: '' });
    await repo.isSound();
    expect(await repo.plain(MAIL)).toBe(wanted);
  });

  it('of a rotated host and an added secret', async () => {
    repo.hook('pre-merge-commit', ['git-finish']);
    const next = await repo.key('megumu2');
    await repo.branch('rotated', 'main', () =>
      repo.secrets(['host', 'rotate', 'megumu', '--age', next, '--yes']),
    );
    await repo.branch('added', 'main', async () => {
      await add('three');
      await set('mail', 'A', 'a3');
    });
    const merged = await repo.merging(['merge', '--no-edit', 'rotated']);
    expect(merged).toMatchObject({ status: 0, changed: '' });
    expect(merged.stderr).toContain(`${MAIL}: from now on also read by megumu`);
    expect(merged.stderr).toMatch(/update {2}secrets\/megumu\/three.yaml {2}\+ megumu, - age1/);
    await repo.isSound(['megumu2']);
    expect((await repo.git('rev-list', '--parents', '-n1', 'HEAD')).trim().split(' ')).toHaveLength(3);
    const former = await repo.attempt(['sops', 'decrypt', MAIL], '', repo.only('megumu'));
    expect(former.status).not.toBe(0);
    expect(await repo.plain(MAIL)).toContain(`A=${repo.value('a3')}`);
  });

  it('of two hosts, and of two readers of one file', async () => {
    const [aya, momiji] = [await repo.key('aya'), await repo.key('momiji')];
    const both = (name: string, key: string) =>
      repo.branch(name, 'main', () => repo.secrets(['host', 'add', name, '--age', key]));
    await both('aya', aya);
    await both('momiji', momiji);
    expect(await repo.merging(['merge', '--no-edit', 'aya'])).toMatchObject({ status: 0, changed: '' });
    await repo.isSound();
    await repo.git('checkout', '-q', '-B', 'main');
    const reader = (name: string) =>
      repo.branch(`reader-${name}`, 'main', async () => {
        repo.write(
          '.sops.yaml',
          repo.read('.sops.yaml').replace(/(\^secrets\/megumu\/\n.*\n.*megumu)\]/, `$1, *${name}]`),
        );
        await repo.secrets(['sync', '--yes']);
        await repo.secrets(['nix']);
      });
    await reader('aya');
    await reader('momiji');
    expect(await repo.merging(['merge', '--no-edit', 'reader-aya'])).toMatchObject({
      status: 0,
      changed: '',
    });
    await repo.isSound(['megumu', 'aya', 'momiji']);
  });

  it('of two admins', async () => {
    const admin = async (name: string) => {
      const key = await repo.key(name);
      await repo.branch(name, 'main', () => repo.secrets(['admin', 'add', name, '--age', key, '--yes']));
    };
    await admin('rin');
    await admin('ran');
    expect(await repo.merging(['merge', '--no-edit', 'rin'])).toMatchObject({ status: 0, changed: '' });
    await repo.isSound(['megumu', 'rin', 'ran']);
  });

  it('of a new data key on one side and a value on the other makes another data key', async () => {
    await repo.branch('rekeyed', 'main', () => repo.secrets(['rekey', 'mail', '--yes']));
    const rekeyed = repo.read(MAIL);
    await repo.branch('edited', 'main', () => set('mail', 'B', 'b2'));
    const edited = repo.read(MAIL);
    expect(await repo.merging(['merge', '--no-edit', 'rekeyed'])).toMatchObject({ status: 0, changed: '' });
    await repo.isSound();
    expect(await repo.plain(MAIL)).toContain(`B=${repo.value('b2')}`);
    const lines = new Set([...rekeyed.split('\n'), ...edited.split('\n')]);
    expect(
      repo
        .read(MAIL)
        .split('\n')
        .filter(line => /^[ABC]=/.test(line) && lines.has(line)),
    ).toEqual([]);
  });

  it('of one value that both changed stops with its name, and is finished without showing it', async () => {
    await repo.branch('ours', 'main', async () => {
      await set('mail', 'C', 'c-ours');
      await set('mail', 'A', 'a-ours');
    });
    await repo.branch('theirs', 'main', () => set('mail', 'C', 'c-theirs'));
    await repo.git('checkout', '-q', 'ours');
    const ours = repo.read(MAIL);
    const merged = await repo.merging(['merge', '--no-edit', 'theirs']);
    expect(merged).toMatchObject({ status: 1, changed: `UU ${MAIL}\n` });
    expect(merged.stderr).toContain(`secrets: ${MAIL}: both sides changed C\n`);
    expect(merged.stderr).toContain(`secrets: finish it: secrets resolve ${MAIL}\n`);
    expect(repo.read(MAIL)).toBe(ours);
    const asked = await repo.attempt([...repo.sandbox.program, 'resolve']);
    expect([asked.status, asked.stderr.toString()]).toEqual([1, expect.stringContaining('[MERGE_CONFLICT]')]);
    await repo.secrets(['resolve', MAIL, '--theirs', 'C']);
    await repo.git('commit', '-q', '--no-edit');
    await repo.isSound();
    expect(await repo.plain(MAIL)).toBe(
      `A=${repo.value('a-ours')}\nB=${repo.value('b')}\nC=${repo.value('c-theirs')}\n`,
    );
  });

  it('without any key leaves the file in conflict with the command that finishes it', async () => {
    await repo.branch('a', 'main', () => set('mail', 'A', 'a2'));
    await repo.branch('b', 'main', () => set('mail', 'B', 'b2'));
    const merged = await repo.merging(['merge', '--no-edit', 'a'], { HOME: repo.sandbox.temporary });
    expect(merged).toMatchObject({ status: 1, changed: `UU ${MAIL}\n` });
    expect(merged.stderr).toContain(`secrets: finish it: secrets resolve ${MAIL}\n`);
    await repo.secrets(['resolve']);
    await repo.git('commit', '-q', '--no-edit');
    await repo.isSound();
  });

  it('needs no key where one side changed readers alone', async () => {
    const aya = await repo.key('aya');
    await repo.branch('readers', 'main', async () => {
      await repo.secrets(['host', 'add', 'aya', '--age', aya]);
      repo.write(
        '.sops.yaml',
        repo.read('.sops.yaml').replace(/(\^secrets\/megumu\/\n.*\n.*megumu)\]/, '$1, *aya]'),
      );
      await repo.secrets(['sync', '--yes']);
      await repo.secrets(['nix']);
    });
    await repo.branch('value', 'main', () => set('mail', 'A', 'a2'));
    const merged = await repo.merging(['merge', '--no-edit', 'readers'], { HOME: repo.sandbox.temporary });
    expect(merged).toMatchObject({ status: 0, changed: '' });
    await repo.isSound(['megumu', 'aya']);
    expect(await repo.plain(MAIL)).toContain(repo.value('a2'));
  });

  it('works in a linked work tree, and in a folder with a blank', async () => {
    await repo.branch('a', 'main', () => set('mail', 'A', 'a2'));
    await repo.branch('b', 'main', () => set('mail', 'B', 'b2'));
    await repo.git('worktree', 'add', '-q', '../a linked tree', '-b', 'c', 'a');
    const cwd = `${repo.sandbox.root}/a linked tree`;
    const output = await repo.sandbox.run(['git', 'merge', '--no-edit', 'b'], { cwd });
    expect([output.status, output.stderr.toString()]).toEqual([0, expect.any(String)]);
    const { stdout } = await repo.sandbox.run(['sops', 'decrypt', MAIL], { cwd });
    expect(stdout.toString()).toBe(`A=${repo.value('a2')}\nB=${repo.value('b2')}\nC=${repo.value('c')}\n`);
  });

  it('of branches that were merged both ways before knows what they have in common', async () => {
    await repo.branch('a', 'main', () => set('mail', 'A', 'a2'));
    await repo.branch('b', 'main', () => set('mail', 'B', 'b2'));
    await repo.git('checkout', '-q', '-b', 'a-b', 'a');
    await repo.git('merge', '-q', '--no-edit', 'b');
    await repo.git('checkout', '-q', '-b', 'b-a', 'b');
    await repo.git('merge', '-q', '--no-edit', 'a');
    await set('mail', 'A', 'a3');
    await repo.git('commit', '-qm', 'a3');
    await repo.git('checkout', '-q', 'a-b');
    await set('mail', 'C', 'c3');
    await repo.git('commit', '-qm', 'c3');
    expect((await repo.git('merge-base', '--all', 'a-b', 'b-a')).trim().split('\n')).toHaveLength(2);
    expect(await repo.merging(['merge', '--no-edit', 'b-a'])).toMatchObject({ status: 0, changed: '' });
    await repo.isSound();
    const wanted = `A=${repo.value('a3')}\nB=${repo.value('b2')}\nC=${repo.value('c3')}\n`;
    expect(await repo.plain(MAIL)).toBe(wanted);
  });

  it('in a clone without the drivers is a conflict that resolve finishes', async () => {
    await repo.branch('a', 'main', async () => {
      await set('mail', 'A', 'a2');
      await add('one', '--owner', 'one');
    });
    await repo.branch('b', 'main', async () => {
      await set('mail', 'B', 'b2');
      await add('two', '--owner', 'two');
    });
    for (const name of ['nix-secrets', 'nix-secrets-module', 'nix-secrets-config', 'nix-secrets-ancestor'])
      await repo.git('config', '--remove-section', `merge.${name}`);
    expect((await repo.merging(['merge', '--no-edit', 'a'])).status).toBe(1);
    await repo.secrets(['resolve']);
    await repo.git('commit', '-q', '--no-edit');
    await repo.isSound();
    expect(await repo.plain(MAIL)).toBe(
      `A=${repo.value('a2')}\nB=${repo.value('b2')}\nC=${repo.value('c')}\n`,
    );
  });
});

describeWith(PROGRAMS, 'a hostile branch', () => {
  let repo: MergeRepository;

  beforeEach(async () => {
    repo = await new MergeRepository().begin();
    await repo.branch('ours', 'main', () => repo.secrets(['set', 'mail', '--key', 'A'], repo.value('a2')));
  });
  afterEach(() => repo.dispose());

  const merge = async () => {
    await repo.git('checkout', '-q', 'ours');
    return repo.merging(['merge', '--no-edit', 'theirs']);
  };

  it('does not add a reader that .sops.yaml does not name', async () => {
    const stranger = await repo.key('stranger');
    await repo.branch('theirs', 'main', async () => {
      await repo.run(['sops', 'rotate', '-i', '--add-age', stranger, MAIL]);
      await repo.run(['sops', 'set', MAIL, '["B"]', JSON.stringify(repo.value('b2'))]);
    });
    expect((await merge()).status).toBe(0);
    await repo.isSound();
    expect(repo.read(MAIL)).not.toContain(stranger);
    expect((await repo.attempt(['sops', 'decrypt', MAIL], '', repo.only('stranger'))).status).not.toBe(0);
  });

  it('is refused with a MAC that does not hold', async () => {
    await repo.branch('theirs', 'main', async () => {
      await repo.secrets(['set', 'mail', '--key', 'B'], repo.value('b2'));
      const [a = '', b = '', c = '', ...rest] = repo.read(MAIL).split('\n');
      repo.write(MAIL, [b, a, c, ...rest].join('\n'));
    });
    const merged = await merge();
    expect(merged).toMatchObject({ status: 1, changed: `UU ${MAIL}\n` });
    expect(merged.stderr).toContain(`secrets: ${MAIL}: their version: the MAC does not match`);
    expect(merged.stderr).toContain(`git checkout --ours -- ${MAIL} && git add ${MAIL}`);
  });

  it('is refused with a value that was moved', async () => {
    await repo.branch('theirs', 'main', async () => {
      const [a = '', b = '', c = '', ...rest] = repo.read(MAIL).split('\n');
      repo.write(MAIL, [a, `B=${c.slice(2)}`, `C=${b.slice(2)}`, ...rest].join('\n'));
    });
    const merged = await merge();
    expect(merged).toMatchObject({ status: 1, changed: `UU ${MAIL}\n` });
    expect(merged.stderr).toContain('their version: the value of B cannot be decrypted');
  });

  it('is refused where it is in clear', async () => {
    await repo.branch('theirs', 'main', async () => {
      repo.write(MAIL, 'A=x\nB=y\nC=z\n');
    });
    const merged = await merge();
    expect(merged).toMatchObject({ status: 1, changed: `UU ${MAIL}\n` });
    expect(merged.stderr).toContain('their version: the file has no sops metadata');
  });

  it('does not reveal a value by another selection', async () => {
    await repo.branch('theirs', 'main', async () => {
      const plain = 'A=1\nB=2\nC=3\n';
      repo.write(MAIL, plain);
      await repo.run([
        'sops',
        'encrypt',
        '-i',
        '--encrypted-regex',
        '^nothing$',
        '--age',
        (await repo.git('show', 'main:.sops.yaml')).match(/age1\w+/)?.[0] ?? '',
        MAIL,
      ]);
    });
    const merged = await merge();
    expect(merged.status).toBe(1);
    expect(repo.read(MAIL)).not.toContain('A=plain');
  });
});
