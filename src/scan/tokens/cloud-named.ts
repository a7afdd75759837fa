import type { ScanRule } from '../model.ts';
import { type AssignedSpec, assignedRule } from './rule.ts';

const ACTS = 'whoever reads it can act in the cloud account, and pays with it';
const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/** `AccountTag` is in the file of a tunnel too, but is no secret. */
const TUNNEL: AssignedSpec = {
  id: 'cloudflare-tunnel-secret',
  title: 'the secret of a Cloudflare tunnel',
  keywords: ['tunnelsecret', 'tunnel_secret', 'tunnel-secret'],
  value: '[A-Za-z0-9+/]{32,88}={0,2}',
  why: 'whoever reads it can answer for everything behind the tunnel',
  revoke: 'rotate it with cloudflared tunnel token, or delete the tunnel and make a new one',
};

/** Clouds whose credentials look like any random text, so that the name says what they are. */
const ASSIGNED: readonly AssignedSpec[] = [
  {
    id: 'hetzner-token',
    title: 'a Hetzner token',
    keywords: ['hcloud', 'hetzner'],
    value: '(?:[A-Za-z0-9]{64}|[A-Za-z0-9]{32})',
    why: ACTS,
    revoke: 'delete it under Security in https://console.hetzner.com',
  },
  {
    id: 'cloudflare-named-token',
    title: 'a Cloudflare token or key',
    keywords: ['cloudflare', 'cf_api', 'cf_dns', 'cf_token', 'cf-token', 'cf_key', 'cf_zone'],
    value: '(?:[A-Za-z0-9_-]{40}|[0-9a-f]{37})',
    name: /tok|key|secret|auth|^_?dns|^$/i,
    check: value => !/^[0-9a-f]{40}$/.test(value) && !/^[a-z_-]+$/i.test(value),
    why: ACTS,
    revoke: 'roll or delete it at https://dash.cloudflare.com/profile/api-tokens',
  },
  {
    id: 'linode-token',
    title: 'a Linode token',
    keywords: ['linode', 'akamai'],
    value: '[0-9a-f]{64}',
    why: ACTS,
    revoke: 'revoke it at https://cloud.linode.com/profile/tokens',
  },
  {
    id: 'vultr-key',
    title: 'a Vultr key',
    keywords: ['vultr'],
    value: '[A-Z0-9]{36}',
    why: ACTS,
    revoke: 'regenerate it at https://my.vultr.com/settings/#settingsapi',
  },
  {
    id: 'ovh-secret',
    title: 'an OVH application secret or consumer key',
    keywords: ['ovh', 'application_secret', 'consumer_key'],
    value: '[A-Za-z0-9]{32}',
    name: /secret|consumer|key|^$/i,
    why: ACTS,
    revoke: 'delete it at https://eu.api.ovh.com/console/ (/me/api/application)',
  },
  {
    id: 'scaleway-secret-key',
    title: 'a Scaleway secret key',
    keywords: ['scw_secret', 'scaleway', 'scw_api'],
    value: UUID,
    name: /key|secret|token/i,
    why: ACTS,
    revoke: 'delete it at https://console.scaleway.com/iam/api-keys',
  },
  {
    id: 'heroku-named-key',
    title: 'a Heroku or Railway key',
    keywords: ['heroku', 'railway'],
    value: UUID,
    name: /key|token|secret/i,
    why: ACTS,
    revoke: 'regenerate it in the account settings there',
  },
  {
    id: 'netlify-named-token',
    title: 'a Netlify or Vercel token',
    keywords: ['netlify_auth', 'netlify_token', 'netlify-token', 'vercel_token', 'vercel-token'],
    value: '(?:[A-Za-z0-9_-]{40,46}|[A-Za-z0-9]{24})',
    why: ACTS,
    revoke: 'revoke it in the account settings there',
  },
  {
    id: 'backblaze-key',
    title: 'a Backblaze application key',
    keywords: ['backblaze', 'b2_', 'application_key', 'applicationkey', 'b2-application'],
    value: 'K00[0-9][A-Za-z0-9+/]{27}',
    why: 'whoever reads it can read and delete what is stored, backups too',
    revoke: 'delete it under Application Keys in Backblaze',
  },
  {
    id: 's3-secret-key',
    title: 'a secret key of an S3 store',
    keywords: [
      'wasabi',
      'minio',
      's3_secret',
      's3-secret',
      'spaces_secret',
      'r2_secret',
      'storage_secret',
      'garage',
    ],
    value: '[A-Za-z0-9/+]{32,64}',
    name: /secret|key|password/i,
    why: 'whoever reads it can read and delete what is stored, backups too',
    revoke: 'delete it in the access keys of the store',
  },
  {
    id: 'ibm-cloud-key',
    title: 'an IBM Cloud key',
    keywords: ['ibmcloud', 'ibm_cloud', 'ibm-cloud', 'bluemix'],
    value: '[A-Za-z0-9_-]{44}',
    name: /key|token/i,
    why: ACTS,
    revoke: 'delete it at https://cloud.ibm.com/iam/apikeys',
  },
];

/** Rules for clouds other than Amazon's, by name. */
export const NAMED_CLOUD_RULES: readonly ScanRule[] = [TUNNEL, ...ASSIGNED].map(assignedRule);
