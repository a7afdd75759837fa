#!/usr/bin/env node
// A commit waits for its hook, which needs nothing of the other commands; options and their help are theirs.
const [command, action, ...words] = process.argv.slice(2);
const end = words.indexOf('--');
const own = end < 0 ? words : words.slice(0, end);
const isHook = command === 'hook' && action === 'run' && !own.some(word => word.startsWith('-'));
await import(isHook ? '../dist/hook.js' : '../dist/main.js');
