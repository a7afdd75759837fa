import { ExitCode, SecretsError } from '../../errors.ts';
import { isSetUp } from '../../git/drivers.ts';
import { findGitTop } from '../../git/repository.ts';
import { checkWorkspace } from '../../ops/check/check.ts';
import { findRoot, nestedFolders, type Workspace } from '../../ops/workspace.ts';
import { recipientsOf } from '../../sops/metadata-recipients.ts';
import { canonicalRecipient } from '../../workspace/parse-keys.ts';
import { shownList } from '../../workspace/shown.ts';
import { checkHook } from '../check-guard.ts';
import { machinesOf, readNixText } from '../check-nix-text.ts';
import { lookAtDrivers } from '../driver-setup.ts';
import { type KnownSource, knownSources, namesHere } from '../known-keys.ts';
import { table } from '../render/table.ts';
import { newSession, readAnyWorkspace, type Session } from '../session.ts';
import { VERSION } from '../version.ts';
import { missingLines } from '../wiring.ts';
import type { World } from '../world.ts';
import { count } from './sync.ts';

/** One line of the answer. Safe to paste: no value, no identity, and the home folder is `~`. */
interface Line {
  readonly topic: string;
  readonly text: string;
  /** What to do, where something is wrong. */
  readonly fix: string | null;
}

const PROGRAMS: readonly (readonly [string, readonly string[]])[] = [
  ['git', ['git', '--version']],
  ['stock sops', ['sops', '--disable-version-check', '--version']],
  ['age', ['age', '--version']],
  ['nix', ['nix', '--version']],
];

/** `secrets doctor`: how this machine and this repository stand; needs no key, opens nothing. */
export async function runDoctor(world: World, options: { readonly json?: boolean }): Promise<number> {
  const session = newSession(world, options);
  const workspace = await workspaceOr(session);
  const lines = [
    line('secrets', `${VERSION}, node ${process.versions.node}, ${world.platform}`),
    ...(await programs(world)),
    ...(await places(world, workspace)),
    ...(await identities(world, workspace)),
    ...(workspace instanceof SecretsError ? [] : await repository(world, workspace)),
  ].map(each => ({ ...each, text: withoutHome(each.text, world.homedir) }));
  const problems = lines.filter(({ fix }) => fix !== null);
  if (options.json === true) await session.talk.outJson({ lines, problems: problems.length });
  else await session.talk.out(table(lines.map(row)));
  if (problems.length === 0) await session.talk.note('all is well');
  else await session.talk.note(count(problems.length, 'problem'));
  return problems.length === 0 ? ExitCode.ok : ExitCode.findings;
}

function line(topic: string, text: string, fix: string | null = null): Line {
  return { topic, text, fix };
}

function row({ topic, text, fix }: Line): string[] {
  return [topic, fix === null ? text : `PROBLEM: ${text} (${fix})`];
}

function withoutHome(text: string, home: string): string {
  return home.length < 2 ? text : text.replaceAll(home, '~');
}

async function workspaceOr(session: Session): Promise<Workspace | SecretsError> {
  try {
    return await readAnyWorkspace(session);
  } catch (error) {
    if (error instanceof SecretsError) return error;
    throw error;
  }
}

/** None of them is needed, but git. */
async function programs(world: World): Promise<Line[]> {
  const found = await Promise.all(
    PROGRAMS.map(async ([topic, argv]) => {
      const output = await world.run(argv).catch(() => null);
      const version = /\d+(\.\d+)+\S*/.exec(output?.stdout ?? '')?.[0];
      const missing = topic === 'git' ? 'install git: nothing is staged without it' : null;
      return version === undefined ? line(topic, 'not installed', missing) : line(topic, version);
    }),
  );
  return found;
}

async function places(world: World, workspace: Workspace | SecretsError): Promise<Line[]> {
  const top = await findGitTop(world.cwd, world.env).catch(() => null);
  const root = await findRoot(world.cwd, top);
  const git = line('git top', top ?? 'none', top === null ? 'git init: a flake sees what git tracks' : null);
  if (root === null) return [git, nestedConfigs(workspace)];
  if (!(workspace instanceof SecretsError)) {
    const { rules, hosts, admins } = workspace.inventory;
    const size = `${count(rules.length, 'rule')}, ${count(hosts.size, 'host')}, ${count(admins.length, 'admin')}`;
    return [git, line('.sops.yaml', `${root}: ${size}`)];
  }
  const { file, message, hint } = workspace;
  const at = [file, workspace.line, workspace.column].filter(part => part !== undefined).join(':');
  return [git, line('.sops.yaml', `${at}: ${message} [${workspace.code}]`, hint ?? 'see docs/errors.md')];
}

