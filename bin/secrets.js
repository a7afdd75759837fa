#!/usr/bin/env node
// A commit waits for its hook, which needs nothing of the other commands; options and their help are theirs.
const [command, action, ...words] = process.argv.slice(2);
const isHook = command === 'hook' && action === 'run' && !words.some(word => word.startsWith('-'));
await import(isHook ? '../dist/hook.js' : '../dist/main.js');
