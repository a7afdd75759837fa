import { NIX_RULES } from './assignments/nix-rules.ts';
import { ASSIGNMENT_RULES } from './assignments/rules.ts';
import { CALL_RULES } from './formats/calls.ts';
import { COMMAND_PASSWORD } from './formats/commands.ts';
import { DATABASE_RULES } from './formats/database.ts';
import { HASH_RULES } from './formats/hashes.ts';
import { HEADER_RULES } from './formats/headers.ts';
import { KEY_FILE_RULES } from './formats/key-files.ts';
import { KUBERNETES_SECRET } from './formats/kubernetes.ts';
import { ACCOUNT_LINE } from './formats/line-files.ts';
import { LOGIN_FILE_RULES } from './formats/login-files.ts';
import { NETWORK_RULES } from './formats/network.ts';
import { SERVICE_RULES } from './formats/services.ts';
import { SQL_ROW } from './formats/sql-rows.ts';
import { TABLE_COLUMN } from './formats/tables.ts';
import { TERRAFORM_RULES } from './formats/terraform.ts';
import { OTPAUTH_RULE, URL_PASSWORD, WIFI_CODE } from './formats/urls.ts';
import type { ScanRule } from './model.ts';

/**
 * Rules for credentials that have no form of their own and are known by where they stand: formats that say so first,
 * then names that promise a secret.
 */
export const CONTEXT_RULES: readonly ScanRule[] = [
  URL_PASSWORD,
  OTPAUTH_RULE,
  WIFI_CODE,
  ...HEADER_RULES,
  ...LOGIN_FILE_RULES,
  ...HASH_RULES,
  ...NETWORK_RULES,
  KUBERNETES_SECRET,
  ...TERRAFORM_RULES,
  ...DATABASE_RULES,
  COMMAND_PASSWORD,
  ...CALL_RULES,
  ...SERVICE_RULES,
  ACCOUNT_LINE,
  TABLE_COLUMN,
  SQL_ROW,
  ...KEY_FILE_RULES,
  ...NIX_RULES,
  ...ASSIGNMENT_RULES,
];
