import type { NixSource, NixToken } from '../nix-source.ts';

/** A string of Nix code, and what the code around says it is. */
export interface NixString {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** The attribute path or variable that it is the value of; else what it is called otherwise, or empty. */
  readonly name: readonly string[];
  /** The name of the file that it becomes, by `writeText` and the like; else `null`. */
  readonly file: string | null;
}

/** Attributes whose strings explain. */
const EXPLAINING =
  /^(?:description|longDescription|example|exampleText|defaultText|relatedPackages|meta|assertion|message|warnings|title)$/;
/** Functions whose arguments explain. */
const EXPLAINER = /^(?:literalExpression|literalExample|literalMD|mdDoc|mkEnableOption|mkPackageOption)$/;
const PASSED_ON =
  /^(?:mkDefault|mkForce|mkBefore|mkAfter|mkForce|mkVMOverride|mkImageMediaOverride|then|else|or|toString)$/;
const WRITER =
  /^(?:writeText|toFile|writeScript|writeShellScript|writeShellScriptBin|writeScriptBin|writeTextDir)$/;
const LONGEST_PATH = 24;

interface Level {
  /** What the braces are the value of. */
  readonly name: readonly string[];
  /** What is being bound inside of them at the moment. */
  binding: readonly string[];
  explains: boolean;
  /** All of it stands within what explains. */
  readonly within: boolean;
  /** What `name = "…"` beside it says, for `writeTextFile`. */
  called: string | null;
}

/** All strings that are no documentation, with what they are bound to. */
export function nixStrings({ tokens }: NixSource): NixString[] {
  const levels: Level[] = [{ name: [], binding: [], explains: false, within: false, called: null }];
  const found: NixString[] = [];
  tokens.forEach((token, index) => {
    const level = levels.at(-1);
    if (level === undefined) return;
    if (token.kind === 'sign') walkSign(tokens, index, token.text, level, levels);
    else if (token.kind === 'name') {
      if (EXPLAINER.test(token.text)) level.explains = true;
    } else if (token.kind === 'string') {
      const string = describe(tokens, index, token, level);
      if (level.binding.at(-1) === 'name') level.called = token.text;
      if (!level.explains && !level.within) found.push(string);
    }
  });
  return found;
}

function walkSign(
  tokens: readonly NixToken[],
  index: number,
  sign: string,
  level: Level,
  levels: Level[],
): void {
  if (sign === '=') {
    level.binding = pathBefore(tokens, index);
    level.explains = level.binding.some(name => EXPLAINING.test(name));
  } else if (sign === ';' || sign === ',') {
    level.binding = [];
    level.explains = false;
  } else if (sign === '{' || sign === '(' || sign === '[' || sign === '${') {
    const within = level.within || level.explains;
    const binding = sign === '{' ? [] : level.binding;
    levels.push({ name: level.binding, binding, explains: false, within, called: null });
  } else if ((sign === '}' || sign === ')' || sign === ']') && levels.length > 1) levels.pop();
}

/** `a."b".c` before the sign at an index. */
function pathBefore(tokens: readonly NixToken[], index: number): string[] {
  const path: string[] = [];
  let at = index - 1;
  while (at >= 0 && path.length < LONGEST_PATH) {
    const token = tokens[at];
    if (token === undefined || (token.kind !== 'name' && token.kind !== 'string')) break;
    path.unshift(token.text);
    if (tokens[at - 1]?.text !== '.' || tokens[at - 1]?.kind !== 'sign') break;
    at -= 2;
  }
  return path;
}

function describe(tokens: readonly NixToken[], index: number, token: NixToken, level: Level): NixString {
  const before = tokens[index - 1];
  const { start, end, text } = token;
  return { start, end, text, name: nameOf(tokens, index, before, level), file: fileOf(tokens, index, level) };
}

function nameOf(
  tokens: readonly NixToken[],
  index: number,
  before: NixToken | undefined,
  level: Level,
): readonly string[] {
  if (before === undefined) return [];
  if (before.kind === 'sign' && before.text === '=') return boundTo(level);
  if (before.kind === 'sign' && before.text === '(') return level.binding;
  if (before.kind === 'sign' && before.text === '?') return pathBefore(tokens, index - 1);
  if (before.kind === 'name' && PASSED_ON.test(before.text)) return level.binding;
  if (before.kind === 'string' && /^--?[a-z][\w-]{0,60}$/.test(before.text)) return [before.text];
  return [];
}

/** Names in `basicAuth = { … }` are users, whose passwords are the values. */
function boundTo({ name, binding }: Level): readonly string[] {
  return name.at(-1) === 'basicAuth' ? [...binding, 'password'] : binding;
}

/** `writeText "NAME" HERE`, `writeTextFile { name = "NAME"; text = HERE; }`, `environment.etc."NAME".text = HERE`. */
function fileOf(tokens: readonly NixToken[], index: number, level: Level): string | null {
  const [name, writer] = [tokens[index - 1], tokens[index - 2]];
  if (name?.kind === 'string' && writer?.kind === 'name' && WRITER.test(writer.text)) {
    return `${level.binding.at(-1) ?? ''}/${name.text}`;
  }
  if (level.binding.at(-1) !== 'text' && level.binding.at(-1) !== 'source') return null;
  return level.binding.at(-2) ?? level.called ?? level.name.at(-1) ?? null;
}
