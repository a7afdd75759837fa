import type { Setting } from './value.ts';

/** How values are written in a file, as far as it matters to us. */
export type Syntax =
  /** `NAME=value` and `name value`, without quotes too. */
  | 'plain'
  | 'shell'
  | 'yaml'
  | 'json'
  /** Values are in quotes. */
  | 'code'
  | 'markup'
  | 'nix'
  | 'table'
  | 'prose';

/** What the path says of a file. */
export interface Language {
  readonly syntax: Syntax;
  readonly setting: Setting;
}

const BY_ENDING: Readonly<Record<Syntax, string>> = {
  plain:
    'env envrc ini conf cfg cnf config properties toml service socket netdev network nmconnection psk 8021x editorconfig rc netrc npmrc yarnrc pypirc s3cfg boto pgpass tfvars reg rdp ovpn inc secret secrets txt lst cred creds credentials cloud inventory hosts kdl dhall tf hcl tofu',
  shell:
    'sh bash zsh fish ksh ash dash ps1 psm1 bat cmd mk make dockerfile containerfile just profile bashrc zshrc tcl nu exp csh',
  yaml: 'yaml yml sls eyaml',
  json: 'json jsonc json5 jsonl ndjson ipynb tfstate har avsc webmanifest lock',
  code: 'ts tsx js jsx mjs cjs mts cts py pyi rb go rs php java kt kts scala cs fs vb c h cc cpp hpp swift m mm lua pl pm ex exs erl hs ml elm clj cljs el lisp r jl dart groovy gradle sql vue svelte astro zig nim cr proto graphql gql jsonnet libsonnet bicep cue css scss sass less d v sol',
  markup:
    'xml html htm xhtml plist csproj fsproj vbproj props targets xaml svg jsp jsx wsdl xsd resx xsl pom',
  nix: 'nix',
  table: 'csv tsv sql',
  prose:
    'md markdown mdx rst adoc asciidoc org tex man texi pod 1 2 3 4 5 6 7 8 po pot ftl arb strings log out patch diff eml http rest txtar',
};

const ENDINGS: ReadonlyMap<string, Syntax> = new Map(
  (Object.keys(BY_ENDING) as Syntax[]).flatMap(syntax =>
    BY_ENDING[syntax].split(' ').map((ending): [string, Syntax] => [ending, syntax]),
  ),
);
const BY_NAME: readonly (readonly [RegExp, Syntax])[] = [
  [/^\.?env(?:\.|rc|$)|\.env(?:\.|$)/, 'plain'],
  [/^(?:docker|container|make|just|gnumake|rake|vagrant|jenkins|gem|proc|brew)file(?:\.|$)/, 'shell'],
  [/^\.(?:bash|zsh|profile|login|ksh|xinit|xsession)/, 'shell'],
  [/^(?:pom|settings|web|app|nuget)\.(?:xml|config)$/, 'markup'],
  [/^(?:readme|changelog|changes|news|contributing|todo|license|copying|authors|history)/, 'prose'],
];

/** Files that explain, try out or translate. */
const STORY_NAME =
  /(?:^|[._-])(?:example|sample|template|dist|tmpl|tpl|test|tests|spec|fixture|fixtures|mock|mocks|stories|demo)(?:[._-]|$)|_test\.go$|\.d\.[mc]?ts$|^(?:openapi|swagger)|\.(?:po|pot|arb|strings|ftl|snap|j2|jinja|erb|tmpl|gotmpl|hbs|mustache|ejs|twig|css|scss|sass|less)$|^(?:readme|changelog|changes|news|contributing|history)/;
const STORY_FOLDER =
  /(?:^|\/)(?:tests?|__tests__|__mocks__|specs?|fixtures|testdata|test-data|mocks|examples?|samples|docs?|documentation|man|manpages|locales?|i18n|l10n|lang|langs|languages|translations?|intl|messages|cypress|e2e|node_modules|vendor|third_party)\//;
/** `en.json`, `de-AT.yml`, `messages_fr.properties`: translations. */
const TRANSLATION =
  /^(?:messages|strings|locale|translations?|labels|i18n)?[._-]?(?:en|de|fr|es|it|pt|nl|pl|ru|ja|zh|ko|sv|da|fi|nb|cs|tr|uk|ar|he|hu|ro|el)(?:[-_](?:[a-z]{2}|hans|hant))?\.(?:json|ya?ml|toml|properties|ts|js|php|ini)$/;

/** @returns how to read a file, by its path alone */
export function languageOf(path: string): Language {
  const lower = path.toLowerCase();
  const name = lower.slice(lower.lastIndexOf('/') + 1);
  const story = STORY_NAME.test(name) || STORY_FOLDER.test(lower) || TRANSLATION.test(name);
  const syntax = syntaxOf(name);
  if (story)
    return {
      syntax,
      setting: syntax === 'prose' && !/\.(?:po|pot|arb|strings|ftl)$/.test(name) ? 'story' : 'trial',
    };
  if (syntax === 'prose') return { syntax, setting: 'story' };
  const exact = syntax === 'code' || syntax === 'markup' || syntax === 'table';
  return { syntax, setting: exact ? 'code' : 'config' };
}

function syntaxOf(name: string): Syntax {
  for (const [pattern, syntax] of BY_NAME) if (pattern.test(name)) return syntax;
  const stem = name.replace(
    /\.(?:example|sample|template|dist|tmpl|tpl|j2|erb|bak|orig|old|in|local|enc|dec)$/,
    '',
  );
  const dot = stem.lastIndexOf('.');
  return (dot < 0 ? undefined : ENDINGS.get(stem.slice(dot + 1))) ?? 'plain';
}
