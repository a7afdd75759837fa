import type { NixPlace, Setting } from '../workspace/hand-written.ts';
import { SETTINGS } from '../workspace/hand-written.ts';
import { findAliases } from './aliases.ts';
import { Lines } from './lines.ts';
import { endsIn, type Scope } from './scope.ts';
import { tokenize } from './tokens.ts';
import { type Visitor, walk } from './walk.ts';

/** How often things are bound in a file, whatever stands around them, and which secrets are used. */
export interface Mentions {
  readonly settings: ReadonlyMap<Setting, number>;
  /** By the name of the secret: how often one of {@link DECISIVE} or the whole of it is bound. */
  readonly secrets: ReadonlyMap<string, number>;
  /** True where a name is computed. */
  readonly computed: boolean;
  readonly uses: ReadonlyMap<string, readonly NixPlace[]>;
  /** Those of them that are placeholders. */
  readonly placeholders: ReadonlyMap<string, readonly NixPlace[]>;
  /** Templates to which a content is bound, or something that may have one. */
  readonly filled: ReadonlySet<string>;
  /** True where an option below `sops` is declared: the repository adds to what sops-nix has. */
  readonly extended: boolean;
  /** True where the name of a template is computed, or one of them as a whole. */
  readonly computedTemplates: boolean;
}

/** Options that say what a secret is. */
export const DECISIVE: ReadonlySet<string> = new Set(['sopsFile', 'format', 'key', 'name']);
/** Options that give a template its content. */
const FILLS: ReadonlySet<string> = new Set(['content', 'file']);
const SETTING_PATHS = SETTINGS.map(setting => [setting, ['sops', ...setting.split('.')]] as const);
/** `config.sops.secrets.x.path or null`: whether it is there is asked. */
const WITH_DEFAULT = /[\w.'"/-]{1,300} +or\s/y;
const ASKED = /sops\.secrets\s*\?/;

/** Reads one file; linear in the length of its text. */
export function findMentions(path: string, text: string): Mentions {
  const visitor = new MentionVisitor(path, text);
  walk(tokenize(text), visitor);
  return visitor;
}

class MentionVisitor implements Visitor, Mentions {
  readonly settings = new Map<Setting, number>();
  readonly secrets = new Map<string, number>();
  readonly uses = new Map<string, NixPlace[]>();
  readonly placeholders = new Map<string, NixPlace[]>();
  readonly filled = new Set<string>();
  computed = false;
  computedTemplates = false;
  extended = false;
  readonly #path: string;
  readonly #text: string;
  readonly #lines: Lines;
  readonly #asks: boolean;
  /** Short names for `config.sops.secrets` and its neighbour. */
  readonly #aliases: ReadonlyMap<string, 'secrets' | 'placeholder'>;

  constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
    this.#lines = new Lines(text);
    this.#asks = ASKED.test(text);
    this.#aliases = findAliases(text);
  }

  binding(scope: Scope, _at: number, plainSet: boolean): void {
    const { tail } = scope;
    this.extended ||= tail.some((name, index) => name === 'sops' && tail[index - 1] === 'options');
    for (const [setting, path] of SETTING_PATHS)
      if (endsIn(scope, ...path)) this.settings.set(setting, (this.settings.get(setting) ?? 0) + 1);
    this.#declared(scope, plainSet);
    this.#template(scope, plainSet);
  }

  inherited(scope: Scope): void {
    this.#declared(scope, false);
    this.#template(scope, false);
  }

  selection(names: readonly (string | null)[], _scope: Scope, at: number): void {
    const sops = names.indexOf('sops');
    const alias = this.#aliases.get(names[0] ?? '');
    const kind = alias ?? (sops < 0 ? null : names[sops + 1]);
    const name = (alias === undefined ? names[sops + 2] : names[1]) ?? null;
    if ((kind !== 'secrets' && kind !== 'placeholder') || name === null || this.#asks) return;
    WITH_DEFAULT.lastIndex = at;
    if (WITH_DEFAULT.test(this.#text)) return;
    const place = { path: this.#path, line: this.#lines.of(at) };
    add(this.uses, name, place);
    if (kind === 'placeholder') add(this.placeholders, name, place);
  }

  literal(): void {}

  #template({ tail }: Scope, plainSet: boolean): void {
    const at = tail.lastIndexOf('sops');
    if (at < 0 || (tail[at + 1] ?? 'templates') !== 'templates') return;
    const [name, option] = tail.slice(at + 2);
    if (name === undefined) this.computedTemplates ||= !plainSet;
    else if (name === null) this.computedTemplates = true;
    else if (option === undefined ? !plainSet : option === null || FILLS.has(option)) this.filled.add(name);
  }

  #declared(scope: Scope, plainSet: boolean): void {
    if (endsIn(scope, 'sops') || endsIn(scope, 'sops', 'secrets')) this.computed ||= !plainSet;
    const { tail } = scope;
    for (const depth of [3, 4]) {
      const [sops, secrets, name = null, option] = tail.slice(-depth);
      if (sops !== 'sops' || secrets !== 'secrets' || tail.length < depth) continue;
      if (tail.at(-depth - 1) === 'options') continue;
      if (name === null) {
        this.computed = true;
        continue;
      }
      const counts = depth === 3 ? !plainSet : option === null || DECISIVE.has(option ?? '');
      this.secrets.set(name, (this.secrets.get(name) ?? 0) + Number(counts));
    }
  }
}

function add(places: Map<string, NixPlace[]>, name: string, place: NixPlace): void {
  const those = places.get(name);
  if (those === undefined) places.set(name, [place]);
  else those.push(place);
}
