import type { HostModule } from '../../src/nix/module.ts';
import type { Platform } from '../../src/workspace/model.ts';

/** One host per platform, with every option that its platform has; the golden files are made from these. */
export const FLEET: Readonly<Record<Platform, HostModule>> = {
  nixos: {
    host: 'megumu',
    platform: 'nixos',
    directory: 'secrets',
    declarations: [
      {
        name: 'kotori',
        file: 'secrets/megumu/kotori.env',
        format: 'dotenv',
        key: null,
        options: { restartUnits: ['fukurou.service'] },
      },
      {
        name: 'kanidm/miniflux',
        file: 'secrets/megumu/kanidm/miniflux.yaml',
        format: 'yaml',
        key: null,
        options: { owner: 'miniflux', group: 'kanidm', mode: '0440', restartUnits: ['miniflux', 'kanidm'] },
      },
      {
        name: 'wifi',
        file: 'secrets/aya+megumu/wifi.yaml',
        format: 'yaml',
        key: null,
        options: { mode: '400' },
      },
      {
        name: 'login',
        file: 'secrets/megumu/login.yaml',
        format: 'yaml',
        key: null,
        options: { neededForUsers: true },
      },
      {
        name: 'tls.key',
        file: 'secrets/servers/tls.key.bin',
        format: 'binary',
        key: null,
        options: { path: '/var/lib/tls/key.pem' },
      },
      {
        name: 'mail',
        file: 'hosts/megumu/sops.yaml',
        format: 'yaml',
        key: 'smtp/password',
        options: { reloadUnits: ['postfix.service'] },
      },
      { name: 'odd', file: 'hosts/megumu/odd name.json', format: 'json', key: 'value', options: {} },
    ],
  },
  darwin: {
    host: 'aya',
    platform: 'darwin',
    directory: 'nix/secrets',
    declarations: [
      { name: 'wifi', file: 'secrets/aya+megumu/wifi.yaml', format: 'yaml', key: null, options: {} },
      {
        name: 'in',
        file: 'secrets/aya/in.yaml',
        format: 'yaml',
        key: null,
        options: { owner: 'root', group: 'staff' },
      },
      {
        name: 'vpn',
        file: 'secrets/aya/vpn.ini',
        format: 'ini',
        key: null,
        options: { owner: 'kamov', group: 'wheel', mode: '0640' },
      },
    ],
  },
  home: {
    host: 'momiji',
    platform: 'home',
    directory: 'secrets',
    declarations: [
      {
        name: 'syncthing/photos',
        file: 'secrets/momiji/syncthing/photos.yaml',
        format: 'yaml',
        key: null,
        options: {},
      },
      {
        name: 'token',
        file: 'secrets/momiji/token.env',
        format: 'dotenv',
        key: null,
        options: { path: '%r/token', mode: '0600' },
      },
    ],
  },
};

/** All of them, the platform beside. */
export const HOSTS: readonly HostModule[] = Object.values(FLEET);
