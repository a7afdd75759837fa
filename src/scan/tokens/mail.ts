import type { ScanRule } from '../model.ts';
import { type AssignedSpec, assignedRule, type TokenSpec, tokenRule } from './rule.ts';

const SENDS = 'whoever reads it can send mail or messages in your name';

/** Mail, texts and calls. */
const SPECS: readonly TokenSpec[] = [
  {
    id: 'sendgrid-key',
    title: 'a SendGrid key',
    keywords: ['sg.'],
    pattern: 'SG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}',
    why: SENDS,
    revoke: 'delete it at https://app.sendgrid.com/settings/api_keys',
  },
  {
    id: 'mailgun-key',
    title: 'a Mailgun key',
    keywords: ['key-', 'pubkey-'],
    pattern: 'key-[0-9a-f]{32}',
    why: SENDS,
    revoke: 'delete it under API Security in Mailgun',
  },
  {
    id: 'mailchimp-key',
    title: 'a Mailchimp key',
    keywords: ['-us'],
    before: { chars: /[0-9a-f]/, most: 32 },
    pattern: '[0-9a-f]{32}-us[0-9]{1,2}',
    why: SENDS,
    revoke: 'revoke it under API keys of the Mailchimp account',
  },
  {
    id: 'brevo-key',
    title: 'a Brevo key',
    keywords: ['xkeysib-', 'xsmtpsib-'],
    pattern: 'x(?:key|smtp)sib-[0-9a-f]{64}-[A-Za-z0-9]{16}',
    why: SENDS,
    revoke: 'delete it at https://app.brevo.com/settings/keys/api',
  },
  {
    id: 'resend-key',
    title: 'a Resend key',
    keywords: ['re_'],
    pattern: 're_[A-Za-z0-9]{7,10}_[A-Za-z0-9]{22,28}',
    strict: true,
    why: SENDS,
    revoke: 'remove it at https://resend.com/api-keys',
  },
  {
    id: 'mailersend-token',
    title: 'a MailerSend token',
    keywords: ['mlsn.'],
    pattern: 'mlsn\\.[0-9a-f]{64}',
    why: SENDS,
    revoke: 'delete it under API tokens in MailerSend',
  },
  {
    id: 'mandrill-key',
    title: 'a Mandrill key',
    keywords: ['md-'],
    // not `--md-primary-fg-color`, and not `systemd-…`, also where strings are joined
    pattern: '(?<![A-Za-z0-9-])md-[A-Za-z0-9_-]{22}',
    strict: true,
    why: SENDS,
    revoke: 'disable it in the settings of Mandrill',
  },
  {
    id: 'twilio-key',
    title: 'a Twilio API key',
    keywords: [...'0123456789abcdef'].map(digit => `sk${digit}`),
    pattern: 'SK[0-9a-f]{32}',
    why: 'together with its secret it can send messages and make calls at your cost',
    revoke: 'delete it under API keys in the Twilio console',
  },
  {
    id: 'klaviyo-key',
    title: 'a Klaviyo or ClickUp key',
    keywords: ['pk_'],
    pattern: 'pk_(?:[0-9a-f]{34}|[0-9]{6,10}_[A-Z0-9]{32})',
    revoke: 'delete it in the API keys of the account',
  },
  {
    id: 'typeform-token',
    title: 'a Typeform token',
    keywords: ['tfp_'],
    pattern: 'tfp_[A-Za-z0-9_.=-]{40,64}',
    revoke: 'revoke it at https://admin.typeform.com/user/tokens',
  },
  {
    id: 'hubspot-token',
    title: 'a HubSpot token',
    keywords: ['pat-na', 'pat-eu', 'pat-ap'],
    pattern: 'pat-(?:na|eu|ap)[0-9]-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
    revoke: 'rotate it in the settings of the private app',
  },
];

/** Where the name says what it is. */
const ASSIGNED: readonly AssignedSpec[] = [
  {
    id: 'twilio-secret',
    title: 'a Twilio secret',
    keywords: ['twilio', 'auth_token', 'authtoken'],
    value: '[0-9a-f]{32}',
    name: /tok|secret|key|auth|^$/i,
    why: 'whoever reads it can send messages and make calls at your cost',
    revoke: 'rotate it in the Twilio console',
  },
  {
    id: 'mailgun-named-key',
    title: 'a Mailgun key',
    keywords: ['mailgun', 'mg_api'],
    value: '[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}',
    why: SENDS,
    revoke: 'delete it under API Security in Mailgun',
  },
  {
    id: 'mail-service-key',
    title: 'a key of a mail service',
    keywords: ['postmark', 'sparkpost', 'mailjet', 'smtp2go', 'messagebird', 'vonage', 'nexmo'],
    value:
      '(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}|[0-9a-f]{40}|api-[A-F0-9]{32}|[A-Za-z0-9]{25})',
    name: /key|tok|secret|pass/i,
    why: SENDS,
    revoke: 'delete it in the API settings of the service',
  },
];

/** Rules for mail, texts and calls. */
export const MAIL_RULES: readonly ScanRule[] = [...SPECS.map(tokenRule), ...ASSIGNED.map(assignedRule)];
