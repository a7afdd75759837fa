import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { processorClock } from '../../src/cli/processor-clock.ts';
import { scanBytes } from '../../src/scan/engine.ts';
import type { ScanReport } from '../../src/scan/model.ts';
import { TOKEN_RULES } from '../../src/scan/tokens/index.ts';
import { diceOf, placeholderOf, random, sampleOf } from './samples.ts';

/** Tokens that are known by their own form: a line for each rule, with plans of {@link sampleOf}. */
const PLANS: ReadonlyMap<string, readonly string[]> = new Map(
  `
  github-token gh|p_{a30}{sum} gh|o_{a30}{sum} gh|s_{a30}{sum} gh|u_{a36} gh|r_{a76}
  github-fine-grained-token github|_pat_{a22}_{a59}
  gitlab-token gl|pat-{w20} gl|dt-{w20} gl|rt-t1_{w20} gl|ft-{w20} GR|1348941{w20} gl|pat-{w27}.01.{l9}
  gitlab-service-token gl|agent-{w50} gl|ptt-{h40} gl|cbt-64_{w20} gl|oas-{h64}
  bitbucket-token AT|BB{a32} ATC|TT3{w174}={H8}
  atlassian-token ATA|TT3{w174}={H8}
  trello-token AT|TA{h64}{H8}
  sourcegraph-token sg|p_{h16}_{h40} sg|p_local_{h40} sg|p_{h40}
  circleci-token CCI|PAT_{a22}_{h40}
  buildkite-token bk|ua_{h40}
  sonarqube-token sq|u_{h40} sq|p_{h40}
  octopus-key AP|I-{u26}
  jetbrains-token per|m:{a16}.{a12}.{a40}
  snyk-token sn|yk_uat.{h8}.{w60}
  postman-key PM|AK-{h24}-{h34}
  prefect-token pn|u_{a36}
  readme-key rd|me_{l70}
  npm-token np|m_{a30}{sum} np|m_{a36}
  pypi-token pypi-AgE|IcHlwaS5vcmc{w150}
  rubygems-token ruby|gems_{h48}
  crates-token ci|o{a32}
  nuget-key oy|2{l43}
  clojars-token CLO|JARS_{h60}
  packagist-token packagist|_uut_{h68}
  docker-hub-token dckr|_pat_{w27} dckr|_oat_{w32}
  artifactory-token AK|Cp{a69} cmV|mdGtu{a56}
  deno-token dd|p_{a36}
  aws-access-key AK|IA{s16} AS|IA{s16}
  aws-bedrock-key AB|SK{b128}
  google-api-key AI|za{w35}
  google-oauth-secret GOC|SPX-{w28}
  google-oauth-token ya|29.a0{w160} 1/|/0{w90}
  azure-storage-key Account|Key={b86}==
  azure-shared-access-key SharedAccess|Key={b43}=
  azure-sas-token si|g={a43}%3D
  azure-client-secret {a3}8Q|~{a34} {a3}7Q|~{a31}
  azure-devops-token {a76}AZ|DO{a4}
  azure-service-key {b76}+A|St{b6}== {a52}JQQ|J99{a26}
  digitalocean-token dop|_v1_{h64} doo|_v1_{h64}
  cloudflare-token cf|ut_{a40}{h8} cf|k_{a40}{h8}
  cloudflare-origin-key v1.|0-{h24}-{h146}
  scaleway-access-key SC|W{u17}
  alibaba-access-key LT|AI5t{a18}
  yandex-key AQ|VN{w36} y|0_{w58}
  fly-token fm|2_{b200} fo|1_{w43}
  heroku-key HR|KU-AA{w58} HR|KU-{uuid}
  render-key rn|d_{a32}
  netlify-token nf|p_{a36}
  vercel-token vercel|_blob_rw_{a16}_{a30} vc|p_{a56}
  scalingo-token tk-|us-{w48}
  infracost-key ic|o-{a32}
  openshift-token sha|256~{w43}
  upcloud-token uc|at_{u26} EX|O{h24}
  slack-token xo|xb-{d12}-{d13}-{a24} xo|xp-{d12}-{d12}-{d13}-{h32} xa|pp-1-A{u10}-{d13}-{h64} xo|xe.xo|xp-1-{a160}
  telegram-bot-token {d10}:A|A{w33} {d9}:A|A{w33}
  matrix-token sy|t_{a8}_{c20}_{a6} mc|t_{a30}_{a6}
  ntfy-token t|k_{l29}
  facebook-token EA|AG{a160}
  twitter-bearer-token AAAAAAAAAAAAAAAAAAAAA|A{a80}
  vk-token vk|1.a.{w190}
  slack-webhook https://hooks.slack|.com/services/T{u9}/B{u10}/{a24}
  discord-webhook https://discord|.com/api/webhooks/{d18}/{w68}
  teams-webhook https://x.webhook.office|.com/webhookb2/{uuid}@{uuid}/IncomingWebhook/{h32}/{uuid}
  google-chat-webhook https://chat.googleapis|.com/v1/spaces/{a11}/messages?key={a39}&token={a43}
  lark-webhook https://open.feishu|.cn/open-apis/bot/v2/hook/{uuid}
  zapier-webhook https://hooks.zapier|.com/hooks/catch/{d7}/{l7}x4k
  ifttt-webhook https://maker.ifttt|.com/trigger/lamp/with/key/{w43}
  make-webhook https://hook.eu1.make|.com/{l32}
  private-calendar https://calendar.google|.com/calendar/ical/a%40b.org/private-{h32}/basic.ics
  stripe-key sk|_live_{a24} rk|_live_{a99} sk|_test_{a24}
  stripe-webhook-secret wh|sec_{a32}
  square-token sq0|atp-{w22} sq0|csp-{w43} EA|AA{w60}
  braintree-token access_token|$production\${l16}\${h32}
  shopify-token shp|at_{h32} shp|ss_{h32}
  plaid-token access-|production-{uuid}
  duffel-token duffel|_live_{w43}
  easypost-key EZ|AK{a54}
  shippo-token shippo|_live_{h40}
  paddle-key polar|_oat_{a43}
  gocardless-token liv|e_{w40}
  razorpay-key rzp|_live_{a14}
  extended-private-key xpr|v9{x107}
  sendgrid-key S|G.{w22}.{w43}
  mailgun-key ke|y-{h32}
  mailchimp-key {h32}-u|s12
  brevo-key xkey|sib-{h64}-{a16}
  resend-key r|e_{a8}_{a24}
  mailersend-token ml|sn.{h64}
  mandrill-key m|d-{w22}
  twilio-key S|K{h32}
  klaviyo-key p|k_{h34}
  typeform-token tf|p_{w44}
  hubspot-token pat|-na1-{uuid}
  anthropic-key sk-|ant-api03-{w93}AA
  openrouter-key sk-|or-v1-{h64}
  langfuse-key sk-|lf-{uuid}
  openai-key s|k-{a20}T3Blbk|FJ{a20} sk-|proj-{w74}T3Blbk|FJ{w74} s|k-{a48}
  openai-project-key sk-|proj-{w120}
  elevenlabs-key s|k_{h48}
  groq-key gs|k_{a52}
  huggingface-token h|f_{c34}
  replicate-token r|8_{a37}
  perplexity-key pp|lx-{a48}
  xai-key xa|i-{a80}
  nvidia-key nv|api-{w64}
  together-key tgp|_v1_{w43}
  langsmith-key lsv|2_pt_{h32}_{h10}
  pinecone-key pc|sk_{a5}_{a63}
  search-service-key tv|ly-{a32} e2|b_{h40}
  wandb-key wandb|_v1_{w77}
  vault-token hv|s.{w91} hv|s.{a24} hv|b.{w140}
  terraform-token {a14}.atlas|v1.{w67}
  pulumi-token pu|l-{h40}
  doppler-token dp.|pt.{a43} dp.|st.prd.{a43}
  onepassword-secret-key A|3-{u6}-{u6}-{u5}-{u5}-{u5}-{u5}
  bitwarden-token 0.|{uuid}.{a30}:{b22}==
  infisical-token s|t.{h24}.{h32}.{h32}
  databricks-token da|pi{h32} da|pi{h32}-2
  planetscale-token pscale|_tkn_{w43} pscale|_pw_{w43}
  supabase-key sb|p_{h40} sb|_secret_{w31}
  neon-key nap|i_{l64}
  aiven-password AV|NS_{w19}
  mongodb-atlas-secret mdb|_sa_sk_{w40}
  airtable-token pa|t{a14}.{h64}
  harness-token pa|t.{w22}.{h24}.{a20}
  grafana-token gl|sa_{a32}_{h8} gl|c_{b80}
  sentry-token sntr|yu_{h64}
  newrelic-key NR|AK-{u27} eu01xx{h30}NR|AL
  dynatrace-token dt0|c01.{u24}.{u64}
  posthog-key ph|x_{a43}
  honeycomb-key xa|at-{uuid}
  pagerduty-key pd|us+_0XBPWQQ5_{uuid}
  launchdarkly-key sd|k-{uuid}
  linear-key lin|_api_{a40}
  notion-token nt|n_{d11}{a35} sec|ret_{a43}
  figma-token fig|d_{w40}
  frameio-token fi|o-u-{w64}
  asana-token 1/|{d16}:{h32}
  settlemint-token sm|_aat_{a16}
  contentful-token CF|PAT-{w43}
  dropbox-token s|l.u.{w1100} s|l.{w136}
  adafruit-key ai|o_{c28}
  mapbox-secret-token sk.|eyJ{w80}.{w22}
  chromatic-token sec|ret-{a43}
  stytch-key secret|-live-{w36}
  maxmind-key {a6}_{a29}_mm|k
  porkbun-secret sk|1_{h64} pk|1_{h64}
  twitter-bearer AAAAAAAAAAAAAAA|AAAAAA{a25}%3D{a45} AAAAAAAAAAAAAAA|AAAAAA{a12}%2B{a11}%3D{a45}
  fcm-server-key AAAA{a7}:APA|91b{w134}
  salesforce-session 00|D{a12}!{a90}
  linkedin-secret WPL_|AP1.{a16}.{a6}==
  healthchecks-key hc|w_{a32}
  tailscale-key ts|key-auth-k{a10}CNTRL-{a32} ts|key-api-k{a10}CNTRL-{a32}
  headscale-key hs|key-auth-{w12}-{w64}
  netbird-token nb|p_{a36}
  k3s-token K|10{h64}::server:{h32}
  docker-swarm-token SWM|TKN-1-{l50}-{l25}
  rancher-token tok|en-{l5}:{l54}
`
    .trim()
    .split('\n')
    .map(line => line.trim().split(' '))
    .map(([rule = '', ...list]) => [rule, list]),
);

