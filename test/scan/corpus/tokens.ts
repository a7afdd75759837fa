import { base62Checksum, glue } from './chance.ts';
import { jwt } from './jwt.ts';
import type { Make } from './sample.ts';

/** One issuer's token: its kind, the variable that people keep it in, how it is made. */
export interface TokenKind {
  readonly kind: string;
  readonly name: string;
  readonly make: Make;
}

function kind(kind: string, name: string, make: Make): TokenKind {
  return { kind, name, make };
}

/** A prefix and a random body. */
function tail(prefix: readonly string[], body: Make): Make {
  return chance => glue(...prefix) + body(chance);
}

const hex =
  (length: number): Make =>
  chance =>
    chance.hex(length);
const base62 =
  (length: number): Make =>
  chance =>
    chance.base62(length);
const base64url =
  (length: number): Make =>
  chance =>
    chance.base64url(length);
const lower =
  (length: number): Make =>
  chance =>
    chance.lower(length);

/** The random part of 30 characters with its checksum. */
function checked(...prefix: readonly string[]): Make {
  return chance => {
    const body = chance.base62(30);
    return glue(...prefix) + body + base62Checksum(body);
  };
}

function base64Json(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

const FORGES: readonly TokenKind[] = [
  kind('github-classic', 'GITHUB_TOKEN', checked('gh', 'p_')),
  kind('github-oauth', 'GH_TOKEN', checked('gh', 'o_')),
  kind('github-user', 'GITHUB_USER_TOKEN', checked('gh', 'u_')),
  kind('github-server', 'GITHUB_APP_TOKEN', checked('gh', 's_')),
  kind('github-refresh', 'GITHUB_REFRESH', checked('gh', 'r_')),
  kind('github-fine-grained', 'GH_PAT', c => `${glue('github', '_pat_')}${c.base62(22)}_${c.base62(59)}`),
  kind('gitlab-personal', 'GITLAB_TOKEN', tail(['gl', 'pat-'], base64url(20))),
  kind('gitlab-routable', 'GITLAB_PAT', c => `${glue('gl', 'pat-')}${c.base64url(27)}.01.${c.lower(9)}`),
  kind('gitlab-runner', 'RUNNER_TOKEN', tail(['gl', 'rt-'], base64url(20))),
  kind('gitlab-deploy', 'GITLAB_DEPLOY_TOKEN', tail(['gl', 'dt-'], base64url(20))),
  kind('gitlab-trigger', 'GITLAB_TRIGGER', tail(['gl', 'ptt-'], hex(40))),
  kind(
    'atlassian',
    'JIRA_API_TOKEN',
    c => `${glue('ATA', 'TT3')}${c.base64url(174)}=${c.hex(8).toUpperCase()}`,
  ),
  kind('bitbucket-app', 'BITBUCKET_APP_PASSWORD', tail(['AT', 'BB'], base62(32))),
  kind('sourcegraph', 'SRC_ACCESS_TOKEN', c => `${glue('sg', 'p_')}${c.hex(16)}_${c.hex(40)}`),
  kind('buildkite', 'BUILDKITE_API_TOKEN', tail(['bk', 'ua_'], hex(40))),
];

const REGISTRIES: readonly TokenKind[] = [
  kind('npm', 'NPM_TOKEN', checked('np', 'm_')),
  kind('pypi', 'TWINE_PASSWORD', tail(['pypi-AgEI', 'cHlwaS5vcmc'], base64url(150))),
  kind('crates', 'CARGO_REGISTRY_TOKEN', tail(['c', 'io'], base62(32))),
  kind('rubygems', 'GEM_HOST_API_KEY', tail(['ruby', 'gems_'], hex(48))),
  kind('dockerhub', 'DOCKERHUB_TOKEN', tail(['dckr', '_pat_'], base64url(27))),
  kind('nuget', 'NUGET_API_KEY', tail(['o', 'y2'], lower(43))),
  kind('clojars', 'CLOJARS_PASSWORD', tail(['CLO', 'JARS_'], hex(60))),
  kind('artifactory', 'ARTIFACTORY_API_KEY', tail(['AK', 'Cp'], base62(69))),
];

const CLOUDS: readonly TokenKind[] = [
  kind(
    'aws-access-key',
    'AWS_ACCESS_KEY_ID',
    c => glue('AK', 'IA') + c.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 16),
  ),
  kind(
    'google-api-key',
    'GOOGLE_MAPS_KEY',
    tail(['AI', 'za'], c => `Sy${c.base64url(33)}`),
  ),
  kind('google-oauth-secret', 'GOOGLE_CLIENT_SECRET', tail(['GOC', 'SPX-'], base64url(28))),
  kind(
    'google-access',
    'GCLOUD_ACCESS_TOKEN',
    tail(['ya', '29.'], c => `a0A${c.base64url(160)}`),
  ),
  kind(
    'azure-client-secret',
    'AZURE_CLIENT_SECRET',
    c => `${c.base62(3)}8Q~${c.from('abcdefghijkABCDEFGHIJK0123456789._~-', 33)}a`,
  ),
  kind('digitalocean', 'DIGITALOCEAN_TOKEN', tail(['dop', '_v1_'], hex(64))),
  kind('digitalocean-oauth', 'DO_OAUTH', tail(['doo', '_v1_'], hex(64))),
  kind('heroku', 'HEROKU_API_KEY', tail(['HRKU', '-AA'], base64url(58))),
  kind(
    'alibaba',
    'ALICLOUD_ACCESS_KEY',
    tail(['LT', 'AI'], c => `5t${c.base62(18)}`),
  ),
  kind('cloudflare-origin-ca', 'CF_ORIGIN_CA_KEY', c => `${glue('v1', '.0-')}${c.hex(24)}-${c.hex(146)}`),
  kind('fly', 'FLY_API_TOKEN', tail(['fo', '1_'], base64url(43))),
  kind('netlify', 'NETLIFY_AUTH_TOKEN', tail(['nf', 'p_'], base62(36))),
  kind('supabase', 'SUPABASE_ACCESS_TOKEN', tail(['sb', 'p_'], hex(40))),
  kind('planetscale', 'PLANETSCALE_TOKEN', tail(['pscale', '_tkn_'], base64url(43))),
  kind(
    'tailscale-auth',
    'TS_AUTHKEY',
    c => `${glue('ts', 'key-auth-')}k${c.base62(10)}CNTRL-${c.base62(32)}`,
  ),
  kind(
    'tailscale-api',
    'TAILSCALE_API_KEY',
    c => `${glue('ts', 'key-api-')}k${c.base62(10)}CNTRL-${c.base62(32)}`,
  ),
  kind(
    'tailscale-client',
    'TS_OAUTH_SECRET',
    c => `${glue('ts', 'key-client-')}k${c.base62(10)}CNTRL-${c.base62(32)}`,
  ),
  kind('databricks', 'DATABRICKS_TOKEN', tail(['da', 'pi'], hex(32))),
  kind('scalingo', 'SCALINGO_API_TOKEN', tail(['tk', '-us-'], base64url(48))),
  kind('porkbun', 'PORKBUN_SECRET_API_KEY', tail(['sk', '1_'], hex(64))),
];

