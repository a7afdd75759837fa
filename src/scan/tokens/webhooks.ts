import type { ScanRule } from '../model.ts';
import { type TokenSpec, tokenRule } from './rule.ts';

const POSTS = 'the address is the password: whoever reads it can post there';
const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/** Addresses that need nothing else. */
const SPECS: readonly TokenSpec[] = [
  {
    id: 'slack-webhook',
    title: 'the address of a Slack webhook',
    keywords: ['hooks.slack.com/'],
    pattern:
      'hooks\\.slack\\.com/(?:services/T[A-Z0-9]{6,14}/B[A-Z0-9]{6,14}/|(?:workflows|triggers)/T?[A-Z0-9]{6,14}/[A-Z0-9]{6,20}/(?:[0-9]{8,20}/)?)([A-Za-z0-9]{20,40})',
    why: POSTS,
    revoke: 'remove it in the settings of the app at https://api.slack.com/apps',
  },
  {
    id: 'discord-webhook',
    title: 'the address of a Discord webhook',
    keywords: ['discord.com/api/', 'discordapp.com/api/'],
    pattern: 'discord(?:app)?\\.com/api/(?:v[0-9]{1,2}/)?webhooks/[0-9]{17,20}/([A-Za-z0-9_-]{60,72})',
    why: POSTS,
    revoke: 'delete it under Integrations of the channel',
  },
  {
    id: 'teams-webhook',
    title: 'the address of a Microsoft Teams webhook',
    keywords: ['webhook.office.com/', 'outlook.office.com/webhook'],
    pattern: `(?:webhook\\.office\\.com/webhookb2|outlook\\.office\\.com/webhook)/(${UUID}@${UUID}/[A-Za-z]{4,30}/[0-9a-f]{32}/${UUID})`,
    why: POSTS,
    revoke: 'remove the connector from the channel',
  },
  {
    id: 'google-chat-webhook',
    title: 'the address of a Google Chat webhook',
    keywords: ['chat.googleapis.com/'],
    pattern:
      'chat\\.googleapis\\.com/v1/spaces/[A-Za-z0-9_-]{6,40}/messages\\?key=[A-Za-z0-9_-]{20,60}(?:&|&amp;|\\\\u0026)token=([A-Za-z0-9_%=-]{20,80})',
    why: POSTS,
    revoke: 'delete it under Apps & integrations of the space',
  },
  {
    id: 'lark-webhook',
    title: 'the address of a Lark, DingTalk or WeCom webhook',
    keywords: [
      'open.feishu.cn/',
      'open.larksuite.com/',
      'oapi.dingtalk.com/robot',
      'qyapi.weixin.qq.com/cgi-bin/webhook',
    ],
    pattern: `(?:open\\.(?:feishu\\.cn|larksuite\\.com)/open-apis/bot/v2/hook/(?:${UUID}|[A-Za-z0-9]{20,40})|oapi\\.dingtalk\\.com/robot/send\\?access_token=[0-9a-f]{64}|qyapi\\.weixin\\.qq\\.com/cgi-bin/webhook/send\\?key=${UUID})`,
    why: POSTS,
    revoke: 'remove the bot from the group and add it again',
  },
  {
    id: 'zapier-webhook',
    title: 'the address of a Zapier webhook',
    keywords: ['hooks.zapier.com/hooks/'],
    pattern: 'hooks\\.zapier\\.com/hooks/(?:catch|standard)/([0-9]{4,10}/[A-Za-z0-9]{5,40})',
    why: POSTS,
    revoke: 'make a new trigger in the Zap',
  },
  {
    id: 'ifttt-webhook',
    title: 'an IFTTT webhook key',
    keywords: ['maker.ifttt.com/'],
    pattern:
      'maker\\.ifttt\\.com/(?:use/|trigger/[A-Za-z0-9_-]{1,60}/(?:json/)?with/key/)([A-Za-z0-9_-]{20,50})',
    why: POSTS,
    revoke: 'edit the connection at https://ifttt.com/maker_webhooks',
  },
  {
    id: 'make-webhook',
    title: 'the address of a Make webhook',
    keywords: ['make.com/', 'integromat.com/', 'pipedream.net'],
    pattern: '(?:make|integromat)\\.com/([a-z0-9]{30,34})',
    strict: true,
    why: POSTS,
    revoke: 'make a new webhook in the scenario',
  },
  {
    id: 'private-calendar',
    title: 'the private address of a Google calendar',
    keywords: ['calendar.google.com/calendar/ical/'],
    pattern:
      'calendar\\.google\\.com/calendar/ical/[A-Za-z0-9%_.@-]{3,120}/private-([0-9a-f]{32})/basic\\.ics',
    why: 'whoever reads it can read the whole calendar',
    revoke: 'reset the private addresses in the settings of the calendar',
  },
];

/** Rules for addresses that are credentials. */
export const WEBHOOK_RULES: readonly ScanRule[] = SPECS.map(tokenRule);
