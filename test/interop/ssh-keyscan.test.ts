import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../helpers/programs.ts';
import { type Output, Sandbox } from '../helpers/sandbox.ts';
import { freePort, startSshServer } from '../helpers/sshd.ts';

const FOREIGN = 'AAAAC3NzaC1lZDI1NTE5AAAAII++ECD1G0lMo+SqsZ0pWvSCqgSln0rDJkFjx6KVsqeT';

describeWith(['sshd', 'ssh-keyscan', 'ssh-keygen', 'git'], 'host add --ssh against a real sshd', () => {
  let sandbox: Sandbox;
  let server: ChildProcess;
  let port = 0;
  let fingerprint = '';
  let publicKey = '';

  beforeAll(async () => {
    sandbox = new Sandbox();
    port = await freePort();
    const key = join(sandbox.temporary, 'host');
    await sandbox.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key]);
    publicKey = readFileSync(`${key}.pub`, 'utf8').split(' ')[1] ?? '';
    const shown = (await sandbox.run(['ssh-keygen', '-lf', `${key}.pub`])).stdout.toString();
    fingerprint = shown.split(' ')[1] ?? '';
    server = await startSshServer(key, port);
    await sandbox.run(['git', 'init', '-q']);
    expect((await sandbox.secrets(['init', '--admin', 'kamov'])).status).toBe(0);
  });
  afterAll(() => {
    server?.kill();
    sandbox?.dispose();
  });

  const add = (name: string, ...options: string[]): Promise<Output> =>
    sandbox.secrets(['host', 'add', name, '--ssh', `127.0.0.1:${port}`, ...options]);

  function knownHosts(...lines: string[]): void {
    const folder = join(sandbox.home, '.ssh');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, 'known_hosts'), lines.map(line => `${line}\n`).join(''));
  }

  it('shows an unknown key and writes nothing, also with --yes', async () => {
    const { status, stderr } = await add('megumu', '--yes');
    expect(status).toBe(3);
    expect(stderr.toString()).toContain(fingerprint);
    expect(stderr.toString()).toContain('[HOST_KEY_UNCONFIRMED]');
    expect(readFileSync(join(sandbox.work, '.sops.yaml'), 'utf8')).not.toContain('megumu');
  });

  it('refuses another fingerprint than the one given', async () => {
    const { status, stderr } = await add('megumu', '--fingerprint', `SHA256:${'A'.repeat(43)}`);
    expect(status).toBe(3);
    expect(stderr.toString()).toContain('[HOST_KEY_MISMATCH]');
  });

  it('takes the key whose fingerprint was given', async () => {
    const { status } = await add('megumu', '--fingerprint', fingerprint);
    expect(status).toBe(0);
    const line = `ssh-ed25519 ${publicKey} x\n`;
    writeFileSync(join(sandbox.work, 'host.pub'), line);
    // the same key from the file is the same host: nothing to do
    const again = await sandbox.secrets(['host', 'add', 'megumu', '--ssh-key', 'host.pub', '--json']);
    expect(JSON.parse(again.stdout.toString())).toEqual({ plan: [], applied: true });
  });

  it('takes a key that known_hosts has without a question', async () => {
    knownHosts(`[127.0.0.1]:${port} ssh-ed25519 ${publicKey}`);
    const { status, stderr } = await add('megumu');
    expect(stderr.toString()).toContain('is in your known_hosts');
    expect(status).toBe(0);
  });

  it('refuses a key that differs from known_hosts, also with --yes', async () => {
    knownHosts(`[127.0.0.1]:${port} ssh-ed25519 ${FOREIGN}`);
    const { status, stderr } = await add('megumu', '--yes');
    expect(status).toBe(3);
    expect(stderr.toString()).toContain('[HOST_KEY_MISMATCH]');
  });

  it('says that a machine does not answer', async () => {
    knownHosts();
    const { status, stderr } = await sandbox.secrets([
      'host',
      'add',
      'aya',
      '--ssh',
      `127.0.0.1:${await freePort()}`,
    ]);
    expect(status).toBe(3);
    expect(stderr.toString()).toContain('[HOST_UNREACHABLE]');
  });

  it('takes no option for a host name', async () => {
    const { status } = await sandbox.secrets(['host', 'add', 'aya', '--ssh=-oProxyCommand=x']);
    expect(status).toBe(2);
  });
});
