import { Buffer } from 'node:buffer';
import type { ScanRule } from '../model.ts';
import { type AssignedSpec, assignedRule, type TokenSpec, tokenRule } from './rule.ts';

const SPEAKS = 'whoever reads it can read and write messages in its name';

/** Every Discord token begins with the account's number in base64: three digits give these beginnings. */
const NUMBERS = Array.from({ length: 1000 }, (_, i) =>
  Buffer.from(String(i).padStart(3, '0')).toString('base64').toLowerCase(),
);

function beginsWithNumber(token: string): boolean {
  return /^[0-9]{17,20}$/.test(Buffer.from(token.split('.', 1)[0] ?? '', 'base64').toString('latin1'));
}

/** Where people talk. */
const SPECS: readonly TokenSpec[] = [
  {
    id: 'slack-token',
    title: 'a Slack token',
    keywords: [
      'xoxb-',
      'xoxp-',
      'xoxa-',
      'xoxr-',
      'xoxs-',
      'xoxo-',
      'xoxc-',
      'xoxd-',
      'xoxe-',
      'xoxe.xox',
      'xapp-',
    ],
    pattern:
      '(?:xox[abcoprs](?:-[0-9])?-[0-9]{8,14}-[A-Za-z0-9-]{18,120}|xox[ars]-[0-9]-[A-Za-z0-9-]{20,200}|xoxd-[A-Za-z0-9%+/=-]{40,400}|xoxe(?:\\.xox[bp])?-[0-9]-[A-Za-z0-9]{100,300}|xapp-[0-9]-[A-Z0-9]{8,14}-[0-9]{8,15}-[0-9a-f]{32,80})',
    why: SPEAKS,
    revoke: 'revoke it in the settings of the app at https://api.slack.com/apps',
  },
  {
    id: 'discord-bot-token',
    title: 'a Discord bot token',
    keywords: NUMBERS,
    pattern: '[MNO][A-Za-z0-9]{22,27}\\.([A-Za-z0-9_-]{6}\\.[A-Za-z0-9_-]{27,38})',
    check: beginsWithNumber,
    why: SPEAKS,
    revoke: 'reset it at https://discord.com/developers/applications',
  },
  {
    id: 'telegram-bot-token',
    title: 'a Telegram bot token',
    keywords: [':aa'],
    before: { chars: /[0-9]/, most: 10 },
    pattern: '[0-9]{8,10}:AA([A-Za-z0-9_-]{32,33})',
    why: SPEAKS,
    revoke: 'revoke it with /revoke at @BotFather',
  },
  {
    id: 'matrix-token',
    title: 'a Matrix access token',
    keywords: ['syt_', 'syr_', 'mct_', 'mcr_', 'mat_', 'mar_', 'mpt_'],
    pattern:
      '(?:sy[tr]_[A-Za-z0-9+/=-]{2,120}_[A-Za-z]{20}_[A-Za-z0-9]{6}|m(?:ct|cr|at|ar|pt)_[A-Za-z0-9]{30}_[A-Za-z0-9]{6})',
    why: SPEAKS,
    revoke: 'log that device out (POST /_matrix/client/v3/logout)',
  },
  {
    id: 'twitter-bearer',
    title: 'a bearer token of X (Twitter)',
    keywords: ['a'.repeat(19)],
    // in the base64 of zeros there is no percent sign
    pattern: 'A{19,24}([A-Za-z0-9]{10,60}(?:%[23][A-F0-9][A-Za-z0-9]{1,60}){1,4})',
    why: SPEAKS,
    revoke: 'regenerate it in the developer portal of X',
  },
  {
    id: 'fcm-server-key',
    title: 'a server key of Firebase Cloud Messaging',
    keywords: [':apa91b'],
    before: { chars: /[A-Za-z0-9_-]/, most: 11 },
    pattern: 'AAAA[A-Za-z0-9_-]{7}:APA91b([A-Za-z0-9_-]{120,160})',
    why: 'whoever reads it can send messages to every user of the app',
    revoke: 'delete it under Cloud Messaging in the Firebase console',
  },
  {
    id: 'ntfy-token',
    title: 'an ntfy token',
    keywords: ['tk_'],
    pattern: 'tk_[a-z0-9]{29}',
    why: 'whoever reads it can read and send your notifications',
    revoke: 'remove it with ntfy token remove',
  },
  {
    id: 'facebook-token',
    title: 'a Facebook or Instagram token',
    keywords: ['eaa', 'igqv'],
    pattern: '(?:EAA[A-Za-z0-9]{100,400}|IGQV[A-Za-z0-9_-]{100,400})',
    strict: true,
    why: SPEAKS,
    revoke: 'revoke it in the settings of the app at https://developers.facebook.com',
  },
  {
    id: 'twitter-bearer-token',
    title: 'an X (Twitter) bearer token',
    keywords: ['aaaaaaaaaaaaaaaaaaaa'],
    pattern: 'A{20,24}([A-Za-z0-9%]{76,110})',
    end: '(?![A-Za-z0-9%])',
    strict: true,
    why: SPEAKS,
    revoke: 'regenerate it at https://developer.x.com',
  },
  {
    id: 'vk-token',
    title: 'a VK token',
    keywords: ['vk1.a.'],
    pattern: 'vk1\\.a\\.[A-Za-z0-9_-]{80,260}',
    why: SPEAKS,
    revoke: 'end all sessions in the account settings',
  },
];

/** Where the name says what it is. */
const ASSIGNED: readonly AssignedSpec[] = [
  {
    id: 'gotify-token',
    title: 'a Gotify token',
    keywords: ['gotify'],
    value: '[AC][A-Za-z0-9._-]{14}',
    why: 'whoever reads it can read or send your notifications',
    revoke: 'delete that application or client in Gotify',
  },
  {
    id: 'pushover-key',
    title: 'a Pushover token or key',
    keywords: ['pushover'],
    value: '[a-z0-9]{30}',
    why: 'whoever reads it can send you notifications',
    revoke: 'make a new one at https://pushover.net',
  },
  {
    id: 'mattermost-token',
    title: 'a Mattermost token',
    keywords: ['mattermost', 'mm_token', 'mmtoken'],
    value: '[a-z0-9]{26}',
    why: SPEAKS,
    revoke: 'revoke it in the security settings of the account',
  },
  {
    id: 'discord-client-secret',
    title: 'a Discord client secret',
    keywords: ['discord'],
    value: '[A-Za-z0-9_-]{32}',
    name: /secret/i,
    why: 'whoever reads it can log people in as your application',
    revoke: 'reset it at https://discord.com/developers/applications',
  },
  {
    id: 'twitch-secret',
    title: 'a Twitch token or client secret',
    keywords: ['twitch', 'oauth:'],
    value: '[a-z0-9]{30}',
    name: /tok|secret|pass|oauth|^$/i,
    why: SPEAKS,
    revoke: 'disconnect it at https://www.twitch.tv/settings/connections',
  },
];

/** Rules for chat and notifications. */
export const CHAT_RULES: readonly ScanRule[] = [...SPECS.map(tokenRule), ...ASSIGNED.map(assignedRule)];
