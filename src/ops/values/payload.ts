import { SecretsError } from '../../errors.ts';
import { Redacted } from '../../redacted.ts';
import { inspectEnvText } from './env-text.ts';

/** How a value is stored and delivered: one YAML string, a dotenv file, or the bytes of a binary file. */
export type PayloadKind = 'value' | 'env' | 'binary';

/** Where the bytes came from; it decides what happens to a final newline and to bytes that are no text. */
type PayloadSource = 'prompt' | 'stdin' | 'file' | 'generated';

export interface PayloadRequest {
  readonly bytes: Redacted<Uint8Array>;
  readonly source: PayloadSource;
  readonly env?: boolean | undefined;
  readonly binary?: boolean | undefined;
  readonly keepNewline?: boolean | undefined;
  readonly allowEmpty?: boolean | undefined;
}

/** A value in the form in which it will be stored. `env` and `value` are UTF-8 text. */
export interface Payload {
  readonly kind: PayloadKind;
  readonly bytes: Redacted<Uint8Array>;
  /** What a person should know about it; never the value. */
  readonly notes: readonly string[];
}

/**
 * Decides what a given value becomes, and refuses what would not arrive as it was typed.
 *
 * @throws SecretsError `EMPTY_VALUE`, `BAD_VALUE` (no text without `--binary`, a line without `=` in
 * `--env`), `USAGE` (both `--env` and `--binary`). No message holds any part of the value.
 */
export function toPayload(request: PayloadRequest): Payload {
  if (request.env && request.binary) {
    throw new SecretsError('USAGE', '--env and --binary exclude each other', {
      hint: 'an env file is text with one KEY=value a line; anything else is --binary',
    });
  }
  const bytes = request.bytes.reveal();
  if (bytes.length === 0 && !request.allowEmpty) throw emptyValue();
  if (request.binary) return { kind: 'binary', bytes: request.bytes, notes: [] };
  const text = decodeText(bytes);
  if (text === null) return notText(request);
  return request.env ? envPayload(text) : valuePayload(text, request);
}

function emptyValue(): SecretsError {
  return new SecretsError('EMPTY_VALUE', 'the value is empty', {
    hint: 'sops leaves an empty value in clear; if it is meant to be empty, say --allow-empty',
  });
}

/** Text, or `null` where the bytes are not valid UTF-8. A byte order mark stays: it is part of the value. */
function decodeText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function notText(request: PayloadRequest): Payload {
  if (request.env) {
    throw new SecretsError('BAD_VALUE', 'the env file is not valid UTF-8, systemd would refuse it', {
      hint: 'convert it to UTF-8, or store it as it is with --binary',
    });
  }
  if (request.source === 'file') {
    return {
      kind: 'binary',
      bytes: request.bytes,
      notes: ['not UTF-8 text, so it is stored as sops binary'],
    };
  }
  throw new SecretsError('BAD_VALUE', 'the value is not valid UTF-8 text', {
    hint: 'to store these bytes as they are, add --binary',
  });
}

function envPayload(text: string): Payload {
  const { notes, variables } = inspectEnvText(text);
  if (variables === 0) {
    throw new SecretsError('EMPTY_VALUE', 'the env file sets no variable', {
      hint: 'write one KEY=value a line',
    });
  }
  return { kind: 'env', bytes: redactedText(text), notes };
}

function valuePayload(text: string, request: PayloadRequest): Payload {
  const notes: string[] = [];
  const kept = withoutFinalNewline(text, request);
  if (kept !== text) notes.push('dropped the final newline (--keep-newline keeps it)');
  if (kept === '' && !request.allowEmpty) throw emptyValue();
  // base64 ends in `=`
  if (request.source !== 'generated' && looksLikeEnv(kept)) {
    notes.push(
      'every line is KEY=value: if a service reads it as an EnvironmentFile, --env encrypts each variable by itself',
    );
  }
  if (isLostAsYaml(kept)) {
    notes.push(
      'text that begins with a tab and has several lines is lost as YAML, so it is stored as sops binary',
    );
    return { kind: 'binary', bytes: redactedText(kept), notes };
  }
  return { kind: 'value', bytes: redactedText(kept), notes };
}

/** `echo secret | secrets add` is meant without the newline; a file and a text of several lines are exact. */
function withoutFinalNewline(text: string, request: PayloadRequest): string {
  if (request.source !== 'stdin' || request.keepNewline) return text;
  const single = /^[^\n]*\n$/.test(text);
  return single ? text.replace(/\r?\n$/, '') : text;
}

function looksLikeEnv(text: string): boolean {
  const lines = text.split('\n').filter(line => line !== '');
  return lines.length > 0 && lines.every(line => /^[A-Za-z_][A-Za-z0-9_]*=/.test(line));
}

/**
 * True for text that go-yaml writes as `null`: it begins with a tab and holds a newline
 * (sops-nix then refuses every secret of the host).
 */
export function isLostAsYaml(text: string): boolean {
  return text.startsWith('\t') && text.includes('\n');
}

function redactedText(text: string): Redacted<Uint8Array> {
  return new Redacted(new TextEncoder().encode(text));
}
