import type { Scope } from './scope.ts';
import { type Token, tokenize } from './tokens.ts';
import { type Visitor, walk } from './walk.ts';

/** What `flake.nix` says of its inputs. */
export interface Flake {
  /** Names under which sops-nix is an input: usually `sops-nix`. */
  readonly sopsNix: ReadonlySet<string>;
  /** True where there is an input of that name to follow. */
  readonly nixpkgs: boolean;
  /** What the function `outputs` calls its arguments. */
  readonly outputs: OutputsArguments;
}

interface OutputsArguments {
  /** Inputs that it names: `{ self, nixpkgs, … }`. */
  readonly names: ReadonlySet<string>;
  /** The name of all of them: `inputs@{ … }`, `inputs: …`. */
  readonly all: string | null;
}

/** Longer argument lists than this are no flake's. */
const ARGUMENT_TOKENS = 2000;

/** Reads the text of a `flake.nix`. Never throws; what it does not understand it does not report. */
export function readFlake(text: string): Flake {
  const tokens = tokenize(text);
  const visitor = new InputVisitor();
  walk(tokens, visitor);
  const { sopsNix, nixpkgs } = visitor;
  return { sopsNix, nixpkgs, outputs: outputsArguments(tokens) };
}

class InputVisitor implements Visitor {
  readonly sopsNix = new Set<string>();
  nixpkgs = false;

  binding(scope: Scope): void {
    const { head } = scope;
    if (head[0] !== 'inputs') return;
    if (head[1] === 'sops-nix') this.sopsNix.add('sops-nix');
    if (head[1] === 'nixpkgs') this.nixpkgs = true;
  }

  literal(literal: { readonly parts: readonly (string | null)[] }, scope: Scope): void {
    const [first, name, option] = scope.head;
    if (scope.depth !== 3 || first !== 'inputs' || option !== 'url' || name === undefined || name === null)
      return;
    if (literal.parts.some(part => part !== null && /\bsops-nix\b/i.test(part))) this.sopsNix.add(name);
  }

  inherited(): void {}

  selection(): void {}
}

/** Reads the pattern between `outputs =` and the colon. */
function outputsArguments(tokens: readonly Token[]): OutputsArguments {
  const start = tokens.findIndex((token, i) => token.text === 'outputs' && tokens[i + 1]?.text === '=');
  const names = new Set<string>();
  let all: string | null = null;
  let depth = 0;
  if (start === -1) return { names, all };
  for (let i = start + 2; i < Math.min(tokens.length, start + ARGUMENT_TOKENS); i++) {
    const token = tokens[i];
    const before = tokens[i - 1]?.text ?? '';
    const next = tokens[i + 1]?.text ?? '';
    if (token === undefined || (token.text === ':' && depth === 0)) break;
    if (token.text === '{') depth++;
    else if (token.text === '}') depth--;
    else if (token.kind !== 'name') continue;
    else if (depth === 0) all = token.text;
    else if (depth === 1 && /^[{,]$/.test(before) && /^[,}?]$/.test(next)) names.add(token.text);
  }
  return { names, all };
}
