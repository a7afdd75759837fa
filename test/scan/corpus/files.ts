import type { Chance } from './chance.ts';
import { jwt } from './jwt.ts';
import { certificateLike, ed25519, pem, wireguardKey } from './key-material.ts';
import { type Grade, type Page, type Positive, planted, positive } from './sample.ts';

interface FileKind {
  readonly grade: Grade;
  readonly kind: string;
  readonly path: string;
  readonly text: (chance: Chance) => string;
}

function core(kind: string, path: string, text: (chance: Chance) => string): FileKind {
  return { grade: 'core', kind, path, text };
}

function medium(kind: string, path: string, text: (chance: Chance) => string): FileKind {
  return { grade: 'medium', kind, path, text };
}

const strong = (c: Chance): string => planted(c.strong());
const human = (c: Chance): string => planted(c.human());
const encoded = (text: string): string => planted(Buffer.from(text).toString('base64'));
const HASH = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** What crypt(3) prints for each of its methods. */
export const CRYPT: Readonly<Record<string, (chance: Chance) => string>> = {
  sha512: c => `$6$${c.from(HASH, 16)}$${c.from(HASH, 86)}`,
  sha256: c => `$5$${c.from(HASH, 16)}$${c.from(HASH, 43)}`,
  yescrypt: c => `$y$j9T$${c.from(HASH, 22)}$${c.from(HASH, 43)}`,
  bcrypt: c => `$2y$10$${c.from(HASH, 53)}`,
  apr1: c => `$apr1$${c.from(HASH, 8)}$${c.from(HASH, 22)}`,
  argon2: c =>
    `$argon2id$v=19$m=65540,t=3,p=4$${c.base64(32).replace('=', '')}$${c.base64(32).replace('=', '')}`,
};

const crypt = (method: string, c: Chance): string => planted(CRYPT[method]?.(c) ?? '');

