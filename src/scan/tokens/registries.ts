import { Buffer } from 'node:buffer';
import type { ScanRule } from '../model.ts';
import { endsInChecksum } from './checksum.ts';
import { assignedRule, type TokenSpec, tokenRule } from './rule.ts';

const PUBLISHES = 'whoever reads it can publish packages in your name';

/** A macaroon of version 2 begins with its version, and the location as field 1. */
function isMacaroon(token: string): boolean {
  const bytes = Buffer.from(token.slice('pypi-'.length), 'base64url');
  return bytes[0] === 2 && bytes[1] === 1 && bytes.subarray(3, 16).toString('latin1').includes('pypi.org');
}

/** Where packages and images are published. */
const SPECS: readonly TokenSpec[] = [
  {
    id: 'npm-token',
    title: 'an npm token',
    keywords: ['npm_'],
    pattern: 'npm_[A-Za-z0-9]{36}',
    checksum: endsInChecksum,
    why: PUBLISHES,
    revoke: 'revoke it with npm token revoke, or at https://www.npmjs.com/settings/~/tokens',
  },
  {
    id: 'pypi-token',
    title: 'a PyPI token',
    keywords: ['pypi-age'],
    pattern: 'pypi-AgE[A-Za-z0-9_-]{60,1200}',
    check: isMacaroon,
    why: PUBLISHES,
    revoke: 'remove it at https://pypi.org/manage/account/',
  },
  {
    id: 'rubygems-token',
    title: 'a RubyGems key',
    keywords: ['rubygems_'],
    pattern: 'rubygems_[0-9a-f]{48}',
    why: PUBLISHES,
    revoke: 'delete it at https://rubygems.org/profile/api_keys',
  },
  {
    id: 'crates-token',
    title: 'a crates.io token',
    keywords: ['cio'],
    pattern: 'cio[A-Za-z0-9]{32}',
    strict: true,
    why: PUBLISHES,
    revoke: 'revoke it at https://crates.io/settings/tokens',
  },
  {
    id: 'nuget-key',
    title: 'a NuGet key',
    keywords: ['oy2'],
    pattern: 'oy2[a-z0-9]{43}',
    strict: true,
    why: PUBLISHES,
    revoke: 'delete it at https://www.nuget.org/account/apikeys',
  },
  {
    id: 'clojars-token',
    title: 'a Clojars token',
    keywords: ['clojars_'],
    pattern: 'CLOJARS_[0-9a-z]{60}',
    why: PUBLISHES,
    revoke: 'disable it at https://clojars.org/tokens',
  },
  {
    id: 'packagist-token',
    title: 'a Packagist token',
    keywords: ['packagist_'],
    pattern: 'packagist_[a-z]{2,4}_[0-9a-f]{40,80}',
    why: PUBLISHES,
    revoke: 'revoke it in the settings of the organization at https://packagist.com',
  },
  {
    id: 'docker-hub-token',
    title: 'a Docker Hub token',
    keywords: ['dckr_pat_', 'dckr_oat_'],
    pattern: 'dckr_(?:pat_[A-Za-z0-9_-]{27}|oat_[A-Za-z0-9_-]{32})',
    why: 'whoever reads it can pull and push images in your name',
    revoke: 'delete it at https://app.docker.com/settings/personal-access-tokens',
  },
  {
    id: 'artifactory-token',
    title: 'an Artifactory key or token',
    keywords: ['akcp', 'cmvmdgtu'],
    pattern: '(?:AKCp[A-Za-z0-9]{69}|cmVmdGtu[A-Za-z0-9]{56})',
    strict: true,
    why: PUBLISHES,
    revoke: 'revoke it in the profile in Artifactory',
  },
  {
    id: 'deno-token',
    title: 'a Deno Deploy token',
    keywords: ['ddp_', 'ddw_', 'ddo_'],
    pattern: 'dd[pwo]_[A-Za-z0-9]{36,40}',
    revoke: 'revoke it at https://dash.deno.com/account#access-tokens',
  },
];

/** A binary cache signs with 64 bytes, given without a name in `CACHIX_SIGNING_KEY`. */
const CACHIX = assignedRule({
  id: 'cachix-signing-key',
  title: 'the signing key of a Cachix cache',
  keywords: ['cachix_signing_key', 'cachix_secret_key', 'cachixsigningkey'],
  value: '[A-Za-z0-9+/]{86}==',
  why: 'whoever reads it can sign store paths that every machine trusting the cache installs',
  revoke: 'make a new key with cachix generate-keypair and remove the old public key from the cache',
});

/** Rules for registries. */
export const REGISTRY_RULES: readonly ScanRule[] = [...SPECS.map(tokenRule), CACHIX];
