import type { ScanRule } from '../model.ts';
import { AI_RULES } from './ai.ts';
import { AWS_RULES } from './aws.ts';
import { CHAT_RULES } from './chat.ts';
import { CLOUD_RULES } from './cloud.ts';
import { NAMED_CLOUD_RULES } from './cloud-named.ts';
import { CODE_RULES } from './code.ts';
import { DATA_RULES } from './data.ts';
import { JWT_RULES } from './jwt.ts';
import { MAIL_RULES } from './mail.ts';
import { MONEY_RULES } from './money.ts';
import { OWN_HOST_RULES } from './own-hosts.ts';
import { REGISTRY_RULES } from './registries.ts';
import { WATCH_RULES } from './watch.ts';
import { WEBHOOK_RULES } from './webhooks.ts';
import { WORK_RULES } from './work.ts';

/** What issuers give out, known by its form or its name. Of two that fit the same text the earlier one wins. */
export const TOKEN_RULES: readonly ScanRule[] = [
  ...CODE_RULES,
  ...REGISTRY_RULES,
  ...AWS_RULES,
  ...CLOUD_RULES,
  ...NAMED_CLOUD_RULES,
  ...CHAT_RULES,
  ...WEBHOOK_RULES,
  ...MONEY_RULES,
  ...MAIL_RULES,
  ...AI_RULES,
  ...DATA_RULES,
  ...WATCH_RULES,
  ...WORK_RULES,
  ...OWN_HOST_RULES,
  ...JWT_RULES,
];