const LOGINS: readonly FileKind[] = [
  core('netrc', '.netrc', c => `machine api.heroku.com\n  login me@example.org\n  password ${strong(c)}\n`),
  core('netrc one line', 'home/_netrc', c => `machine git.example.org login bot password ${human(c)}\n`),
  core(
    'npmrc token',
    '.npmrc',
    c =>
      `registry=https://registry.npmjs.org/\n//npm.example.org/:_authToken=${planted(c.uuid())}\nsave-exact=true\n`,
  ),
  core(
    'npmrc basic',
    'web/.npmrc',
    c => `//npm.example.org/:_auth=${encoded(`deploy:${c.strong()}`)}\nalways-auth=true\n`,
  ),
  core(
    'npmrc password',
    'pkg/.npmrc',
    c => `//npm.example.org/:username=bot\n//npm.example.org/:_password=${encoded(c.strong())}\n`,
  ),
  core(
    'pypirc',
    '.pypirc',
    c =>
      `[distutils]\nindex-servers = internal\n\n[internal]\nrepository = https://pypi.example.org/\nusername = ci\npassword = ${strong(c)}\n`,
  ),
  core('pgpass', '.pgpass', c => `# host:port:db:user:password\ndb.example.org:5432:app:app:${strong(c)}\n`),
  core('git-credentials', '.git-credentials', c => `https://bot:${planted(c.base62(24))}@git.example.org\n`),
  core(
    'docker config',
    '.docker/config.json',
    c =>
      `{\n\t"auths": {\n\t\t"registry.example.org": {\n\t\t\t"auth": "${encoded(`ci:${c.strong()}`)}"\n\t\t}\n\t}\n}\n`,
  ),
  core(
    'dockerconfigjson in a Secret',
    'k8s/pull.yaml',
    c =>
      `apiVersion: v1\nkind: Secret\nmetadata:\n  name: pull\ntype: kubernetes.io/dockerconfigjson\ndata:\n  .dockerconfigjson: ${encoded(JSON.stringify({ auths: { 'ghcr.io': { auth: Buffer.from(`u:${c.strong()}`).toString('base64') } } }))}\n`,
  ),
  core('my.cnf', '.my.cnf', c => `[client]\nuser = backup\npassword = ${strong(c)}\nhost = localhost\n`),
  core(
    'smb credentials',
    'etc/samba/credentials',
    c => `username=media\npassword=${human(c)}\ndomain=HOME\n`,
  ),
  core(
    's3cfg',
    '.s3cfg',
    c => `[default]\naccess_key = ${c.upper(20)}\nsecret_key = ${planted(c.base62(40))}\nuse_https = True\n`,
  ),
  core(
    'aws credentials',
    '.aws/credentials',
    c => `[default]\nregion = eu-west-1\naws_secret_access_key = ${planted(c.base64(30))}\n`,
  ),
  core(
    'rclone',
    'rclone.conf',
    c => `[b2]\ntype = b2\naccount = ${c.hex(12)}\nkey = ${planted(`K005${c.base62(27)}`)}\n`,
  ),
  core(
    'kubeconfig key',
    '.kube/config',
    c =>
      `apiVersion: v1\nkind: Config\nusers:\n  - name: admin\n    user:\n      client-certificate-data: ${Buffer.from(certificateLike(c)).toString('base64')}\n      client-key-data: ${encoded(`${pem('EC PRIVATE KEY', ed25519(c).key.export({ format: 'der', type: 'pkcs8' }))}\n`)}\n`,
  ),
  core(
    'kubeconfig token',
    'kubeconfig.yaml',
    c =>
      `apiVersion: v1\nkind: Config\nclusters: []\nusers:\n- name: ci\n  user:\n    token: ${planted(jwt(c))}\n`,
  ),
  core(
    'maven settings',
    '.m2/settings.xml',
    c =>
      `<settings>\n  <servers>\n    <server>\n      <id>internal</id>\n      <username>ci</username>\n      <password>${strong(c)}</password>\n    </server>\n  </servers>\n</settings>\n`,
  ),
  core(
    'nuget config',
    'NuGet.Config',
    c =>
      `<configuration>\n  <packageSourceCredentials>\n    <internal>\n      <add key="Username" value="ci" />\n      <add key="ClearTextPassword" value="${strong(c)}" />\n    </internal>\n  </packageSourceCredentials>\n</configuration>\n`,
  ),
  core(
    'cargo credentials',
    '.cargo/credentials.toml',
    c => `[registries.internal]\ntoken = "${planted(c.base62(36))}"\n`,
  ),
  core(
    'composer auth',
    'auth.json',
    c =>
      `{\n  "http-basic": {\n    "repo.example.org": {\n      "username": "ci",\n      "password": "${strong(c)}"\n    }\n  }\n}\n`,
  ),
  core(
    'bundler config',
    '.bundle/config',
    c => `---\nBUNDLE_GEMS__EXAMPLE__ORG: "deploy:${planted(c.base62(22))}"\n`,
  ),
  core(
    'terraformrc',
    '.terraformrc',
    c => `credentials "terraform.example.org" {\n  token = "${planted(c.base62(40))}"\n}\n`,
  ),
];

const HASHES: readonly FileKind[] = [
  core('htpasswd bcrypt', 'nginx/.htpasswd', c => `admin:${crypt('bcrypt', c)}\n`),
  core('htpasswd apr1', 'apache/htpasswd', c => `admin:${crypt('apr1', c)}\n`),
  core('htpasswd sha1', 'www/.htpasswd', c => `admin:${planted(`{SHA}${c.base64(20)}`)}\n`),
  core(
    'shadow sha512',
    'etc/shadow',
    c => `daemon:*:19000:0:99999:7:::\nroot:${crypt('sha512', c)}:19700:0:99999:7:::\n`,
  ),
  core(
    'shadow yescrypt',
    'rootfs/etc/shadow',
    c => `root:!:19700::::::\nme:${crypt('yescrypt', c)}:19800:0:99999:7:::\n`,
  ),
  core(
    'shadow sha256',
    'backup/shadow-',
    c => `www:!*:19000::::::\nops:${crypt('sha256', c)}:19100:0:99999:7:::\n`,
  ),
  core(
    'traefik users',
    'traefik/dynamic.yml',
    c =>
      `http:\n  middlewares:\n    auth:\n      basicAuth:\n        users:\n          - "admin:${crypt('apr1', c)}"\n`,
  ),
  core(
    'vaultwarden admin',
    'vaultwarden/.env',
    c => `DOMAIN=https://vault.example.org\nADMIN_TOKEN='${crypt('argon2', c)}'\n`,
  ),
  medium(
    'hashedPassword in Nix',
    'hosts/users.nix',
    c =>
      `{\n  users.users.me = {\n    isNormalUser = true;\n    hashedPassword = "${crypt('yescrypt', c)}";\n  };\n}\n`,
  ),
  medium(
    'caddy basic_auth',
    'Caddyfile',
    c =>
      `example.org {\n  basic_auth {\n    admin ${planted(CRYPT['bcrypt']?.(c).replace('$2y', '$2a') ?? '')}\n  }\n}\n`,
  ),
  medium(
    'ldap rootpw',
    'ldap/slapd.ldif',
    c =>
      `dn: olcDatabase={1}mdb,cn=config\nolcRootDN: cn=admin,dc=example,dc=org\nolcRootPW: ${planted(`{SSHA}${c.base64(24)}`)}\n`,
  ),
  medium(
    'mosquitto passwd',
    'mosquitto/passwd',
    c => `sensor:${planted(`$7$101$${c.base64(12)}$${c.base64(64)}`)}\n`,
  ),
];

