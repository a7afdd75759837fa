import { Command } from 'commander';
import { defineAnswers } from './define/answers.ts';
import { defineAudience } from './define/audience.ts';
import { defineCheck } from './define/check.ts';
import { defineEdit } from './define/edit.ts';
import { defineGitDrivers } from './define/git-drivers.ts';
import type { Handler } from './define/handler.ts';
import { defineHook } from './define/hook.ts';
import { defineHosts } from './define/hosts.ts';
import { defineKeys } from './define/keys.ts';
import { defineAdmins, defineGroups } from './define/members.ts';
import { defineRotate } from './define/rotate.ts';
import { defineScan } from './define/scan.ts';
import { defineSetup } from './define/setup.ts';
import { defineSops } from './define/sops.ts';
import { defineSync } from './define/sync.ts';
import { defineValues } from './define/values.ts';
import { VERSION } from './version.ts';
import type { World } from './world.ts';

const OVERVIEW = `
The first minute, in the folder of your flake:
  $ secrets init                                 my age key, .sops.yaml, secrets/
  $ secrets host add megumu --ssh                its host key, as a named recipient
  $ secrets add kotori --host megumu --env       encrypted for me and megumu, declared in Nix
  $ nixos-rebuild switch --flake .#megumu --target-host megumu

Exit status: 0 ok, 1 findings or drift, 2 usage, 3 failure, 4 no identity opens it.
Every file is a stock sops file: sops and sops-nix read it without this program.`;

/**
 * The command line.
 *
 * @param hear takes what commander would print
 * @param finish takes the exit status of the command that ran
 */
export function buildProgram(
  world: World,
  hear: (text: string) => void,
  finish: (status: number) => void,
): Command {
  const program = new Command('secrets');
  let command = 'secrets';
  program.hook('preAction', (_program, action) => {
    command = nameOf(action);
  });
  const handle: Handler = async work => finish(await work({ ...world, command }));
  program
    .description('age keys, sops files and sops-nix declarations for one flake of machines')
    .version(VERSION, '-V, --version')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeOut: hear, writeErr: hear })
    .configureHelp({ sortSubcommands: false })
    .addHelpText('after', OVERVIEW);
  for (const define of [
    defineSetup,
    defineKeys,
    defineHosts,
    defineAdmins,
    defineGroups,
    defineValues,
    defineEdit,
    defineAudience,
    defineRotate,
    defineSync,
    defineCheck,
    defineScan,
    defineHook,
    defineGitDrivers,
    defineAnswers,
    defineSops,
  ])
    define(program, handle);
  inheritSettings(program);
  return program;
}

/** `secrets host add` */
function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

/** Commander copies settings at creation only; sub-commands of sub-commands need them too. */
function inheritSettings(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    inheritSettings(child);
  }
}
