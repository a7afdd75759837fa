// How the keyless commands grow with a repository: 1,000, 2,500, 5,000 and 10,000 secrets, ten for each host. The files
// are copies of real ones under other names and keys: their shape is right, and nothing here decrypts.
//
//   node scripts/bench-scale.js [--sizes 1000,2500,5000,10000]
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const program = join(root, 'bin/secrets.js');
const { values } = parseArgs({ options: { sizes: { type: 'string', default: '1000,2500,5000,10000' } } });
const sizes = values.sizes.split(',').map(Number);
const folder = mkdtempSync(join(tmpdir(), 'secrets-scale-'));
const env = {
  PATH: process.env.PATH,
  HOME: folder,
  NO_COLOR: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
};
const COMMANDS = [['check'], ['sync', '--check'], ['list']];
const HOSTS_EACH = 10;

try {
  const template = makeTemplate();
  const keys = makeKeys(Math.max(...sizes) / HOSTS_EACH);
  console.log('| secrets | hosts | command | seconds | per 1,000 files | memory |');
  console.log('| ---: | ---: | --- | ---: | ---: | ---: |');
  for (const size of sizes) {
    const repository = makeRepository(size, template, keys);
    for (const command of COMMANDS) measure(repository, size, command);
    rmSync(repository, { recursive: true });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(cwd, argv, input) {
  return execFileSync(argv[0], argv.slice(1), {
    cwd,
    env,
    input: input ?? '',
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** A secret, a module and a config of one host, made by the program itself. */
function makeTemplate() {
  const cwd = join(folder, 'template');
  mkdirSync(cwd);
  run(cwd, ['git', 'init', '-q']);
  const secrets = (args, input) => run(cwd, [process.execPath, program, ...args], input);
  secrets(['init', '--admin', 'kamov']);
  const key = secrets(['key', 'new', '--name', 'host']).trim();
  secrets(['host', 'add', 'host0', '--age', key]);
  secrets(['add', 'value0', '--host', 'host0'], 'a value of usual length');
  return {
    key,
    config: readFileSync(join(cwd, '.sops.yaml'), 'utf8'),
    file: readFileSync(join(cwd, 'secrets/host0/value0.yaml'), 'utf8'),
    attributes: readFileSync(join(cwd, 'secrets/.gitattributes'), 'utf8'),
  };
}

/** Public keys that differ; each is made as a real one. */
function makeKeys(count) {
  const cwd = join(folder, 'keys');
  mkdirSync(cwd);
  const script = `
    import { generateIdentity } from ${JSON.stringify(join(root, 'src/age/identity.ts'))};
    for (let index = 0; index < ${count}; index++) console.log(generateIdentity().recipient);`;
  const bundle = join(cwd, 'keys.mjs');
  writeFileSync(join(cwd, 'keys.ts'), script);
  execFileSync(join(root, 'node_modules/.bin/esbuild'), [
    '--bundle',
    '--platform=node',
    '--format=esm',
    `--outfile=${bundle}`,
    '--log-level=error',
    join(cwd, 'keys.ts'),
  ]);
  return execFileSync(process.execPath, [bundle], { encoding: 'utf8' }).trim().split('\n');
}

function makeRepository(size, template, keys) {
  const cwd = join(folder, `fleet-${size}`);
  mkdirSync(join(cwd, 'secrets'), { recursive: true });
  run(cwd, ['git', 'init', '-q']);
  const hosts = size / HOSTS_EACH;
  const names = Array.from({ length: hosts }, (_, index) => `host${index}`);
  writeFileSync(join(cwd, '.sops.yaml'), configOf(template, names, keys));
  writeFileSync(join(cwd, 'secrets/.gitattributes'), template.attributes);
  for (const [index, name] of names.entries()) {
    mkdirSync(join(cwd, 'secrets', name));
    for (let number = 0; number < HOSTS_EACH; number++) {
      const text = template.file.replaceAll(template.key, keys[index]).replace('value0:', `value${number}:`);
      writeFileSync(join(cwd, 'secrets', name, `value${number}.yaml`), text);
    }
  }
  run(cwd, [process.execPath, program, 'nix']);
  run(cwd, ['git', 'add', '.']);
  return cwd;
}

function configOf({ config, key }, names, keys) {
  const anchor = `  - &host0 ${key}\n`;
  const rule = / {2}- path_regex: \^secrets\/host0\/\n[\s\S]*$/.exec(config)?.[0] ?? '';
  return config
    .replace(anchor, names.map((name, index) => `  - &${name} ${keys[index]}\n`).join(''))
    .replace('  host0: { platform: nixos }\n', names.map(name => `  ${name}: { platform: nixos }\n`).join(''))
    .replace(rule, names.map(name => rule.replaceAll('host0', name)).join(''));
}

function measure(cwd, size, command) {
  const argv = ['-f', '%e %M', process.execPath, program, ...command];
  const started = process.hrtime.bigint();
  const result = spawnSync('/usr/bin/time', argv, { cwd, env, encoding: 'utf8', maxBuffer: 1 << 28 });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (result.error !== undefined || result.status > 1)
    throw new Error(`${command.join(' ')} failed: ${result.stderr}`);
  const memory = Number(result.stderr.trim().split('\n').at(-1)?.split(' ')[1]) / 1024;
  const each = (seconds / size) * 1000;
  console.log(
    `| ${size} | ${size / HOSTS_EACH} | ${command.join(' ')} | ${seconds.toFixed(1)} | ${each.toFixed(2)} | ${memory.toFixed(0)} MB |`,
  );
}
