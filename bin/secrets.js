#!/usr/bin/env node
// A commit waits for its hook, which needs nothing of the other commands; options and their help are theirs. A script
// of the old kind (see package.json beside it), because node starts those sooner than modules.
'use strict';
const { existsSync, readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');

const dist = join(__dirname, '../dist');
const [command, action, ...words] = process.argv.slice(2);
const end = words.indexOf('--');
const own = end < 0 ? words : words.slice(0, end);
const isHook = command === 'hook' && action === 'run' && !own.some(word => word.startsWith('-'));
const program = isHook ? 'hook' : 'main';
const compiled = compiledProgram();
if (compiled === null) void import(`../dist/${program}.js`);
else compiled();

/**
 * The program as the build left it for this very V8; without, reading and compiling its text is a third of what people
 * and commits wait for. `null` for another V8. One that was started with other flags compiles the text by itself.
 */
function compiledProgram() {
  const { platform, arch, versions } = process;
  const cache = join(dist, `${program}.${versions.v8}.${platform}.${arch}.v8`);
  if (!existsSync(cache)) return null;
  const { Script } = require('node:vm');
  const filename = join(dist, `${program}.cjs`);
  const script = new Script(readFileSync(filename, 'latin1'), { filename, cachedData: readFileSync(cache) });
  return () => script.runInThisContext()(createRequire(filename), filename);
}