const OPERATIONS: readonly TokenKind[] = [
  kind('vault-service', 'VAULT_TOKEN', tail(['hv', 's.'], base64url(91))),
  kind('vault-batch', 'VAULT_BATCH_TOKEN', tail(['hv', 'b.'], base64url(140))),
  kind('terraform-cloud', 'TFE_TOKEN', c => `${c.base62(14)}${glue('.atlas', 'v1.')}${c.base62(67)}`),
  kind('pulumi', 'PULUMI_ACCESS_TOKEN', tail(['pu', 'l-'], hex(40))),
  kind('doppler', 'DOPPLER_TOKEN', tail(['dp', '.pt.'], base62(43))),
  kind('prefect', 'PREFECT_API_KEY', tail(['pn', 'u_'], lower(36))),
  kind(
    '1password-service',
    'OP_SERVICE_ACCOUNT_TOKEN',
    c =>
      `${glue('op', 's_')}${base64Json({ signInAddress: 'my.1password.com', userAuth: { method: 'SRPg-4096' }, email: `${c.lower(12)}@1passwordserviceaccounts.com`, srpX: c.hex(64), muk: { k: c.base64url(43) }, secretKey: `A3-${c.upper(6)}-${c.upper(6)}` })}`,
  ),
  kind(
    'grafana-cloud',
    'GRAFANA_CLOUD_TOKEN',
    c => `${glue('gl', 'c_')}${base64Json({ o: c.digits(6), n: 'stack', k: c.base62(24), m: { r: 'eu' } })}`,
  ),
  kind('grafana-service', 'GRAFANA_TOKEN', c => `${glue('gl', 'sa_')}${c.base62(32)}_${c.hex(8)}`),
  kind('newrelic', 'NEW_RELIC_API_KEY', c => `${glue('NR', 'AK-')}${c.upper(27)}`),
  kind(
    'sentry-org',
    'SENTRY_AUTH_TOKEN',
    c =>
      `${glue('sntr', 'ys_')}${base64Json({ iat: 1702000000.5, url: 'https://sentry.io', region_url: 'https://de.sentry.io', org: c.word() })}_${c.base62(43)}`,
  ),
  kind('sentry-user', 'SENTRY_TOKEN', tail(['sntr', 'yu_'], hex(64))),
  kind('dynatrace', 'DT_API_TOKEN', c => `${glue('dt0', 'c01.')}${c.upper(24)}.${c.upper(64)}`),
  kind(
    'pagerduty',
    'PAGERDUTY_TOKEN',
    tail(['u', '+'], c => c.base62(18)),
  ),
  kind('infracost', 'INFRACOST_API_KEY', tail(['ic', 'o-'], base62(32))),
  kind('postman', 'POSTMAN_API_KEY', c => `${glue('PM', 'AK-')}${c.hex(24)}-${c.hex(34)}`),
  kind('k3s', 'K3S_TOKEN', c => `${glue('K', '10')}${c.hex(64)}::server:${c.hex(32)}`),
  kind('nomad-like-jwt', 'SERVICE_JWT', c => jwt(c)),
];