const NETWORKS: readonly FileKind[] = [
  core(
    'nmconnection',
    'NetworkManager/home.nmconnection',
    c =>
      `[connection]\nid=home\ntype=wifi\n\n[wifi]\nssid=home\n\n[wifi-security]\nkey-mgmt=wpa-psk\npsk=${human(c)}\n`,
  ),
  core(
    'nmconnection secrets',
    'nm/vpn.nmconnection',
    c =>
      `[connection]\nid=work\ntype=vpn\n\n[vpn]\nservice-type=org.freedesktop.NetworkManager.openvpn\nusername=me\n\n[vpn-secrets]\npassword=${strong(c)}\n`,
  ),
  core(
    'wpa_supplicant',
    'etc/wpa_supplicant.conf',
    c => `ctrl_interface=/run/wpa_supplicant\nnetwork={\n  ssid="home"\n  psk="${human(c)}"\n}\n`,
  ),
  core(
    'wpa_supplicant hex',
    'wifi/wpa.conf',
    c => `network={\n  ssid="guest"\n  psk=${planted(c.hex(64))}\n}\n`,
  ),
  core(
    'hostapd',
    'etc/hostapd.conf',
    c => `interface=wlan0\nssid=attic\nwpa=2\nwpa_passphrase=${human(c)}\n`,
  ),
  core('iwd', 'var/lib/iwd/home.psk', c => `[Security]\nPassphrase=${human(c)}\n`),
  core(
    'wireless in Nix',
    'hosts/wifi.nix',
    c => `{\n  networking.wireless.networks."Home Net".psk = "${human(c)}";\n}\n`,
  ),
  core(
    'ipsec.secrets',
    'etc/ipsec.secrets',
    c => `# left right\n10.0.0.1 vpn.example.org : PSK "${strong(c)}"\n`,
  ),
  core('chap-secrets', 'etc/ppp/chap-secrets', c => `# client server secret ips\nme * ${strong(c)} *\n`),
  core(
    'tsig',
    'named/keys.conf',
    c => `key "acme" {\n  algorithm hmac-sha256;\n  secret "${planted(c.base64(32))}";\n};\n`,
  ),
  medium('openvpn auth file', 'vpn/auth.txt', c => `me@example.org\n${strong(c)}\n`),
  medium(
    'radius client',
    'raddb/clients.conf',
    c => `client switch {\n  ipaddr = 10.0.0.5\n  secret = ${human(c)}\n}\n`,
  ),
  core('sasl_passwd', 'postfix/sasl_passwd', c => `[smtp.example.org]:587 bot@example.org:${strong(c)}\n`),
  core(
    'msmtprc',
    '.msmtprc',
    c => `account default\nhost smtp.example.org\nuser bot\npassword ${strong(c)}\n`,
  ),
  medium(
    'fetchmailrc',
    '.fetchmailrc',
    c => `poll mail.example.org proto imap user "me" password "${human(c)}" ssl\n`,
  ),
  medium(
    'offlineimap',
    '.offlineimaprc',
    c => `[Repository Remote]\ntype = IMAP\nremoteuser = me\nremotepass = ${human(c)}\n`,
  ),
];

