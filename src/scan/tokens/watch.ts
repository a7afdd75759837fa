import type { ScanRule } from '../model.ts';
import { type AssignedSpec, assignedRule, type TokenSpec, tokenRule } from './rule.ts';

const SEES = 'whoever reads it can read what is monitored, or flood it';
const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/** Monitoring, logs and errors. */
const SPECS: readonly TokenSpec[] = [
  {
    id: 'grafana-token',
    title: 'a Grafana token',
    keywords: ['glsa_', 'glc_', 'eyjrijoi'],
    pattern:
      '(?:glsa_[A-Za-z0-9]{32}_[0-9A-Fa-f]{8}|glc_[A-Za-z0-9+/]{32,400}={0,3}|eyJrIjoi[A-Za-z0-9]{60,400}={0,3})',
    end: '(?![A-Za-z0-9+/=])',
    why: SEES,
    revoke: 'revoke it in the service accounts or access policies of Grafana',
  },
  {
    id: 'sentry-token',
    title: 'a Sentry token',
    keywords: ['sntrys_', 'sntryu_', 'sntrya_', 'sntryi_'],
    pattern: 'sntry(?:s_eyJ[A-Za-z0-9+/=]{40,400}_[A-Za-z0-9+/]{43}|[uai]_[0-9a-f]{64})',
    why: SEES,
    revoke: 'revoke it at https://sentry.io/settings/auth-tokens/',
  },
  {
    id: 'healthchecks-key',
    title: 'an API key of Healthchecks.io',
    keywords: ['hcw_', 'hcr_'],
    pattern: 'hc[wr]_[A-Za-z0-9]{28,40}',
    why: SEES,
    revoke: 'revoke it in the settings of the project at https://healthchecks.io',
  },
  {
    id: 'newrelic-key',
    title: 'a New Relic key',
    keywords: ['nrak-', 'nrii-', 'nraa-', 'nrra-', 'nral'],
    before: { chars: /[0-9a-z]/, most: 36 },
    pattern:
      '(?:NR(?:AK|AA|RA)-[A-Z0-9]{27}|NRII-[A-Za-z0-9_-]{32}|(?:[a-z]{2}[0-9]{2}xx)?[0-9a-f]{30,36}(?:NR|FFFF)AL)',
    why: SEES,
    revoke: 'delete it at https://one.newrelic.com/api-keys',
  },
  {
    id: 'dynatrace-token',
    title: 'a Dynatrace token',
    keywords: [
      'dt0c01.',
      'dt0s01.',
      'dt0s02.',
      'dt0s03.',
      'dt0s06.',
      'dt0s08.',
      'dt0s16.',
      'dt0e01.',
      'dt0i01.',
    ],
    pattern: 'dt0[a-z][0-9]{2}\\.[A-Z0-9]{8,24}\\.([A-Z0-9]{64})',
    why: SEES,
    revoke: 'delete it under Access tokens in Dynatrace',
  },
  {
    id: 'posthog-key',
    title: 'a personal PostHog key',
    keywords: ['phx_', 'phs_'],
    pattern: 'ph[xs]_[A-Za-z0-9]{32,60}',
    why: SEES,
    revoke: 'delete it in the personal API keys of PostHog',
  },
  {
    id: 'honeycomb-key',
    title: 'a Honeycomb or Axiom key',
    keywords: ['hcaik_', 'hcbik_', 'hcxik_', 'hcamk_', 'hcxmk_', 'xaat-', 'xapt-'],
    pattern: `(?:hc[abx](?:ik|lk|mk)_([A-Za-z0-9]{58})|xa[ap]t-${UUID})`,
    why: SEES,
    revoke: 'delete it in the API keys of the team',
  },
  {
    id: 'pagerduty-key',
    title: 'a PagerDuty key',
    keywords: ['pdus+', 'pdeu+'],
    pattern: `pd(?:us|eu)\\+_[A-Za-z0-9]{8}_(${UUID})`,
    why: 'whoever reads it can silence or raise alarms',
    revoke: 'delete it under API access keys in PagerDuty',
  },
  {
    id: 'launchdarkly-key',
    title: 'a LaunchDarkly key',
    keywords: ['sdk-', 'api-'],
    pattern: `(?:sdk|api)-(${UUID})`,
    why: 'whoever reads it can read or change the flags',
    revoke: 'reset it in the settings of the environment',
  },
];

/** Where the name says what it is. */
const ASSIGNED: readonly AssignedSpec[] = [
  {
    id: 'datadog-key',
    title: 'a Datadog key',
    keywords: ['datadog', 'dd_api', 'dd_app', 'dd-api', 'dd-app', 'ddapikey', 'dd_key'],
    value: '(?:[0-9a-f]{40}|[0-9a-f]{32})',
    name: /key|tok|secret|^$/i,
    why: SEES,
    revoke: 'revoke it at https://app.datadoghq.com/organization-settings/api-keys',
  },
  {
    id: 'pagerduty-named-key',
    title: 'a PagerDuty key',
    keywords: ['pagerduty', 'pd_api', 'routing_key'],
    value: '(?:u\\+[A-Za-z0-9_-]{18}|y_[A-Za-z0-9_-]{18}|[A-Za-z0-9_+-]{20}|[0-9a-f]{32})',
    name: /key|tok|secret|^$/i,
    why: 'whoever reads it can silence or raise alarms',
    revoke: 'delete it under API access keys in PagerDuty',
  },
  {
    id: 'sentry-named-token',
    title: 'a Sentry token',
    keywords: ['sentry_auth', 'sentry_token', 'sentry-token'],
    value: '[0-9a-f]{64}',
    why: SEES,
    revoke: 'revoke it at https://sentry.io/settings/auth-tokens/',
  },
  {
    id: 'monitoring-key',
    title: 'a key of a monitoring service',
    keywords: [
      'opsgenie',
      'uptimerobot',
      'uptime_robot',
      'healthchecks',
      'betterstack',
      'logtail',
      'splunk',
      'rollbar',
      'bugsnag',
      'codecov',
      'snyk',
      'loggly',
      'papertrail',
    ],
    value: `(?:${UUID}|u[0-9]{5,9}-[0-9a-f]{24}|[A-Za-z0-9]{24}|[0-9a-f]{32})`,
    name: /key|tok|secret/i,
    why: SEES,
    revoke: 'delete it in the API settings of the service',
  },
];

/** Rules for monitoring. */
export const WATCH_RULES: readonly ScanRule[] = [...SPECS.map(tokenRule), ...ASSIGNED.map(assignedRule)];