/** Credentials that a name gives away: rule, what stands before, the plan of the value. */
const ASSIGNED: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'forge-token': [['GITEA_TOKEN=', '{h40}']],
  'cachix-signing-key': [['CACHIX_SIGNING_KEY=', '{b86}==']],
  'aws-secret-key': [
    ['AWS_SECRET_ACCESS_KEY=', '{b40}'],
    ['aws_secret_access_key = ', '{b40}'],
  ],
  'aws-session-token': [['aws_session_token = ', 'IQo|J{b300}']],
  'hetzner-token': [
    ['HCLOUD_TOKEN=', '{a64}'],
    ['hcloud_token: "', '{a64}'],
    ['- name: HCLOUD_TOKEN\n  value: ', '{a64}'],
  ],
  'cloudflare-named-token': [
    ['CLOUDFLARE_API_TOKEN=', '{w40}'],
    ['cf_api_key = "', '{h37}'],
  ],
  'linode-token': [['LINODE_TOKEN=', '{h64}']],
  'vultr-key': [['VULTR_API_KEY=', '{u36}']],
  'ovh-secret': [['OVH_APPLICATION_SECRET=', '{a32}']],
  'scaleway-secret-key': [['SCW_SECRET_KEY=', '{uuid}']],
  'heroku-named-key': [['HEROKU_API_KEY=', '{uuid}']],
  'netlify-named-token': [['VERCEL_TOKEN=', '{a24}']],
  'backblaze-key': [['B2_APPLICATION_KEY=', 'K|005{b27}']],
  's3-secret-key': [['MINIO_SECRET_KEY=', '{a40}']],
  'ibm-cloud-key': [['IBMCLOUD_API_KEY=', '{w44}']],
  'cloudflare-tunnel-secret': [['"TunnelSecret":"', '{b43}=']],
  'gotify-token': [['GOTIFY_TOKEN=', 'A{a14}']],
  'pushover-key': [['pushover_token: ', '{l30}']],
  'mattermost-token': [['MATTERMOST_TOKEN=', '{l26}']],
  'discord-client-secret': [['DISCORD_CLIENT_SECRET=', '{w32}']],
  'twitch-secret': [['TWITCH_CLIENT_SECRET=', '{l30}']],
  'paypal-secret': [['PAYPAL_CLIENT_SECRET=', 'E{w79}']],
  'wallet-private-key': [['PRIVATE_KEY=', '0x{h64}']],
  'twilio-secret': [['TWILIO_AUTH_TOKEN=', '{h32}']],
  'mailgun-named-key': [['MAILGUN_API_KEY=', '{h32}-{h8}-{h8}']],
  'mail-service-key': [['POSTMARK_SERVER_TOKEN=', '{uuid}']],
  'model-service-key': [['MISTRAL_API_KEY=', '{a32}']],
  'vault-old-token': [['VAULT_TOKEN=', 's.{a24}']],
  'consul-token': [['CONSUL_HTTP_TOKEN=', '{uuid}']],
  'algolia-key': [['ALGOLIA_ADMIN_KEY=', '{h32}']],
  'influxdb-token': [['INFLUX_TOKEN=', '{w86}==']],
  'azure-cosmos-key': [['AZURE_STORAGE_KEY=', '{b86}==']],
  'datadog-key': [['DD_API_KEY=', '{h32}']],
  'pagerduty-named-key': [['PAGERDUTY_API_KEY=', 'u+{w18}']],
  'sentry-named-token': [['SENTRY_AUTH_TOKEN=', '{h64}']],
  'monitoring-key': [['OPSGENIE_API_KEY=', '{uuid}']],
  'okta-token': [['Authorization: SSWS ', '00{w40}']],
  'auth0-secret': [['AUTH0_CLIENT_SECRET=', '{w64}']],
  'dns-provider-key': [['DUCKDNS_TOKEN=', '{uuid}']],
  'service-key': [['SPOTIFY_CLIENT_SECRET=', '{h32}']],
  'kubeadm-token': [['kubeadm join 10.0.0.1:6443 --token ', '{l6}.{l16}']],
  'home-service-key': [['SONARR__API_KEY=', '{h32}']],
  'home-service-token': [['PAPERLESS_API_TOKEN=', '{h40}']],
  'mullvad-account': [['mullvad account login ', '{d16}']],
  'nextcloud-app-password': [['NEXTCLOUD_APP_PASSWORD=', '{a5}-{a5}-{a5}-{a5}-{a5}']],
  'nix-access-token': [['access-tokens = git.example.org=', '{a40}']],
};

