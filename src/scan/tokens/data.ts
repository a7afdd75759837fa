import { Buffer } from 'node:buffer';
import type { ScanRule } from '../model.ts';
import { type AssignedSpec, assignedRule, type TokenSpec, tokenRule } from './rule.ts';

const OPENS = 'whoever reads it opens every secret it may read';
const DATA = 'whoever reads it can read and change what is stored';

/** What base64 of JSON must hold to be a 1Password service account. */
function isServiceAccount(token: string): boolean {
  const text = Buffer.from(token.slice('ops_'.length), 'base64').toString('latin1');
  return /"(?:signInAddress|userAuth|email|secretKey|muk|srpX)"/.test(text);
}

/** Vaults of secrets, infrastructure, databases. */
const SPECS: readonly TokenSpec[] = [
  {
    id: 'vault-token',
    title: 'a Vault or OpenBao token',
    keywords: ['hvs.', 'hvb.', 'hvr.'],
    pattern: 'hv[sbr]\\.[A-Za-z0-9_-]{24,400}',
    why: OPENS,
    revoke: 'revoke it with vault token revoke',
  },
  {
    id: 'terraform-token',
    title: 'an HCP Terraform token',
    keywords: ['.atlasv1.'],
    before: { chars: /[A-Za-z0-9]/, most: 14 },
    pattern: '[A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_-]{60,70}',
    why: 'whoever reads it can change the infrastructure and read its state',
    revoke: 'delete it at https://app.terraform.io/app/settings/tokens',
  },
  {
    id: 'pulumi-token',
    title: 'a Pulumi token',
    keywords: ['pul-'],
    pattern: 'pul-[0-9a-f]{40}',
    why: 'whoever reads it can change the infrastructure and read its state',
    revoke: 'delete it at https://app.pulumi.com/account/tokens',
  },
  {
    id: 'doppler-token',
    title: 'a Doppler token',
    keywords: ['dp.pt.', 'dp.st.', 'dp.ct.', 'dp.sa.', 'dp.scim.', 'dp.audit.', 'dp.said.'],
    pattern: 'dp\\.(?:pt|st|ct|sa|scim|audit|said)\\.(?:[a-z0-9_-]{2,35}\\.)?([A-Za-z0-9]{40,44})',
    why: OPENS,
    revoke: 'revoke it in the settings of Doppler',
  },
  {
    id: 'onepassword-service-account',
    title: 'a 1Password service account token',
    keywords: ['ops_eyj'],
    pattern: 'ops_eyJ[A-Za-z0-9+/_-]{100,2000}={0,3}',
    check: isServiceAccount,
    why: OPENS,
    revoke: 'rotate it under Developer in 1Password',
  },
  {
    id: 'onepassword-secret-key',
    title: 'a 1Password secret key',
    keywords: ['a3-'],
    pattern: 'A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}',
    why: OPENS,
    revoke: 'regenerate it in the account settings of 1Password',
  },
  {
    id: 'bitwarden-token',
    title: 'a Bitwarden machine token',
    keywords: [...'0123456789abcdef'].map(digit => `0.${digit}`),
    pattern:
      '0\\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\.([A-Za-z0-9]{30}:[A-Za-z0-9+/]{22}==)',
    end: '(?![A-Za-z0-9+/=])',
    why: OPENS,
    revoke: 'revoke it in the machine account of Bitwarden',
  },
  {
    id: 'infisical-token',
    title: 'an Infisical token',
    keywords: ['st.'],
    pattern: 'st\\.[0-9a-f]{8,24}(?:-[0-9a-f]{4,12}){0,4}\\.([0-9a-f]{32}\\.[0-9a-f]{32})',
    why: OPENS,
    revoke: 'delete it in the access settings of the Infisical project',
  },
  {
    id: 'databricks-token',
    title: 'a Databricks token',
    keywords: ['dapi', 'dose'],
    pattern: '(?:dapi|dose)[0-9a-f]{32}(?:-[0-9])?',
    why: DATA,
    revoke: 'revoke it in the developer settings of the workspace',
  },
  {
    id: 'planetscale-token',
    title: 'a PlanetScale password or token',
    keywords: ['pscale_tkn_', 'pscale_pw_', 'pscale_oauth_', 'pscale_api_'],
    pattern: 'pscale_(?:tkn|pw|oauth|api)_([A-Za-z0-9_.=-]{32,64})',
    why: DATA,
    revoke: 'delete it in the settings of the PlanetScale database',
  },
  {
    id: 'supabase-key',
    title: 'a Supabase token or secret key',
    keywords: ['sbp_', 'sb_secret_'],
    pattern: '(?:sbp_(?:v0_)?[0-9a-f]{40}|sb_secret_[A-Za-z0-9_-]{22,40})',
    why: DATA,
    revoke: 'delete it at https://supabase.com/dashboard/account/tokens or in the API keys of the project',
  },
  {
    id: 'neon-key',
    title: 'a Neon key or password',
    keywords: ['napi_', 'npg_'],
    pattern: '(?:napi_[a-z0-9]{48,64}|npg_[A-Za-z0-9]{12,16})',
    strict: true,
    why: DATA,
    revoke: 'revoke it in the account settings of Neon',
  },
  {
    id: 'aiven-password',
    title: 'an Aiven password',
    keywords: ['avns_'],
    pattern: 'AVNS_[A-Za-z0-9_-]{19}',
    why: DATA,
    revoke: 'reset the credentials of the service user in Aiven',
  },
  {
    id: 'mongodb-atlas-secret',
    title: 'a MongoDB Atlas secret',
    keywords: ['mdb_sa_sk_'],
    pattern: 'mdb_sa_sk_[A-Za-z0-9_-]{40,44}',
    why: DATA,
    revoke: 'delete it in the service account of Atlas',
  },
  {
    id: 'airtable-token',
    title: 'an Airtable token',
    keywords: ['pat'],
    pattern: 'pat[A-Za-z0-9]{14}\\.([0-9a-f]{64})',
    why: DATA,
    revoke: 'delete it at https://airtable.com/create/tokens',
  },
  {
    id: 'harness-token',
    title: 'a Harness or Kestra token',
    keywords: ['pat.', 'sat.'],
    pattern: '[ps]at\\.[A-Za-z0-9_-]{22}\\.[0-9a-f]{24}\\.([A-Za-z0-9]{20})',
    revoke: 'delete it in the profile in Harness',
  },
];