const MESSAGING: readonly TokenKind[] = [
  kind(
    'slack-bot',
    'SLACK_BOT_TOKEN',
    c => `${glue('xo', 'xb-')}${c.digits(12)}-${c.digits(13)}-${c.base62(24)}`,
  ),
  kind(
    'slack-user',
    'SLACK_TOKEN',
    c => `${glue('xo', 'xp-')}${c.digits(12)}-${c.digits(12)}-${c.digits(13)}-${c.hex(32)}`,
  ),
  kind(
    'slack-app',
    'SLACK_APP_TOKEN',
    c => `${glue('xap', 'p-')}1-A${c.upper(10)}-${c.digits(13)}-${c.hex(64)}`,
  ),
  kind(
    'slack-webhook',
    'SLACK_WEBHOOK',
    c => `https://hooks.slack.com/${glue('serv', 'ices')}/T${c.upper(10)}/B${c.upper(10)}/${c.base62(24)}`,
  ),
  kind(
    'discord-bot',
    'DISCORD_TOKEN',
    c => `${Buffer.from(c.digits(18)).toString('base64url')}.G${c.base64url(5)}.${c.base64url(38)}`,
  ),
  kind(
    'discord-webhook',
    'DISCORD_WEBHOOK_URL',
    c => `https://discord.com/api/${glue('web', 'hooks')}/${c.digits(18)}/${c.base64url(68)}`,
  ),
  kind(
    'telegram-bot',
    'TELEGRAM_BOT_TOKEN',
    c => `${c.digits(10)}:${glue('A', 'A')}${c.from('EFGH', 1)}${c.base64url(32)}`,
  ),
  kind(
    'teams-webhook',
    'TEAMS_WEBHOOK',
    c =>
      `https://${c.word()}.webhook.office.com/${glue('webhook', 'b2')}/${c.uuid()}@${c.uuid()}/IncomingWebhook/${c.hex(32)}/${c.uuid()}`,
  ),
  kind(
    'matrix-access',
    'MATRIX_TOKEN',
    c =>
      `${glue('sy', 't_')}${Buffer.from(c.word()).toString('base64').replaceAll('=', '')}_${c.letters(20)}_${c.base62(6)}`,
  ),
  kind('ntfy', 'NTFY_TOKEN', tail(['t', 'k_'], lower(29))),
  kind('twilio-key', 'TWILIO_API_KEY', tail(['S', 'K'], hex(32))),
  kind('sendgrid', 'SENDGRID_API_KEY', c => `${glue('S', 'G.')}${c.base64url(22)}.${c.base64url(43)}`),
  kind('mailgun', 'MAILGUN_API_KEY', tail(['ke', 'y-'], hex(32))),
  kind('mailchimp', 'MAILCHIMP_API_KEY', c => `${c.hex(32)}${glue('-u', 's')}${1 + c.int(20)}`),
  kind('brevo', 'BREVO_API_KEY', c => `${glue('xkey', 'sib-')}${c.hex(64)}-${c.base62(16)}`),
];