/** Made by functions: their parts depend on each other. */
const MADE_ELSEWHERE = ['jwt', 'discord-bot-token', 'onepassword-service-account'];

function scan(text: string, path = 'notes.txt'): ScanReport {
  return scanBytes(path, Buffer.from(text), { now: processorClock });
}

function rulesIn(text: string, path?: string): string[] {
  return scan(text, path).findings.map(finding => finding.rule);
}

function shows(report: unknown, value: string): boolean {
  const texts = [JSON.stringify(report), inspect(report, { depth: 9, showHidden: true }), String(report)];
  return texts.some(text => text.includes(value) || text.includes(value.slice(-12)));
}

const plans = [...PLANS].flatMap(([rule, list]) => list.map(plan => ({ rule, plan })));
const assigned = Object.entries(ASSIGNED).flatMap(([rule, list]) =>
  list.map(([before, plan]) => ({ rule, before, plan })),
);

describe('a token known by its form', () => {
  it.each(plans)('$rule: $plan', ({ rule, plan }) => {
    const dice = diceOf(plan);
    for (let round = 0; round < 5; round += 1) {
      const token = sampleOf(plan, dice);
      for (const text of [
        `${token}\n`,
        `x = "${token}";\n`,
        `TOKEN=${token}`,
        `{"a":"${token}"}`,
        `<b>${token}</b>`,
      ]) {
        const report = scan(text);
        expect(report.findings.map(finding => finding.rule)).toContain(rule);
        expect(shows(report, token)).toBe(false);
      }
    }
  });

  it.each(plans)('$rule is no placeholder of the form $plan', ({ rule, plan }) => {
    for (const char of ['x', 'X', '0', 'a', 'A', '1']) {
      expect(rulesIn(`token = "${placeholderOf(plan, char)}"`)).not.toContain(rule);
    }
  });

  it.each(['github-token', 'aws-access-key', 'google-api-key', 'npm-token', 'digitalocean-token'])(
    '%s: one character too few, or a letter before it, makes it another thing',
    rule => {
      const token = sampleOf((PLANS.get(rule) ?? [])[0] ?? '', diceOf(rule));
      expect(rulesIn(token.slice(0, -1))).not.toContain(rule);
      expect(rulesIn(`q${token}`)).not.toContain(rule);
    },
  );

  it('is known in the middle of escapes, and touching other values in a binary file', () => {
    const token = sampleOf('gh|p_{a30}{sum}', diceOf('escapes'));
    expect(rulesIn(`"A=1\\n${token}\\nB=2"`)).toEqual(['github-token']);
    const binary = Buffer.concat([
      Buffer.from([0, 1, 2, 0xff]),
      Buffer.from(`key${token}`),
      Buffer.from([3, 0]),
    ]);
    expect(scanBytes('a.sqlite', binary, { now: () => 0 }).findings).toHaveLength(1);
  });

  it('with a wrong checksum counts only where it looks random', () => {
    expect(rulesIn(['gh', 'p_thisIsJustAnotherNameInSomeDocument0'].join(''))).toEqual([]);
    expect(rulesIn(sampleOf('gh|p_{a36}', diceOf('wrong')))).toEqual(['github-token']);
  });
});