const SERVICES: readonly FileKind[] = [
  core(
    'gitea',
    'gitea/app.ini',
    c => `[security]\nINSTALL_LOCK = true\nSECRET_KEY = ${planted(c.base62(64))}\n`,
  ),
  core(
    'synapse',
    'synapse/homeserver.yaml',
    c =>
      `server_name: example.org\nregistration_shared_secret: "${planted(c.base62(50))}"\nreport_stats: false\n`,
  ),
  core(
    'nextcloud',
    'nextcloud/config.php',
    c => `<?php\n$CONFIG = array (\n  'dbtype' => 'pgsql',\n  'dbpassword' => '${strong(c)}',\n);\n`,
  ),
  core(
    'grafana.ini',
    'grafana/grafana.ini',
    c => `[security]\nadmin_user = admin\nadmin_password = ${human(c)}\n`,
  ),
  core(
    'alertmanager',
    'alertmanager.yml',
    c => `global:\n  smtp_from: alert@example.org\n  smtp_auth_password: '${strong(c)}'\n`,
  ),
  core(
    'prometheus basic auth',
    'prometheus.yml',
    c =>
      `scrape_configs:\n  - job_name: node\n    basic_auth:\n      username: prom\n      password: ${strong(c)}\n`,
  ),
  core(
    'authelia',
    'authelia/configuration.yml',
    c => `theme: dark\nidentity_validation:\n  reset_password:\n    jwt_secret: ${planted(c.base62(64))}\n`,
  ),
  core(
    'home assistant secrets',
    'home-assistant/secrets.yaml',
    c => `latitude: 48.2\nmqtt_password: ${human(c)}\n`,
  ),
  core(
    'esphome',
    'esphome/lamp.yaml',
    c => `esphome:\n  name: lamp\napi:\n  encryption:\n    key: "${planted(c.base64(32))}"\n`,
  ),
  core('wifi in esphome', 'esphome/plug.yaml', c => `wifi:\n  ssid: home\n  password: "${human(c)}"\n`),
  core(
    'ddclient',
    'ddclient.conf',
    c => `protocol=dyndns2\nlogin=me\npassword='${strong(c)}'\nhome.example.org\n`,
  ),
  core(
    'syncthing',
    'syncthing/config.xml',
    c =>
      `<configuration version="37">\n  <gui enabled="true">\n    <address>127.0.0.1:8384</address>\n    <apikey>${planted(c.base62(32))}</apikey>\n  </gui>\n</configuration>\n`,
  ),
  core(
    'coturn',
    'turnserver.conf',
    c => `realm=example.org\nuse-auth-secret\nstatic-auth-secret=${planted(c.hex(64))}\n`,
  ),
  core('redis', 'redis.conf', c => `bind 127.0.0.1\nrequirepass ${strong(c)}\nmaxmemory 1gb\n`),
  core('pgbouncer', 'pgbouncer/userlist.txt', c => `"app" "${planted(`md5${c.hex(32)}`)}"\n`),
  core(
    'minecraft rcon',
    'minecraft/server.properties',
    c => `enable-rcon=true\nrcon.password=${human(c)}\nmotd=hello\n`,
  ),
  core(
    'borg',
    'backup/borg.env',
    c => `BORG_REPO=ssh://backup/./repo\nBORG_PASSPHRASE=${planted(c.words(5))}\n`,
  ),
  core(
    'restic',
    'backup/restic.env',
    c => `RESTIC_REPOSITORY=rest:https://backup.example.org/\nRESTIC_PASSWORD=${human(c)}\n`,
  ),
  core('Laravel', 'laravel/.env', c => `APP_ENV=production\nAPP_KEY=base64:${planted(c.base64(32))}\n`),
  core(
    'Django',
    'site/settings.py',
    c =>
      `DEBUG = False\nSECRET_KEY = 'django-insecure-${planted(c.from('abcdefghijklmnopqrstuvwxyz0123456789!@#$%^&*(-_=+)', 50))}'\n`,
  ),
  core('Rails', 'config/secrets.yml', c => `production:\n  secret_key_base: ${planted(c.hex(128))}\n`),
  medium('Rails master key', 'config/master.key', c => `${planted(c.hex(32))}\n`),
  core(
    'Spring',
    'src/main/resources/application.yml',
    c => `spring:\n  datasource:\n    username: app\n    password: ${strong(c)}\n`,
  ),
  core(
    'tomcat users',
    'conf/tomcat-users.xml',
    c =>
      `<tomcat-users>\n  <user username="deployer" password="${strong(c)}" roles="manager-script"/>\n</tomcat-users>\n`,
  ),
  core(
    'wp-config',
    'wordpress/wp-config.php',
    c => `<?php\ndefine( 'DB_USER', 'wp' );\ndefine( 'DB_PASSWORD', '${strong(c)}' );\n`,
  ),
  core(
    'wp-config salt',
    'www/wp-config.php',
    c =>
      `<?php\ndefine('AUTH_KEY', '${planted(c.from('abcdefghijkLMNOPQRSTUVWXYZ0123456789!@#%^&*()-_[]{}<>~+=,.;:/?|', 64))}');\n`,
  ),
  core(
    'Kubernetes Secret data',
    'k8s/db.yaml',
    c => `apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ndata:\n  password: ${encoded(c.strong())}\n`,
  ),
  core(
    'Kubernetes Secret stringData',
    'k8s/db-string.yml',
    c =>
      `apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  username: app\n  password: ${human(c)}\n`,
  ),
  core(
    'kubeadm token',
    'kubeadm.yaml',
    c =>
      `kind: InitConfiguration\nbootstrapTokens:\n  - token: ${planted(`${c.lower(6)}.${c.lower(16)}`)}\n    ttl: 24h\n`,
  ),
  core('Google service account', 'gcp/sa.json', c =>
    JSON.stringify(
      {
        type: 'service_account',
        project_id: 'web',
        private_key_id: c.hex(40),
        private_key: planted(pem('PRIVATE KEY', ed25519(c).key.export({ format: 'der', type: 'pkcs8' }))),
        client_email: 'x@web.iam.gserviceaccount.com',
      },
      null,
      2,
    ),
  ),
  core(
    'Azure storage',
    'azure/local.settings.json',
    c =>
      `{\n  "Values": {\n    "AzureWebJobsStorage": "DefaultEndpointsProtocol=https;AccountName=web;AccountKey=${planted(c.base64(64))};EndpointSuffix=core.windows.net"\n  }\n}\n`,
  ),
  core('cloudflared credentials', 'cloudflared/tunnel.json', c =>
    JSON.stringify({ AccountTag: c.hex(32), TunnelSecret: planted(c.base64(32)), TunnelID: c.uuid() }),
  ),
  core('tfstate', 'terraform.tfstate', c =>
    JSON.stringify(
      {
        version: 4,
        resources: [
          {
            type: 'random_password',
            instances: [{ attributes: { length: 20, result: planted(c.base62(20)) } }],
          },
        ],
      },
      null,
      2,
    ),
  ),
  core('tfvars', 'terraform.tfvars', c => `region      = "eu-central-1"\ndb_password = "${strong(c)}"\n`),
  core(
    'Ansible inventory',
    'ansible/hosts.ini',
    c => `[web]\nweb1 ansible_host=10.0.0.4 ansible_user=root ansible_password=${human(c)}\n`,
  ),
  core(
    'Ansible become',
    'ansible/group_vars/web.yml',
    c => `ansible_user: ops\nansible_become_pass: ${strong(c)}\n`,
  ),
  medium('snmpd', 'etc/snmp/snmpd.conf', c => `rocommunity ${human(c)} 10.0.0.0/8\nsysLocation attic\n`),
  medium(
    'asterisk',
    'asterisk/pjsip.conf',
    c => `[phone]\ntype=auth\nauth_type=userpass\nusername=phone\npassword=${human(c)}\n`,
  ),
  medium('kickstart', 'ks.cfg', c => `lang en_US.UTF-8\nrootpw --plaintext ${human(c)}\nreboot\n`),
  medium(
    'preseed',
    'preseed.cfg',
    c => `d-i passwd/root-login boolean true\nd-i passwd/root-password password ${human(c)}\n`,
  ),
  medium(
    'chpasswd in cloud-init',
    'cloud/user.yaml',
    c => `#cloud-config\nchpasswd:\n  list: |\n    root:${human(c)}\n  expire: false\n`,
  ),
  medium(
    'zigbee network key',
    'zigbee2mqtt/configuration.yaml',
    c =>
      `mqtt:\n  server: mqtt://localhost\nadvanced:\n  network_key: [${planted(Array.from({ length: 16 }, () => 1 + c.int(255)).join(', '))}]\n`,
  ),
  medium(
    'wireguard in a web page',
    'notes/vpn.html',
    c => `<table><tr><td>PrivateKey</td><td>${planted(wireguardKey(c))}</td></tr></table>\n`,
  ),
];

/** Files that a program reads its credentials from. */
export function credentialFiles(chance: Chance): Positive[] {
  return [...LOGINS, ...HASHES, ...NETWORKS, ...SERVICES].map(({ grade, kind, path, text }) => {
    const own = chance.for(kind);
    const page: Page = { path, text: text(own) };
    return positive(grade, kind, page);
  });
}