/** Where the top has no config: those who keep one for each part of the tree want none there. */
function nestedConfigs(workspace: Workspace | SecretsError): Line {
  const folders = workspace instanceof SecretsError ? [] : nestedFolders(workspace.paths);
  if (folders.length === 0) return line('.sops.yaml', 'none here or above', 'secrets init');
  return line('.sops.yaml', `none at the top, but in ${shownList(folders)}`);
}

/** Where keys are looked for, and how many files of this repository each of them opens. */
async function identities(world: World, workspace: Workspace | SecretsError): Promise<Line[]> {
  const { nameOf } = await namesHere(world);
  const sources = await knownSources(world, nameOf);
  const keys = sources.flatMap(({ recipients }) => recipients);
  const lines = sources.map(source => sourceLine(source, workspace));
  if (keys.length > 0) return lines;
  return [...lines, line('keys', 'none was found', 'secrets key new, or secrets key import')];
}

function sourceLine(source: KnownSource, workspace: Workspace | SecretsError): Line {
  const { location, recipients, error, note } = source;
  if (error !== null) return line('keys', `${location}: ${error}`, 'secrets key list says more');
  const keys = recipients.map(({ name, recipient }) => {
    const opens =
      workspace instanceof SecretsError || workspace.config === null
        ? null
        : filesReadBy(workspace, recipient);
    const what = opens === null ? '' : `, opens ${opens} of ${count(workspaceFiles(workspace), 'file')}`;
    return `${name ?? 'not in .sops.yaml'}${what}`;
  });
  return line('keys', `${location}: ${[...keys, ...(note === null ? [] : [note])].join('; ') || 'none'}`);
}

function workspaceFiles(workspace: Workspace | SecretsError): number {
  return workspace instanceof SecretsError ? 0 : workspace.files.length;
}

function filesReadBy({ files }: Workspace, recipient: string): number {
  const key = canonicalRecipient(recipient);
  return files.filter(({ metadata }) =>
    (metadata === undefined ? [] : recipientsOf(metadata)).some(other => canonicalRecipient(other) === key),
  ).length;
}

async function repository(world: World, workspace: Workspace): Promise<Line[]> {
  const { findings } = await checkWorkspace(workspace, machinesOf(await readNixText(workspace)));
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const checked = `${count(errors, 'error')}, ${count(findings.length - errors, 'warning')}`;
  const wiring = (await missingLines(workspace)).map(({ host, step }) =>
    line('wiring', `${host} lacks ${step.title}`, `add: ${step.lines.map(text => text.trim()).join(' ')}`),
  );
  return [
    line('check', checked, errors === 0 ? null : 'secrets check names them'),
    ...wiring,
    ...(await ignoreRules(workspace)),
    ...(await inGit(world, workspace)),
  ];
}

/** The hooks, and what git does with encrypted files. */
async function inGit(world: World, workspace: Workspace): Promise<Line[]> {
  const hooks = await checkHook(world, workspace);
  const drivers = await lookAtDrivers(world);
  return [
    ...hooks.map(({ message, fix }) => line('hook', message, fix)),
    ...(hooks.length === 0 ? [line('hook', 'installed')] : []),
    driverLine(workspace, drivers),
  ];
}

function driverLine({ config }: Workspace, drivers: Awaited<ReturnType<typeof lookAtDrivers>>): Line {
  const topic = 'diffs, merges';
  if (config === null) return line(topic, 'secrets doctor in a folder with a .sops.yaml says');
  if (drivers === null || isSetUp(drivers)) return line(topic, 'set up');
  return line(topic, 'git shows and merges ciphertext', 'secrets hook install');
}

/** Patterns that hide from a flake what has to be in it; `*.env` is in many ignore files. */
async function ignoreRules({ around }: Workspace): Promise<Line[]> {
  const probes = [
    'secrets/example.yaml',
    'secrets/example.env',
    'secrets/example.bin',
    'secrets/example.nix',
  ];
  const rules = (await around.versionControl?.ignored(probes)) ?? new Map();
  return [...rules].map(([path, { source, line: at, pattern }]) => {
    const ending = path.slice(path.lastIndexOf('.'));
    const text = `git ignores *${ending} below secrets/ (${source}:${at}, ${pattern})`;
    return line('ignore rules', text, `put !*${ending} into secrets/.gitignore`);
  });
}