describe('a token known by its name', () => {
  it.each(assigned)('$rule: $before', ({ rule, before, plan }) => {
    const dice = diceOf(before + plan);
    for (let round = 0; round < 5; round += 1) {
      const value = sampleOf(plan, dice);
      const text = `# comment\n${before}${value}${before.endsWith('"') ? '"' : ''}\n`;
      const report = scan(text);
      expect(report.findings.map(finding => finding.rule)).toContain(rule);
      expect(shows(report, value)).toBe(false);
    }
  });

  it.each(assigned)('$rule is nothing without the name', ({ rule, plan }) => {
    expect(rulesIn(`thing ${sampleOf(plan, diceOf(plan))}\n`)).not.toContain(rule);
  });

  it.each([
    ['uses: cloudflare/wrangler-action@', '{h40}'],
    ['datadog_sha256 = ', '{h64}'],
    ['hcloud_checksum: ', '{h64}'],
    ['cloudflare-commit = ', '{h40}'],
    ['sonarr_version_hash=', '{h32}'],
    ['DD_API_KEY_ID=', '{h32}'],
    ['spotify_redirect_url = ', '{h32}'],
  ])('what %s names is public', (before, plan) => {
    expect(rulesIn(`${before}${sampleOf(plan, diceOf(before))}\n`)).toEqual([]);
  });
});