/** Where the name says what it is. */
const ASSIGNED: readonly AssignedSpec[] = [
  {
    id: 'vault-old-token',
    title: 'a Vault token',
    keywords: ['vault_token', 'vault-token', 'vaulttoken', 'bao_token'],
    value: 's\\.[A-Za-z0-9]{24}',
    why: OPENS,
    revoke: 'revoke it with vault token revoke',
  },
  {
    id: 'consul-token',
    title: 'a Consul or Nomad token',
    keywords: ['consul_http_token', 'consul_token', 'nomad_token', 'x-nomad-token', 'x-consul-token'],
    value: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
    why: 'whoever reads it can change what runs in the cluster',
    revoke: 'delete it with consul acl token delete or nomad acl token delete',
  },
  {
    id: 'algolia-key',
    title: 'an Algolia admin key',
    keywords: ['algolia'],
    value: '[0-9a-f]{32}',
    name: /admin|write|secret|api_?-?key/i,
    why: DATA,
    revoke: 'rotate it at https://dashboard.algolia.com/account/api-keys',
  },
  {
    id: 'influxdb-token',
    title: 'an InfluxDB token',
    keywords: ['influx'],
    value: '[A-Za-z0-9_-]{86}==',
    why: DATA,
    revoke: 'delete it with influx auth delete',
  },
  {
    id: 'azure-cosmos-key',
    title: 'an Azure account key',
    keywords: [
      'storage_key',
      'storage_account_key',
      'cosmos',
      'azure_storage',
      'primary_key',
      'primaryaccesskey',
      'primary_access_key',
    ],
    value: '[A-Za-z0-9+/]{86}==',
    why: DATA,
    revoke: 'regenerate it under Keys of the account',
  },
];

/** Rules for vaults, infrastructure and databases. */
export const DATA_RULES: readonly ScanRule[] = [...SPECS.map(tokenRule), ...ASSIGNED.map(assignedRule)];
