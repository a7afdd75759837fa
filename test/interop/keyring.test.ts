import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../helpers/programs.ts';
import { type Output, projectRoot, Sandbox } from '../helpers/sandbox.ts';

const PROGRAMS = ['dbus-run-session', 'gnome-keyring-daemon', 'sops', 'ssh-keygen', 'git'];
const UNLOCK =
  "printf 'the login password' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1";

/** A bus on which nothing can be started. */
const EMPTY_BUS = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;

let sandbox: Sandbox;
let desktop: Record<string, string>;

beforeAll(() => {
  sandbox = new Sandbox();
  desktop = { ...sandbox.env };
  for (const [name, folder] of [
    ['XDG_DATA_HOME', 'data'],
    ['XDG_RUNTIME_DIR', 'run'],
  ] as const) {
    const path = join(sandbox.root, folder);
    mkdirSync(path, { mode: 0o700 });
    desktop[name] = path;
  }
  writeFileSync(join(sandbox.root, 'empty-bus.conf'), EMPTY_BUS);
});
afterAll(() => sandbox?.dispose());

/** A session of a desktop in which a shell runs these lines. */
function session(lines: string, options: readonly string[] = []): Promise<Output> {
  return sandbox.run(['dbus-run-session', ...options, '--', 'sh', '-c', lines], { env: desktop });
}

/** What the lines print where the keyring is unlocked; they must succeed. */
async function unlocked(lines: string): Promise<string> {
  const output = await session(`set -e\n${UNLOCK}\n${lines}`);
  expect([output.status, output.stderr.toString()], lines).toEqual([0, expect.any(String)]);
  return output.stdout.toString();
}

/** The error that the program ended with. */
function errorOf(output: Output): string {
  return /^secrets: error: .*$/m.exec(output.stderr.toString())?.[0] ?? output.stderr.toString();
}