describe('tokens whose parts depend on each other', () => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const dice = diceOf('jwt');

  it('a signed token, but not that of tutorials, nor one that browsers are given', () => {
    const sign = (claims: object) =>
      `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}.${random('w', 43, dice)}`;
    expect(rulesIn(`token: ${sign({ sub: 'megumu', exp: 1893456000 })}`)).toEqual(['jwt']);
    expect(rulesIn(`token: ${sign({ sub: '1234567890', name: 'John Doe' })}`)).not.toContain('jwt');
    expect(rulesIn(`token: ${sign({ iss: 'supabase', role: 'anon' })}`)).not.toContain('jwt');
    expect(rulesIn(`${encode({ a: 1 })}.${encode({ b: 2 })}.${random('w', 43, dice)}`)).not.toContain('jwt');
  });

  it('a Discord bot token begins with a number', () => {
    const rest = `.G${random('w', 5, dice)}.${random('w', 38, dice)}`;
    const number = Buffer.from(random('d', 18, dice)).toString('base64url');
    expect(rulesIn(`DISCORD = ${number}${rest}`)).toContain('discord-bot-token');
    expect(rulesIn(`DISCORD = M${random('a', 23, dice)}${rest}`)).not.toContain('discord-bot-token');
  });

  it('a 1Password service account is JSON', () => {
    const body = Buffer.from(
      JSON.stringify({ signInAddress: 'a.1password.com', secretKey: random('u', 60, dice) }),
    );
    const other = Buffer.from(JSON.stringify({ name: random('u', 90, dice) }));
    expect(rulesIn(['op', 's_', body.toString('base64')].join(''))).toContain('onepassword-service-account');
    expect(rulesIn(['op', 's_', other.toString('base64')].join(''))).not.toContain(
      'onepassword-service-account',
    );
  });

  it('a secret key of AWS stands near its identifier, under any name', () => {
    const id = sampleOf('AK|IA{s16}', dice);
    expect(rulesIn(`[a]\nid = ${id}\nword = ${sampleOf('{b40}', dice)}\n`)).toEqual([
      'aws-access-key',
      'aws-secret-key',
    ]);
    expect(rulesIn(`id = ${id}\nrev = ${sampleOf('{h40}', dice)}\n`)).toEqual(['aws-access-key']);
    expect(rulesIn(['AK', 'IAIOSFODNN7', 'EXAMPLE'].join(''))).toEqual([]);
  });
});

describe('the table', () => {
  it('has a sample for every rule', () => {
    const ids = TOKEN_RULES.map(rule => rule.id).sort();
    expect([...new Set(ids)]).toEqual(ids);
    expect([...PLANS.keys(), ...Object.keys(ASSIGNED), ...MADE_ELSEWHERE].sort()).toEqual(ids);
  });

  it('says of each what it is, what it opens and where it is revoked', () => {
    for (const rule of TOKEN_RULES) {
      expect(rule.id).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
      expect(rule.title).toMatch(/^(?:an?|the) \S/);
      expect(rule.revoke ?? '', rule.id).toMatch(/^\S.*[^.]$/);
      expect(rule.keywords.every(keyword => keyword === keyword.toLowerCase() && keyword.length >= 3)).toBe(
        true,
      );
    }
  });
});
