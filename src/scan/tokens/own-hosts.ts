import type { Hit, ScanRule, Source } from '../model.ts';
import { looksMadeUp } from '../random.ts';
import { type AssignedSpec, assignedRule, keywordPlaces, type TokenSpec, tokenRule } from './rule.ts';

const JOINS = 'whoever reads it can join the network or cluster';
const READS = 'whoever reads it can do there what its owner can';

/** What machines of one's own use: networks, clusters, services at home. */
const SPECS: readonly TokenSpec[] = [
  {
    id: 'tailscale-key',
    title: 'a Tailscale key',
    keywords: ['tskey-'],
    pattern: 'tskey-(?:(?:auth|api|client|scim|webhook|oauth)-)?([A-Za-z0-9]{8,24}-[A-Za-z0-9]{16,48})',
    why: JOINS,
    revoke: 'revoke it at https://login.tailscale.com/admin/settings/keys',
  },
  {
    id: 'headscale-key',
    title: 'a Headscale key',
    keywords: ['hskey-auth-', 'hskey-api-', 'hskey-authreq-'],
    pattern: 'hskey-(?:auth|api)-([A-Za-z0-9_-]{12}-[A-Za-z0-9_-]{64})',
    why: JOINS,
    revoke: 'expire it with headscale preauthkeys expire or headscale apikeys expire',
  },
  {
    id: 'netbird-token',
    title: 'a NetBird token',
    keywords: ['nbp_'],
    pattern: 'nbp_[A-Za-z0-9]{36}',
    why: JOINS,
    revoke: 'delete it in the settings of the user in NetBird',
  },
  {
    id: 'k3s-token',
    title: 'a k3s token',
    keywords: ['k10'],
    pattern: 'K10([0-9a-f]{64}::[A-Za-z0-9_-]{1,40}:[A-Za-z0-9_.-]{6,80})',
    why: JOINS,
    revoke: 'rotate it with k3s token rotate',
  },
  {
    id: 'docker-swarm-token',
    title: 'a Docker Swarm token',
    keywords: ['swmtkn-', 'swmkey-'],
    pattern: '(?:SWMTKN-[0-9]-([a-z0-9]{50}-[a-z0-9]{25})|SWMKEY-[0-9]-[A-Za-z0-9+/]{43})',
    why: JOINS,
    revoke: 'rotate it with docker swarm join-token --rotate',
  },
  {
    id: 'rancher-token',
    title: 'a Rancher token',
    keywords: ['token-', 'kubeconfig-u'],
    pattern: '(?:token-[a-z0-9]{5}|kubeconfig-u-[a-z0-9]{10}):([a-z0-9]{54})',
    why: 'whoever reads it can change what runs in the cluster',
    revoke: 'delete it under Account & API keys in Rancher',
  },
];

/** Where the name says what it is. */
const ASSIGNED: readonly AssignedSpec[] = [
  {
    id: 'kubeadm-token',
    title: 'a kubeadm bootstrap token',
    keywords: ['kubeadm', '--token', 'bootstrap', 'tls-bootstrap-token', 'token:'],
    value: '[a-z0-9]{6}\\.[a-z0-9]{16}',
    why: JOINS,
    revoke: 'delete it with kubeadm token delete',
  },
  {
    id: 'home-service-key',
    title: 'a key of a service at home',
    keywords: [
      'sonarr',
      'radarr',
      'lidarr',
      'prowlarr',
      'readarr',
      'bazarr',
      'jellyfin',
      'overseerr',
      'jellyseerr',
      'sabnzbd',
      'emby',
      'tautulli',
      'jackett',
    ],
    value: '[0-9a-f]{32}',
    name: /key|tok|secret|^$/i,
    why: READS,
    revoke: 'make a new one in the settings of the service',
  },
  {
    id: 'home-service-token',
    title: 'a token of a service at home',
    keywords: [
      'paperless',
      'plex',
      'immich',
      'mealie',
      'grocy',
      'linkding',
      'miniflux',
      'wallabag',
      'freshrss',
      'netbox',
      'zerotier',
      'ngrok',
      'nextdns',
      'adguard',
      'homeassistant',
      'headscale',
      'netbird',
      'authentik',
      'vikunja',
      'seafile',
    ],
    value:
      '(?:[A-Za-z0-9]{27}_[A-Za-z0-9]{20,22}|[0-9a-f]{40}|[A-Za-z0-9_-]{20}|[A-Za-z0-9]{32}|[A-Za-z0-9]{42,48}|[A-Za-z0-9_-]{43,44}=?|[A-Za-z0-9]{50}|[A-Za-z0-9]{60}|[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12})',
    name: /tok|key|secret|pass|auth/i,
    check: value => !/^[a-z_-]+$/i.test(value),
    why: READS,
    revoke: 'make a new one in the settings of the service',
  },
  {
    id: 'mullvad-account',
    title: 'a Mullvad account number',
    keywords: ['mullvad account login', 'mullvad'],
    digits: true,
    value: '[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}',
    check: value => new Set(value).size > 5,
    why: 'the number is all it takes to use the account',
    revoke: 'remove foreign devices at https://mullvad.net/account, or make a new account',
  },
  {
    id: 'nextcloud-app-password',
    title: 'a Nextcloud app password',
    keywords: ['nextcloud', 'app_password', 'app-password', 'apppassword', 'webdav', 'caldav', 'carddav'],
    value: '[A-Za-z0-9]{5}-[A-Za-z0-9]{5}-[A-Za-z0-9]{5}-[A-Za-z0-9]{5}-[A-Za-z0-9]{5}',
    why: READS,
    revoke: 'revoke it under Security in the settings of Nextcloud',
  },
];

/** `access-tokens = github.com=… gitlab.com=PAT:…` of nix.conf: a host, a sign, what Nix sends. */
const NIX_TOKEN = /[A-Za-z0-9.-]{1,100}=(?:PAT:|OAuth2:)?([A-Za-z0-9_.~+/-]{20,400})(?![A-Za-z0-9_.~+/-])/g;
const NIX_LINE = 600;

function* findNixTokens(source: Source): Iterable<Hit> {
  let done = 0;
  for (const at of keywordPlaces(source, ['access-tokens'])) {
    if (at < done) continue;
    const start = at + 'access-tokens'.length;
    const newline = source.text.indexOf('\n', start);
    const lineEnd = newline < 0 ? source.text.length : newline;
    const end = Math.min(lineEnd, start + NIX_LINE);
    done = lineEnd;
    for (const match of source.text.slice(start, end).matchAll(NIX_TOKEN)) {
      const value = match[1] ?? '';
      if (looksMadeUp(value)) continue;
      const secretEnd = start + match.index + match[0].length;
      yield { start: at, end: secretEnd, secretStart: secretEnd - value.length, secretEnd };
    }
  }
}

const NIX: ScanRule = {
  id: 'nix-access-token',
  title: 'an access token for Nix',
  keywords: ['access-tokens'],
  find: findNixTokens,
  why: 'whoever reads it can read what it opens; a file that !include names keeps it out of the store too',
  revoke: 'revoke it at the host that is named before it',
};

/** Rules for networks, clusters and services of one's own. */
export const OWN_HOST_RULES: readonly ScanRule[] = [
  ...SPECS.map(tokenRule),
  ...ASSIGNED.map(assignedRule),
  NIX,
];