describeWith(PROGRAMS, 'the keychain, a real gnome-keyring over D-Bus', () => {
  let recipient = '';

  beforeAll(async () => {
    const made = await unlocked(`
      git init -q
      secrets key new --store keychain --name laptop
      secrets init --admin kamov
      ssh-keygen -q -t ed25519 -N '' -C '' -f "$HOME/host"
      secrets host add megumu --ssh-key "$HOME/host.pub"
      echo hunter2 | secrets add kotori --host megumu`);
    recipient = made.trim();
  });

  it('holds the private half alone', async () => {
    expect(recipient).toMatch(/^age1[a-z0-9]{58}$/);
    const folder = join(sandbox.home, '.config/sops/age');
    expect(readdirSync(folder)).toEqual(['laptop.keychain.pub']);
    expect(readFileSync(join(folder, 'laptop.keychain.pub'), 'utf8')).toContain(recipient);
    expect(readFileSync(join(sandbox.work, '.sops.yaml'), 'utf8')).toContain(`&kamov ${recipient}`);
  });

  it('opens a file that it alone opens, and feeds stock sops', async () => {
    expect(await unlocked('secrets get kotori')).toBe('hunter2');
    expect(
      await unlocked("SOPS_AGE_KEY_CMD='secrets key export' sops decrypt secrets/megumu/kotori.yaml"),
    ).toBe('kotori: hunter2\n');
    expect(await unlocked('secrets key export laptop')).toMatch(
      new RegExp(`^# name: laptop\n# public key: ${recipient}\nAGE-SECRET-KEY-1[A-Z0-9]{58}\n$`),
    );
  });

  it('is asked through pipes: no argument and no environment has the identity', async () => {
    const identity = /AGE-SECRET-KEY-1\S+/.exec(await unlocked('secrets key export'))?.[0] ?? 'none';
    // the words of this shell are seen too, so that the identity may not stand in them
    const lines = await unlocked(`
      (while :; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null || :; done) >"$TMPDIR/seen" &
      watcher=$!
      secrets key export >/dev/null
      secrets get kotori
      kill $watcher`);
    expect(lines).toBe('hunter2');
    const seen = readFileSync(join(sandbox.temporary, 'seen'), 'latin1');
    expect(seen).toContain('keychain-request');
    expect(seen).not.toContain(identity);
  });

  it('leaves an item alone that somebody else put there', async () => {
    const output = await session(`${UNLOCK}
      mv "$HOME/.config/sops/age/laptop.keychain.pub" "$HOME/aside"
      secrets key new --store keychain --name laptop; status=$?
      mv "$HOME/aside" "$HOME/.config/sops/age/laptop.keychain.pub"
      exit $status`);
    expect(output.status).toBe(2);
    expect(errorOf(output)).toMatch(
      /the keychain has an item nix-secrets\/laptop already \[ALREADY_EXISTS\]$/,
    );
    expect(await unlocked('secrets get kotori')).toBe('hunter2');
  });

  it('is said to be locked, in one line, with the way out', async () => {
    const output = await session('secrets get kotori');
    expect([output.status, errorOf(output)]).toEqual([
      3,
      'secrets: error: secrets/megumu/kotori.yaml: the keychain is locked [KEYCHAIN_UNAVAILABLE]',
    ]);
    expect(output.stderr.toString()).toMatch(/^secrets: hint: unlock it: .*secrets key new --store file/m);
    expect((await session('secrets key export')).status).toBe(3);
    const list = await session('secrets key list');
    expect([list.status, list.stdout.toString()]).toEqual([0, expect.stringContaining('kamov')]);
    expect(list.stderr.toString()).not.toContain('SystemPrompter');
  });

  it('is not touched by a command that needs no key, or has another one', async () => {
    await unlocked(`
      secrets key new --name file-key >"$HOME/file-key.pub"
      secrets admin add momiji --age "$(cat "$HOME/file-key.pub")" --yes`);
    const output = await session('secrets --help && secrets list && secrets get kotori');
    expect([output.status, output.stdout.toString()]).toEqual([0, expect.stringMatching(/hunter2$/)]);
    expect(output.stderr.toString()).not.toContain('org.freedesktop.secrets');
    await unlocked('secrets key rm file-key --yes');
    expect((await session('secrets get kotori')).status).toBe(3);
  });

  it.each<[string, () => Promise<Output>, RegExp]>([
    [
      'without D-Bus',
      () => sandbox.secrets(['get', 'kotori']),
      /there is no keychain: no D-Bus session runs here \[KEYCHAIN_UNAVAILABLE\]$/,
    ],
    [
      'without a program that offers one',
      () => session('secrets get kotori', [`--config-file=${join(sandbox.root, 'empty-bus.conf')}`]),
      /there is no keychain: nothing on D-Bus offers one \[KEYCHAIN_UNAVAILABLE\]$/,
    ],
  ])('is said to be absent %s', async (_, run, message) => {
    const output = await run();
    expect([output.status, errorOf(output)]).toEqual([3, expect.stringMatching(message)]);
    expect(output.stderr.toString()).toMatch(/^secrets: hint: /m);
  });

  it('is said to be out of reach where its package is not installed', async () => {
    const dist = join(sandbox.root, 'dist');
    cpSync(join(projectRoot, 'dist'), dist, { recursive: true });
    const output = await session(`${UNLOCK}\nnode '${dist}/main.js' key new --store keychain --name lost`);
    expect([output.status, errorOf(output)]).toEqual([
      3,
      expect.stringMatching(/its library \(@napi-rs\/keyring\) is not installed \[KEYCHAIN_UNAVAILABLE\]$/),
    ]);
    const plumbing = await sandbox.secrets(['sops', 'decrypt', 'secrets/megumu/kotori.yaml']);
    expect([plumbing.status, plumbing.stdout.toString()]).toEqual([128, '']);
  });

  it('makes no key where it is absent', async () => {
    const output = await sandbox.secrets(['key', 'new', '--store', 'keychain', '--name', 'lost', '--json']);
    expect(output.status).toBe(3);
    expect(JSON.parse(output.stdout.toString())).toMatchObject({ error: { code: 'KEYCHAIN_UNAVAILABLE' } });
    expect(readdirSync(join(sandbox.home, '.config/sops/age')).join()).not.toContain('lost');
  });

  it('is given up where it never answers', { timeout: 30_000 }, async () => {
    const bus = await silentBus(join(sandbox.root, 'silent'));
    try {
      const started = Date.now();
      const env = { ...desktop, DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(sandbox.root, 'silent')}` };
      const output = await sandbox.secrets(['key', 'list', '--json'], { env });
      expect(Date.now() - started).toBeLessThan(20_000);
      expect(output.status).toBe(0);
      expect(JSON.parse(output.stdout.toString()).sources).toContainEqual({
        source: 'keychain',
        location: 'nix-secrets/laptop',
        store: 'keychain',
        recipients: [{ name: 'kamov', recipient, label: 'laptop' }],
        error: 'the keychain did not answer in time',
        note: null,
      });
    } finally {
      bus();
    }
  });

  it('forgets what is removed, after the last key of the files was refused', async () => {
    const refused = await session(`${UNLOCK}\nsecrets key rm laptop`);
    expect([refused.status, errorOf(refused)]).toEqual([3, expect.stringMatching(/\[LAST_KEY\]$/)]);
    await unlocked('secrets key rm laptop --yes');
    expect(readdirSync(join(sandbox.home, '.config/sops/age'))).not.toContain('laptop.keychain.pub');
    expect((await session(`${UNLOCK}\nsecrets get kotori`)).status).toBe(4);
    // the account is free again
    expect(await unlocked('secrets key new --store keychain --name laptop --pq')).toMatch(/^age1pq1/);
    expect(await unlocked('secrets key export laptop')).toMatch(/^AGE-SECRET-KEY-PQ-1/m);
  });
});

/** A socket that takes what comes and says nothing. */
async function silentBus(path: string): Promise<() => void> {
  const connections = new Set<Socket>();
  const server: Server = createServer(socket => {
    connections.add(socket);
    socket.on('error', () => {});
    socket.resume();
  });
  await new Promise<void>(resolve => server.listen(path, resolve));
  return () => {
    for (const socket of connections) socket.destroy();
    server.close();
  };
}
