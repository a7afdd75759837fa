import type { Chance } from './chance.ts';
import { type Family, type Negative, negative } from './sample.ts';

type File = readonly [family: Family, kind: string, path: string, text: (chance: Chance) => string];

const sri = (c: Chance, method = 'sha256'): string =>
  `${method}-${c.base64(method === 'sha256' ? 32 : method === 'sha384' ? 48 : 64)}`;
const store = (c: Chance, name: string): string =>
  `/nix/store/${c.from('0123456789abcdfghijklmnpqrsvwxyz', 32)}-${name}`;
const repeat = (times: number, make: (index: number) => string): string =>
  Array.from({ length: times }, (_, i) => make(i)).join('');

const FILES: readonly File[] = [
  [
    'hash',
    'SRI in HTML',
    'public/index.html',
    c =>
      `<script src="https://cdn.example.org/a.js" integrity="${sri(c, 'sha384')}" crossorigin="anonymous"></script>\n`,
  ],
  [
    'hash',
    'fetchFromGitHub',
    'pkgs/a.nix',
    c =>
      `{ fetchFromGitHub }:\nfetchFromGitHub {\n  owner = "a";\n  repo = "b";\n  rev = "${c.hex(40)}";\n  hash = "${sri(c)}";\n}\n`,
  ],
  [
    'hash',
    'old sha256 in Nix',
    'pkgs/b.nix',
    c =>
      `{ fetchurl }:\nfetchurl {\n  url = "https://example.org/b.tar.gz";\n  sha256 = "${c.from('0123456789abcdfghijklmnpqrsvwxyz', 52)}";\n}\n`,
  ],
  [
    'hash',
    'vendorHash',
    'pkgs/go.nix',
    c => `buildGoModule {\n  pname = "secret-service";\n  vendorHash = "${sri(c)}";\n}\n`,
  ],
  [
    'hash',
    'cargoHash',
    'pkgs/rs.nix',
    c => `rustPlatform.buildRustPackage {\n  pname = "token-cli";\n  cargoHash = "${sri(c)}";\n}\n`,
  ],
  [
    'hash',
    'npmDepsHash',
    'pkgs/js.nix',
    c =>
      `buildNpmPackage {\n  pname = "password-store";\n  npmDepsHash = "${sri(c)}";\n  outputHash = "${sri(c)}";\n}\n`,
  ],
  ['hash', 'store paths', 'docs/closure.md', c => repeat(6, i => `- ${store(c, `pass-1.7.${i}`)}\n`)],
  [
    'hash',
    'store path in a unit',
    'result/app.service',
    c =>
      `[Service]\nExecStart=${store(c, 'secret-agent-1.0')}/bin/agent\nEnvironment=PATH=${store(c, 'coreutils')}/bin\n`,
  ],
  ['hash', 'SHA256SUMS', 'SHA256SUMS', c => repeat(5, i => `${c.hex(64)}  disk-${i}.iso\n`)],
  ['hash', 'md5sums', 'md5sums.txt', c => repeat(5, i => `${c.hex(32)}  file-${i}\n`)],
  ['hash', 'sha512 file', 'app.tar.gz.sha512', c => `${c.hex(128)}  app.tar.gz\n`],
  ['hash', 'image digest', 'Dockerfile', c => `FROM debian:12@sha256:${c.hex(64)}\nRUN true\n`],
  [
    'hash',
    'image digest in YAML',
    'k8s/web.yaml',
    c => `spec:\n  containers:\n    - image: ghcr.io/x/secret-sync@sha256:${c.hex(64)}\n`,
  ],
  [
    'hash',
    'pinned actions',
    '.github/workflows/ci.yml',
    c =>
      `jobs:\n  a:\n    steps:\n      - uses: actions/checkout@${c.hex(40)} # v4\n      - uses: x/token-action@${c.hex(40)}\n`,
  ],
  [
    'hash',
    'pre-commit revs',
    '.pre-commit-config.yaml',
    c =>
      `repos:\n  - repo: https://github.com/x/y\n    rev: ${c.hex(40)}\n    hooks: [{ id: detect-secrets }]\n`,
  ],
  [
    'hash',
    'git log',
    'docs/history.txt',
    c =>
      repeat(5, i => `commit ${c.hex(40)}\nAuthor: A <a@example.org>\n\n    rotate the token, part ${i}\n\n`),
  ],
  [
    'hash',
    'patch header',
    'patches/a.patch',
    c =>
      `From ${c.hex(40)} Mon Sep 17 00:00:00 2001\nSubject: [PATCH] auth: rename the password field\n\ndiff --git a/x b/x\nindex ${c.hex(40)}..${c.hex(40)} 100644\n`,
  ],
  ['hash', 'checksum constant', 'src/fetch.rs', c => `const SHA256: &str = "${c.hex(64)}";\n`],
  [
    'hash',
    'checksum in Python',
    'tools/get.py',
    c => `DOWNLOADS = {"model.bin": "${c.hex(64)}", "token.json": "${c.hex(64)}"}\n`,
  ],
  [
    'hash',
    'homebrew formula',
    'Formula/pass.rb',
    c => `class Pass < Formula\n  url "https://example.org/pass-1.tar.gz"\n  sha256 "${c.hex(64)}"\nend\n`,
  ],
  [
    'hash',
    'PKGBUILD',
    'PKGBUILD',
    c =>
      `pkgname=keyring\nsha256sums=('${c.hex(64)}'\n            'SKIP')\nvalidpgpkeys=('${c.hex(40).toUpperCase()}')\n`,
  ],
  [
    'hash',
    'etag',
    'cache/meta.json',
    c =>
      JSON.stringify({
        etag: `"${c.hex(32)}"`,
        hash: c.hex(40),
        digest: `sha256:${c.hex(64)}`,
        key: 'index.html',
      }),
  ],
  [
    'hash',
    'webpack manifest',
    'dist/manifest.json',
    c => JSON.stringify({ 'auth.js': `auth.${c.hex(20)}.js`, 'token.css': `token.${c.hex(20)}.css` }),
  ],
  [
    'hash',
    'fingerprints',
    'docs/fingerprints.md',
    c =>
      `SHA256:${c.base64(32).replace('=', '')} desk (ED25519)\nMD5:${c.hex(32).match(/../g)?.join(':')}\n\nOpenPGP: ${c.hex(40).toUpperCase().match(/.{4}/g)?.join(' ')}\n`,
  ],
  ['hash', 'go:embed sums', 'testdata/golden.sum', c => repeat(8, i => `case-${i} ${c.hex(40)}\n`)],
  [
    'hash',
    'content security policy',
    'nginx/csp.conf',
    c => `add_header Content-Security-Policy "script-src 'self' '${sri(c)}' 'nonce-abc'";\n`,
  ],
  [
    'hash',
    'blob list',
    'lfs/pointer.bin',
    c => `version https://git-lfs.github.com/spec/v1\noid sha256:${c.hex(64)}\nsize 12345\n`,
  ],
  [
    'hash',
    'subresource in Python',
    'requirements.txt',
    c =>
      `cryptography==42.0.0 \\\n    --hash=sha256:${c.hex(64)} \\\n    --hash=sha256:${c.hex(64)}\nkeyring==25.0.0 --hash=sha256:${c.hex(64)}\n`,
  ],
  [
    'lock',
    'flake.lock',
    'flake.lock',
    c =>
      JSON.stringify(
        {
          nodes: {
            nixpkgs: {
              locked: {
                lastModified: 1_700_000_000,
                narHash: sri(c),
                owner: 'NixOS',
                repo: 'nixpkgs',
                rev: c.hex(40),
                type: 'github',
              },
            },
            'sops-nix': { locked: { narHash: sri(c), rev: c.hex(40), type: 'github' } },
          },
          version: 7,
        },
        null,
        2,
      ),
  ],
  [
    'lock',
    'npins',
    'npins/sources.json',
    c =>
      JSON.stringify({
        pins: {
          nixpkgs: {
            type: 'Channel',
            url: 'https://releases.nixos.org/x.tar.xz',
            hash: c.from('0123456789abcdfghijklmnpqrsvwxyz', 52),
          },
        },
        version: 3,
      }),
  ],
  [
    'lock',
    'package-lock.json',
    'package-lock.json',
    c =>
      JSON.stringify(
        {
          lockfileVersion: 3,
          packages: Object.fromEntries(
            ['a', 'js-tokens', 'password-prompt'].map(name => [
              `node_modules/${name}`,
              {
                version: '1.0.0',
                resolved: `https://registry.npmjs.org/${name}/-/${name}-1.0.0.tgz`,
                integrity: sri(c, 'sha512'),
              },
            ]),
          ),
        },
        null,
        2,
      ),
  ],
  [
    'lock',
    'yarn.lock',
    'yarn.lock',
    c =>
      `# yarn lockfile v1\n\njs-tokens@^4.0.0:\n  version "4.0.0"\n  resolved "https://registry.yarnpkg.com/js-tokens/-/js-tokens-4.0.0.tgz#${c.hex(40)}"\n  integrity ${sri(c, 'sha512')}\n`,
  ],
  [
    'lock',
    'yarn berry',
    'web/yarn.lock',
    c =>
      `__metadata:\n  version: 8\n\n"secret@npm:^1.0.0":\n  version: 1.0.0\n  checksum: 10c0/${c.hex(128)}\n`,
  ],
  [
    'lock',
    'pnpm-lock.yaml',
    'pnpm-lock.yaml',
    c =>
      `lockfileVersion: '9.0'\npackages:\n  js-tokens@4.0.0:\n    resolution: {integrity: ${sri(c, 'sha512')}}\n  auth-token@6.0.0:\n    resolution: {integrity: ${sri(c, 'sha512')}}\n`,
  ],
  [
    'lock',
    'Cargo.lock',
    'Cargo.lock',
    c =>
      `version = 4\n\n${repeat(3, i => `[[package]]\nname = "secret-${i}"\nversion = "0.1.${i}"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "${c.hex(64)}"\n\n`)}`,
  ],
  [
    'lock',
    'go.sum',
    'go.sum',
    c =>
      repeat(
        4,
        i =>
          `github.com/x/token${i} v1.0.${i} h1:${c.base64(32)}\ngithub.com/x/token${i} v1.0.${i}/go.mod h1:${c.base64(32)}\n`,
      ),
  ],
  [
    'lock',
    'poetry.lock',
    'poetry.lock',
    c =>
      `[[package]]\nname = "keyring"\nversion = "25.0.0"\nfiles = [\n    {file = "keyring-25.0.0.whl", hash = "sha256:${c.hex(64)}"},\n]\n\n[metadata]\ncontent-hash = "${c.hex(64)}"\n`,
  ],
  [
    'lock',
    'uv.lock',
    'uv.lock',
    c =>
      `[[package]]\nname = "secretstorage"\nsdist = { url = "https://files.pythonhosted.org/packages/${c.hex(2)}/${c.hex(2)}/${c.hex(60)}/secretstorage-3.tar.gz", hash = "sha256:${c.hex(64)}", size = 1 }\n`,
  ],
  [
    'lock',
    'Pipfile.lock',
    'Pipfile.lock',
    c =>
      JSON.stringify(
        {
          _meta: { hash: { sha256: c.hex(64) } },
          default: { pyjwt: { hashes: [`sha256:${c.hex(64)}`, `sha256:${c.hex(64)}`], version: '==2.8.0' } },
        },
        null,
        4,
      ),
  ],
  [
    'lock',
    'composer.lock',
    'composer.lock',
    c =>
      JSON.stringify(
        {
          'content-hash': c.hex(32),
          packages: [
            {
              name: 'lcobucci/jwt',
              source: { reference: c.hex(40) },
              dist: { shasum: '', reference: c.hex(40) },
            },
          ],
        },
        null,
        4,
      ),
  ],
  [
    'lock',
    'Gemfile.lock',
    'Gemfile.lock',
    c => `GEM\n  specs:\n    jwt (2.8.0)\n\nCHECKSUMS\n  jwt (2.8.0) sha256=${c.hex(64)}\n`,
  ],
  [
    'lock',
    'terraform lock',
    '.terraform.lock.hcl',
    c =>
      `provider "registry.terraform.io/hashicorp/vault" {\n  version = "4.0.0"\n  hashes = [\n    "h1:${c.base64(32)}",\n    "zh:${c.hex(64)}",\n  ]\n}\n`,
  ],
  [
    'lock',
    'mix.lock',
    'mix.lock',
    c => `%{\n  "joken": {:hex, :joken, "2.6.0", "${c.hex(64)}", [:mix], [], "hexpm", "${c.hex(64)}"},\n}\n`,
  ],
  [
    'lock',
    'pubspec.lock',
    'pubspec.lock',
    c =>
      `packages:\n  crypto:\n    dependency: direct\n    description:\n      name: crypto\n      sha256: "${c.hex(64)}"\n`,
  ],
  [
    'lock',
    'deno.lock',
    'deno.lock',
    c =>
      JSON.stringify(
        {
          version: '4',
          remote: { 'https://deno.land/x/jwt/mod.ts': c.hex(64) },
          npm: { 'jose@5.0.0': { integrity: sri(c, 'sha512') } },
        },
        null,
        2,
      ),
  ],
  [
    'lock',
    'Podfile.lock',
    'Podfile.lock',
    c => `SPEC CHECKSUMS:\n  KeychainAccess: ${c.hex(40)}\nPODFILE CHECKSUM: ${c.hex(40)}\n`,
  ],
  [
    'lock',
    'Package.resolved',
    'Package.resolved',
    c =>
      JSON.stringify({
        pins: [{ identity: 'jwt-kit', state: { revision: c.hex(40), version: '4.0.0' } }],
        version: 2,
      }),
  ],
  [
    'lock',
    'gradle verification',
    'gradle/verification-metadata.xml',
    c =>
      `<component group="com.auth0" name="java-jwt" version="4.4.0">\n  <artifact name="java-jwt.jar">\n    <sha256 value="${c.hex(64)}" origin="Generated"/>\n  </artifact>\n</component>\n`,
  ],
  [
    'lock',
    'bun.lock',
    'bun.lock',
    c => `{\n  "packages": {\n    "js-tokens": ["js-tokens@4.0.0", "", {}, "${sri(c, 'sha512')}"],\n  }\n}\n`,
  ],
  [
    'lock',
    'conda lock',
    'conda-lock.yml',
    c =>
      `package:\n- name: pyjwt\n  url: https://conda.anaconda.org/conda-forge/noarch/pyjwt.conda\n  hash:\n    md5: ${c.hex(32)}\n    sha256: ${c.hex(64)}\n`,
  ],
];

/** Digests and lock files: random text by the line, none of it secret. */
export function hashes(chance: Chance): Negative[] {
  return FILES.map(([family, kind, path, text]) =>
    negative(family, kind, path, text(chance.for(`${family} ${kind}`))),
  );
}