const PAYMENT: readonly TokenKind[] = [
  kind('stripe-live', 'STRIPE_SECRET_KEY', tail(['sk', '_live_'], base62(24))),
  kind('stripe-long', 'STRIPE_API_KEY', c => `${glue('sk', '_live_')}51${c.base62(97)}`),
  kind('stripe-restricted', 'STRIPE_RESTRICTED', c => `${glue('rk', '_live_')}51${c.base62(97)}`),
  kind('stripe-webhook', 'STRIPE_WEBHOOK_SECRET', tail(['wh', 'sec_'], base62(32))),
  kind(
    'square-access',
    'SQUARE_ACCESS_TOKEN',
    tail(['EA', 'AA'], c => `E${c.base64url(59)}`),
  ),
  kind('square-secret', 'SQUARE_SECRET', tail(['sq0', 'csp-'], base64url(43))),
  kind('shopify-admin', 'SHOPIFY_TOKEN', tail(['shp', 'at_'], hex(32))),
  kind('shopify-shared', 'SHOPIFY_SECRET', tail(['shp', 'ss_'], hex(32))),
  kind('shippo', 'SHIPPO_TOKEN', tail(['shippo', '_live_'], hex(40))),
  kind('duffel', 'DUFFEL_TOKEN', tail(['duffel', '_live_'], base64url(43))),
  kind('plaid', 'PLAID_ACCESS_TOKEN', c => `${glue('access', '-production-')}${c.uuid()}`),
  kind('easypost', 'EASYPOST_API_KEY', tail(['EZ', 'AK'], base62(54))),
];

const MODELS: readonly TokenKind[] = [
  kind(
    'openai-project',
    'OPENAI_API_KEY',
    c => `${glue('sk', '-proj-')}${c.base64url(74)}${glue('T3Blbk', 'FJ')}${c.base64url(74)}`,
  ),
  kind(
    'openai-legacy',
    'OPENAI_KEY',
    c => `${glue('s', 'k-')}${c.base62(20)}${glue('T3Blbk', 'FJ')}${c.base62(20)}`,
  ),
  kind('anthropic', 'ANTHROPIC_API_KEY', c => `${glue('sk', '-ant-api03-')}${c.base64url(93)}AA`),
  kind(
    'huggingface',
    'HF_TOKEN',
    tail(['h', 'f_'], c => c.letters(34)),
  ),
  kind('groq', 'GROQ_API_KEY', tail(['gs', 'k_'], base62(52))),
  kind('replicate', 'REPLICATE_API_TOKEN', tail(['r', '8_'], base62(37))),
  kind('perplexity', 'PPLX_API_KEY', tail(['pp', 'lx-'], base62(48))),
  kind('xai', 'XAI_API_KEY', tail(['xa', 'i-'], base62(80))),
  kind('langsmith', 'LANGSMITH_API_KEY', c => `${glue('lsv2', '_pt_')}${c.hex(32)}_${c.hex(10)}`),
];

const TOOLS: readonly TokenKind[] = [
  kind('linear', 'LINEAR_API_KEY', tail(['lin', '_api_'], base62(40))),
  kind('notion', 'NOTION_TOKEN', c => `${glue('nt', 'n_')}${c.digits(11)}${c.base62(35)}`),
  kind('notion-legacy', 'NOTION_SECRET', tail(['sec', 'ret_'], base62(43))),
  kind('figma', 'FIGMA_TOKEN', tail(['fig', 'd_'], base64url(40))),
  kind('airtable', 'AIRTABLE_TOKEN', c => `${glue('pa', 't')}${c.base62(14)}.${c.hex(64)}`),
  kind(
    'mapbox-secret',
    'MAPBOX_SECRET',
    c => `${glue('s', 'k.')}${base64Json({ u: c.word(), a: c.lower(25) })}.${c.base64url(22)}`,
  ),
  kind('dropbox', 'DROPBOX_TOKEN', tail(['s', 'l.'], base64url(136))),
  kind('contentful', 'CONTENTFUL_TOKEN', tail(['CF', 'PAT-'], base64url(43))),
  kind('readme-io', 'README_API_KEY', tail(['rd', 'me_'], lower(70))),
  kind(
    'adafruit',
    'ADAFRUIT_KEY',
    tail(['ai', 'o_'], c => c.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', 28)),
  ),
  kind('frameio', 'FRAMEIO_TOKEN', tail(['fi', 'o-u-'], base64url(64))),
  kind('asana', 'ASANA_PAT', c => `${glue('1', '/')}${c.digits(16)}:${c.hex(32)}`),
];

/** All issuers, some 110. */
export const TOKEN_KINDS: readonly TokenKind[] = [
  ...FORGES,
  ...REGISTRIES,
  ...CLOUDS,
  ...OPERATIONS,
  ...MESSAGING,
  ...PAYMENT,
  ...MODELS,
  ...TOOLS,
];

/** What is random in a token: without its prefix, the host of a webhook, or the header of a JWT. */
export function secretPart(value: string): string {
  if (value.startsWith('https://')) return value.slice(value.lastIndexOf('/') + 1);
  return value.slice(value.length < 40 ? 8 : 20);
}
