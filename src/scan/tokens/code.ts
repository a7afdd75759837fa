import type { ScanRule } from '../model.ts';
import { endsInChecksum } from './checksum.ts';
import { assignedRule, type TokenSpec, tokenRule } from './rule.ts';

const PUSHES = 'whoever reads it can read and change repositories with its rights';

/** Hosts of code, and what builds and reviews it. */
const SPECS: readonly TokenSpec[] = [
  {
    id: 'github-token',
    title: 'a GitHub token',
    keywords: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'],
    pattern: 'gh(?:[pousr]_[A-Za-z0-9]{36,251}|s_[0-9]{1,12}_[A-Za-z0-9_-]{20,400}\\.[A-Za-z0-9_.-]{40,900})',
    checksum: endsInChecksum,
    why: PUSHES,
    revoke: 'revoke it at https://github.com/settings/tokens',
  },
  {
    id: 'github-fine-grained-token',
    title: 'a fine-grained GitHub token',
    keywords: ['github_pat_'],
    pattern: 'github_pat_([A-Za-z0-9]{22}_[A-Za-z0-9]{59})',
    why: PUSHES,
    revoke: 'revoke it at https://github.com/settings/personal-access-tokens',
  },
  {
    id: 'gitlab-token',
    title: 'a GitLab token',
    keywords: [
      'glpat-',
      'gldt-',
      'glrt-',
      'glrtr-',
      'glft-',
      'glsoat-',
      'glimt-',
      'glffct-',
      'glwt-',
      'gr1348941',
    ],
    pattern:
      '(?:gl(?:pat|dt|rtr?|ft|soat|imt|ffct|wt)-(?:t[0-9]_)?[A-Za-z0-9_-]{20,300}(?:\\.[0-9a-z]{2}\\.[0-9a-z]{9}|\\.[0-9a-z]{9})?|GR1348941[A-Za-z0-9_-]{20})',
    why: PUSHES,
    revoke: 'revoke it where it was made: the access tokens of the user, project, group or runner in GitLab',
  },
  {
    id: 'gitlab-service-token',
    title: 'a GitLab token of an agent, trigger, job or application',
    keywords: ['glagent-', 'glptt-', 'glcbt-', 'gloas-'],
    pattern:
      '(?:glagent-[A-Za-z0-9_-]{50}|glptt-[0-9a-f]{40}|glcbt-[0-9A-Za-z]{1,5}_[A-Za-z0-9_-]{20}|gloas-[0-9a-f]{64})',
    why: PUSHES,
    revoke: 'revoke it in the settings of the project or application in GitLab',
  },
  {
    id: 'bitbucket-token',
    title: 'a Bitbucket password or token',
    keywords: ['atbb', 'atctt3'],
    pattern: '(?:ATBB[A-Za-z0-9]{32}|ATCTT3[A-Za-z0-9_=-]{120,220})',
    end: '(?![A-Za-z0-9_=-])',
    why: PUSHES,
    revoke: 'revoke it in the Bitbucket settings that made it',
  },
  {
    id: 'atlassian-token',
    title: 'an Atlassian API token',
    keywords: ['atatt3'],
    pattern: 'ATATT3[A-Za-z0-9_=-]{120,220}',
    end: '(?![A-Za-z0-9_=-])',
    revoke: 'revoke it at https://id.atlassian.com/manage-profile/security/api-tokens',
  },
  {
    id: 'trello-token',
    title: 'a Trello token',
    keywords: ['atta'],
    pattern: 'ATTA[0-9a-f]{64}[0-9A-Fa-f]{8}',
    revoke: 'revoke it in the account settings of Trello',
  },
  {
    id: 'sourcegraph-token',
    title: 'a Sourcegraph token',
    keywords: ['sgp_', 'sgd_'],
    pattern: 'sg[pd]_(?:(?:[0-9a-f]{16}|local)_)?[0-9a-f]{40}',
    revoke: 'revoke it in the access tokens of Sourcegraph',
  },
  {
    id: 'circleci-token',
    title: 'a CircleCI token',
    keywords: ['ccipat_', 'cciprj_'],
    pattern: 'CCIP(?:AT|RJ)_[A-Za-z0-9]{20,24}_[0-9a-f]{40}',
    revoke: 'revoke it at https://app.circleci.com/settings/user/tokens',
  },
  {
    id: 'buildkite-token',
    title: 'a Buildkite token',
    keywords: ['bkua_', 'bkct_', 'bkpt_'],
    pattern: 'bk(?:ua_[0-9a-f]{40}|[cp]t_[A-Za-z0-9_-]{30,60})',
    revoke: 'revoke it at https://buildkite.com/user/api-access-tokens',
  },
  {
    id: 'sonarqube-token',
    title: 'a SonarQube token',
    keywords: ['squ_', 'sqp_', 'sqa_'],
    pattern: 'sq[upa]_[0-9a-f]{40}',
    revoke: 'revoke it in the security settings of the SonarQube account',
  },
  {
    id: 'octopus-key',
    title: 'an Octopus Deploy key',
    keywords: ['api-'],
    pattern: 'API-[A-Z0-9]{26,32}',
    strict: true,
    revoke: 'revoke it in the profile in Octopus Deploy',
  },
  {
    id: 'jetbrains-token',
    title: 'a JetBrains token',
    keywords: ['perm:', 'perm-'],
    pattern: 'perm[:-][A-Za-z0-9+/=_-]{8,80}\\.[A-Za-z0-9+/=_-]{4,80}\\.[A-Za-z0-9+/=_-]{24,80}',
    revoke: 'revoke it in the profile of Hub, YouTrack or Space',
  },
  {
    id: 'snyk-token',
    title: 'a Snyk token',
    keywords: ['snyk_'],
    pattern: 'snyk_(?:uat|sat)\\.[0-9a-z]{8}\\.[A-Za-z0-9_.-]{40,400}',
    revoke: 'revoke it in the account settings of Snyk',
  },
  {
    id: 'postman-key',
    title: 'a Postman API key',
    keywords: ['pmak-'],
    pattern: 'PMAK-[0-9a-f]{24}-[0-9a-f]{34}',
    revoke: 'revoke it in the API keys of the Postman account',
  },
  {
    id: 'prefect-token',
    title: 'a Prefect key',
    keywords: ['pnu_', 'pnb_'],
    pattern: 'pn[ub]_[A-Za-z0-9]{36}',
    revoke: 'revoke it in the API keys of Prefect Cloud',
  },
  {
    id: 'readme-key',
    title: 'a ReadMe key',
    keywords: ['rdme_'],
    pattern: 'rdme_[a-z0-9]{70}',
    revoke: 'revoke it in the API keys of the ReadMe project',
  },
];

/** Hosts of one's own give tokens of forty hexadecimal digits and no mark. */
const FORGE = assignedRule({
  id: 'forge-token',
  title: 'a token of a Gitea or Forgejo host',
  keywords: [
    'gitea_token',
    'gitea-token',
    'giteatoken',
    'forgejo_token',
    'forgejo-token',
    'codeberg_token',
    'codeberg-token',
  ],
  value: '[0-9a-f]{40}',
  why: PUSHES,
  revoke: 'delete it under Applications in the settings of the account there',
});

/** Rules for hosts of code and what builds it. */
export const CODE_RULES: readonly ScanRule[] = [...SPECS.map(tokenRule), FORGE];
