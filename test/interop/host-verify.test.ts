import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith, programPath } from '../helpers/programs.ts';
import { type Output, Sandbox } from '../helpers/sandbox.ts';
import { freePort, startSshServer } from '../helpers/sshd.ts';

describeWith(['sshd', 'ssh', 'ssh-keyscan', 'ssh-keygen', 'git'], 'host verify against a real sshd', () => {
  let sandbox: Sandbox;
  let server: ChildProcess;
  let port = 0;
  let delivered = '';

  beforeAll(async () => {
    sandbox = new Sandbox();
    port = await freePort();
    const at = (name: string) => join(sandbox.temporary, name);
    for (const name of ['host', 'other', 'login'])
      await sandbox.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', at(name)]);
    delivered = at('kotori');
    server = await startSshServer(at('host'), port, [
      `AuthorizedKeysFile=${at('login.pub')}`,
      'StrictModes=no',
      'PermitRootLogin=yes',
    ]);
    await sandbox.run(['git', 'init', '-q']);
    await done(['init', '--admin', 'kamov']);
    await done(['host', 'add', 'megumu', '--ssh-key', at('host.pub')]);
    await done(['host', 'add', 'aya', '--ssh-key', at('other.pub')]);
    await done(['add', 'kotori', '--host', 'megumu'], 'the value');
    const config = join(sandbox.work, '.sops.yaml');
    const options = `secrets:\n  megumu/kotori: { path: ${delivered} }\n\ncreation_rules:`;
    writeFileSync(config, readFileSync(config, 'utf8').replace('creation_rules:', options));
    ownSsh(sandbox, at('login'), port, readFileSync(at('host.pub'), 'utf8'));
  });
  afterAll(() => {
    server?.kill();
    sandbox?.dispose();
  });

  async function done(args: readonly string[], stdin = ''): Promise<void> {
    const { status, stderr } = await sandbox.secrets(args, { stdin });
    expect(status, stderr.toString()).toBe(0);
  }

  const verify = (...args: string[]): Promise<Output> => sandbox.secrets(['host', 'verify', ...args]);

  it('says that the machine has the recorded key', async () => {
    const { status, stderr } = await verify('megumu', '--ssh', `127.0.0.1:${port}`);
    expect(stderr.toString()).toMatch(/^megumu: key ok, age1/);
    expect(status).toBe(0);
  });

  it('names the difference, and exits 1', async () => {
    const { status, stderr } = await verify('aya', '--ssh', `127.0.0.1:${port}`);
    expect(stderr.toString()).toMatch(/^aya: drift, the machine shows age1\S+, \.sops\.yaml has age1/);
    expect(status).toBe(1);
  });

  it('looks only at known_hosts when it is told to, for every host', async () => {
    mkdirSync(join(sandbox.home, '.ssh'), { recursive: true, mode: 0o700 });
    const [, type = '', blob = ''] =
      /^(\S+) (\S+)/.exec(readFileSync(join(sandbox.temporary, 'host.pub'), 'utf8')) ?? [];
    writeFileSync(join(sandbox.home, '.ssh/known_hosts'), `megumu ${type} ${blob}\naya ${type} ${blob}\n`);
    const { status, stdout } = await verify('--all', '--offline', '--json');
    expect(JSON.parse(stdout.toString())).toMatchObject({
      hosts: [
        { host: 'megumu', state: 'ok' },
        { host: 'aya', state: 'drift' },
      ],
    });
    expect(status).toBe(1);
  });

  it('compares what is deployed without printing it', async () => {
    const deployed = () =>
      verify(
        'megumu',
        '--offline',
        '--deployed',
        '--ssh',
        `${userInfo().username}@127.0.0.1:${port}`,
        '--json',
      );
    const known = `[127.0.0.1]:${port} ${readFileSync(join(sandbox.temporary, 'host.pub'), 'utf8')}`;
    writeFileSync(join(sandbox.home, '.ssh/known_hosts'), known);
    const states = async () => {
      const { status, stdout, stderr } = await deployed();
      expect(stdout.toString() + stderr.toString()).not.toContain('the value');
      const { deployed: found } = JSON.parse(stdout.toString());
      return { status, found };
    };
    const secret = { host: 'megumu', address: 'megumu/kotori' };
    expect(await states()).toEqual({ status: 1, found: [{ ...secret, state: 'absent' }] });
    writeFileSync(delivered, 'the former value');
    expect(await states()).toEqual({ status: 1, found: [{ ...secret, state: 'differs' }] });
    writeFileSync(delivered, 'the value');
    expect(await states()).toEqual({ status: 0, found: [{ ...secret, state: 'same' }] });
  });

  it('says that a machine does not answer', async () => {
    const { status, stderr } = await verify('megumu', '--ssh', `127.0.0.1:${await freePort()}`);
    expect(stderr.toString()).toMatch(/^megumu: unknown, /);
    expect(status).toBe(1);
  });
});

/** The real ssh, with a config of the test: it takes the home of the user from the system, not from HOME. */
function ownSsh(sandbox: Sandbox, login: string, port: number, hostKey: string): void {
  const config = join(sandbox.temporary, 'ssh_config');
  const known = join(sandbox.temporary, 'known_hosts');
  writeFileSync(known, `[127.0.0.1]:${port} ${hostKey}`);
  writeFileSync(
    config,
    `Host *\n  IdentityFile ${login}\n  UserKnownHostsFile ${known}\n  StrictHostKeyChecking yes\n`,
  );
  const wrapper = join(sandbox.root, 'bin/ssh');
  writeFileSync(wrapper, `#!/bin/sh\nexec ${programPath('ssh') ?? 'ssh'} -F ${config} "$@"\n`);
  chmodSync(wrapper, 0o755);
}
