import type { ScanRule } from '../model.ts';
import { type AssignedSpec, assignedRule, type TokenSpec, tokenRule } from './rule.ts';

const COSTS = 'whoever reads it can use the models at your cost, and read what is stored there';
const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/** Language models and what surrounds them. */
const SPECS: readonly TokenSpec[] = [
  {
    id: 'anthropic-key',
    title: 'an Anthropic key',
    keywords: ['sk-ant-'],
    pattern: 'sk-ant-(?:api[0-9]{2}|admin[0-9]{2}|oat[0-9]{2}|ort[0-9]{2})-([A-Za-z0-9_-]{80,120})',
    why: COSTS,
    revoke: 'delete it at https://console.anthropic.com/settings/keys',
  },
  {
    id: 'openrouter-key',
    title: 'an OpenRouter key',
    keywords: ['sk-or-'],
    pattern: 'sk-or-v[0-9]-([0-9a-f]{64})',
    why: COSTS,
    revoke: 'delete it at https://openrouter.ai/settings/keys',
  },
  {
    id: 'langfuse-key',
    title: 'a Langfuse secret key',
    keywords: ['sk-lf-'],
    pattern: `sk-lf-(${UUID})`,
    why: COSTS,
    revoke: 'delete it in the settings of the Langfuse project',
  },
  {
    id: 'openai-key',
    title: 'an OpenAI key',
    keywords: ['sk-'],
    pattern:
      'sk-(?:(?:proj|svcacct|admin|service|None)-)?([A-Za-z0-9_-]{20,100}T3BlbkFJ[A-Za-z0-9_-]{20,100}|[A-Za-z0-9]{48}|[0-9a-f]{32})',
    why: COSTS,
    revoke: 'delete it at https://platform.openai.com/api-keys',
  },
  {
    id: 'openai-project-key',
    title: 'an OpenAI key',
    keywords: ['sk-proj-', 'sk-svcacct-', 'sk-admin-'],
    pattern: 'sk-(?:proj|svcacct|admin)-([A-Za-z0-9_-]{40,200})',
    strict: true,
    why: COSTS,
    revoke: 'delete it at https://platform.openai.com/api-keys',
  },
  {
    id: 'elevenlabs-key',
    title: 'an ElevenLabs key',
    keywords: ['sk_'],
    pattern: 'sk_([0-9a-f]{48})',
    why: COSTS,
    revoke: 'delete it in the API keys of ElevenLabs',
  },
  {
    id: 'groq-key',
    title: 'a Groq key',
    keywords: ['gsk_'],
    pattern: 'gsk_[A-Za-z0-9]{48,56}',
    why: COSTS,
    revoke: 'delete it at https://console.groq.com/keys',
  },
  {
    id: 'huggingface-token',
    title: 'a Hugging Face token',
    keywords: ['hf_', 'api_org_'],
    pattern: '(?:hf|api_org)_([A-Za-z0-9]{34,37})',
    strict: true,
    why: COSTS,
    revoke: 'delete it at https://huggingface.co/settings/tokens',
  },
  {
    id: 'replicate-token',
    title: 'a Replicate token',
    keywords: ['r8_'],
    pattern: 'r8_[A-Za-z0-9]{37}',
    why: COSTS,
    revoke: 'disable it at https://replicate.com/account/api-tokens',
  },
  {
    id: 'perplexity-key',
    title: 'a Perplexity key',
    keywords: ['pplx-'],
    pattern: 'pplx-[A-Za-z0-9]{48}',
    why: COSTS,
    revoke: 'delete it in the API settings of Perplexity',
  },
  {
    id: 'xai-key',
    title: 'an xAI key',
    keywords: ['xai-'],
    pattern: 'xai-[A-Za-z0-9]{70,90}',
    why: COSTS,
    revoke: 'delete it at https://console.x.ai',
  },
  {
    id: 'nvidia-key',
    title: 'an NVIDIA key',
    keywords: ['nvapi-'],
    pattern: 'nvapi-[A-Za-z0-9_-]{60,70}',
    why: COSTS,
    revoke: 'delete it at https://build.nvidia.com/settings/api-keys',
  },
  {
    id: 'together-key',
    title: 'a Together or Fireworks key',
    keywords: ['tgp_v1_', 'fw_'],
    pattern: '(?:tgp_v1_([A-Za-z0-9_-]{43})|fw_[A-Za-z0-9]{22,24})',
    strict: true,
    why: COSTS,
    revoke: 'delete it in the API keys of the account',
  },
  {
    id: 'langsmith-key',
    title: 'a LangSmith key',
    keywords: ['lsv2_'],
    pattern: 'lsv2_(?:pt|sk)_([0-9a-f]{32}_[0-9a-f]{10})',
    why: COSTS,
    revoke: 'delete it in the settings of LangSmith',
  },
  {
    id: 'pinecone-key',
    title: 'a Pinecone key',
    keywords: ['pcsk_'],
    pattern: 'pcsk_[A-Za-z0-9]{5,6}_[A-Za-z0-9]{60,66}',
    why: 'whoever reads it can read and delete what is stored',
    revoke: 'delete it in the API keys of Pinecone',
  },
  {
    id: 'search-service-key',
    title: 'a key of a search or crawling service',
    keywords: ['tvly-', 'fc-', 'jina_', 'pa-', 'csk-', 'rpa_', 'e2b_'],
    pattern:
      '(?:tvly-(?:dev-|prod-)?([A-Za-z0-9]{32})|fc-[0-9a-f]{32}|jina_[A-Za-z0-9_-]{56,64}|pa-[A-Za-z0-9_-]{43}|csk-[a-z0-9]{48}|rpa_[A-Z0-9]{40,50}|e2b_[0-9a-f]{40})',
    strict: true,
    why: COSTS,
    revoke: 'delete it in the API keys of the account',
  },
  {
    id: 'wandb-key',
    title: 'a Weights & Biases key',
    keywords: ['wandb_v1_'],
    pattern: 'wandb_v1_[A-Za-z0-9_-]{60,100}',
    why: COSTS,
    revoke: 'revoke it at https://wandb.ai/authorize',
  },
];

/** Where the name says what it is. */
const ASSIGNED: readonly AssignedSpec[] = [
  {
    id: 'model-service-key',
    title: 'a key of a model service',
    keywords: [
      'mistral',
      'cohere',
      'co_api_key',
      'deepgram',
      'assemblyai',
      'stability',
      'wandb',
      'ai21',
      'deepseek',
    ],
    value: '(?:[A-Za-z0-9]{32}|[A-Za-z0-9]{40})',
    name: /key|tok|secret|^$/i,
    why: COSTS,
    revoke: 'delete it in the API keys of the account',
  },
];

/** Rules for language models and what surrounds them. */
export const AI_RULES: readonly ScanRule[] = [...SPECS.map(tokenRule), ...ASSIGNED.map(assignedRule)];
