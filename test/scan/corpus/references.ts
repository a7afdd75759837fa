import type { Chance } from './chance.ts';
import { type Negative, negative } from './sample.ts';

type File = readonly [kind: string, path: string, text: string];

const dollar = '$';

const FILES: readonly File[] = [
  [
    'passwordFile in Nix',
    'hosts/db.nix',
    `{ config, ... }:\n{\n  services.app.passwordFile = config.sops.secrets."db/password".path;\n  services.app.secretKeyFile = "/run/secrets/app-key";\n}\n`,
  ],
  [
    'sops.secrets in Nix',
    'hosts/sops.nix',
    `{\n  sops.secrets."wifi/password" = { owner = "root"; };\n  sops.secrets.api_token.sopsFile = ./secrets/api.yaml;\n  sops.age.keyFile = "/var/lib/sops-nix/key.txt";\n}\n`,
  ],
  [
    'hashedPasswordFile',
    'hosts/users.nix',
    `{ config, ... }:\n{\n  users.users.me.hashedPasswordFile = config.sops.secrets.me-password.path;\n}\n`,
  ],
  [
    'sops placeholder',
    'hosts/tpl.nix',
    `{ config, ... }:\n{\n  sops.templates."app.env".content = ''\n    DB_PASSWORD=${dollar}{config.sops.placeholder."db/password"}\n    API_KEY=${dollar}{config.sops.placeholder.api-key}\n  '';\n}\n`,
  ],
  [
    'agenix',
    'hosts/age.nix',
    `{ config, ... }:\n{\n  age.secrets.token.file = ./token.age;\n  services.runner.tokenFile = config.age.secrets.token.path;\n}\n`,
  ],
  [
    'interpolated password',
    'modules/db.nix',
    `{ cfg, ... }:\n{\n  script = ''\n    psql "postgres://app:${dollar}{cfg.password}@localhost/app"\n  '';\n  password = cfg.database.password;\n}\n`,
  ],
  [
    'function arguments in Nix',
    'lib/db.nix',
    `{ pkgs, user, password, token ? null }:\npkgs.writeShellScript "db" ''\n  export PGPASSWORD="$(cat /run/secrets/pg)"\n''\n`,
  ],
  [
    'module options',
    'modules/opt.nix',
    `{ lib, ... }:\n{\n  options.services.x = {\n    password = lib.mkOption { type = lib.types.nullOr lib.types.str; default = null; };\n    apiKeyFile = lib.mkOption { type = lib.types.path; example = "/run/secrets/api-key"; };\n    secret = lib.mkOption { type = lib.types.str; description = "The name of the secret."; };\n  };\n}\n`,
  ],
  [
    'readFile in Nix',
    'hosts/eval.nix',
    `{\n  token = builtins.readFile /run/secrets/token;\n  apiKey = lib.fileContents ./api-key.txt;\n}\n`,
  ],
  [
    'environment file',
    'hosts/env.nix',
    `{ config, ... }:\n{\n  systemd.services.bot.serviceConfig.EnvironmentFile = config.sops.secrets.bot-env.path;\n  systemd.services.bot.serviceConfig.LoadCredential = "token:/run/secrets/token";\n}\n`,
  ],
  [
    'compose variables',
    'docker-compose.yml',
    `services:\n  db:\n    image: postgres\n    environment:\n      POSTGRES_PASSWORD: ${dollar}{POSTGRES_PASSWORD}\n      API_TOKEN: ${dollar}{API_TOKEN:?missing}\n      SECRET_KEY: ${dollar}SECRET_KEY\n`,
  ],
  [
    'compose secrets',
    'compose.yaml',
    `services:\n  db:\n    environment:\n      POSTGRES_PASSWORD_FILE: /run/secrets/db_password\n    secrets: [db_password]\nsecrets:\n  db_password:\n    file: ./db_password.txt\n`,
  ],
  [
    'secretKeyRef',
    'k8s/deploy.yaml',
    `env:\n  - name: DB_PASSWORD\n    valueFrom:\n      secretKeyRef:\n        name: db-credentials\n        key: password\n`,
  ],
  [
    'envFrom',
    'k8s/web.yaml',
    `envFrom:\n  - secretRef:\n      name: web-secrets\nvolumes:\n  - name: token\n    secret:\n      secretName: web-token\n`,
  ],
  [
    'ExternalSecret',
    'k8s/external.yaml',
    `apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec:\n  secretStoreRef: { name: vault, kind: ClusterSecretStore }\n  data:\n    - secretKey: password\n      remoteRef: { key: secret/data/db, property: password }\n`,
  ],
  [
    'Helm template',
    'charts/web/templates/secret.yaml',
    `apiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ include "web.fullname" . }}\ndata:\n  password: {{ .Values.password | b64enc | quote }}\n  token: {{ required "token!" .Values.token | b64enc }}\n`,
  ],
  [
    'empty Helm values',
    'charts/web/values.yaml',
    `auth:\n  password: ""\n  existingSecret: "web-auth"\n  secretKeys:\n    adminPasswordKey: admin-password\ntoken: null\n`,
  ],
  [
    'GitHub secrets',
    '.github/workflows/deploy.yml',
    `jobs:\n  a:\n    env:\n      TOKEN: ${dollar}{{ secrets.DEPLOY_TOKEN }}\n      GITHUB_TOKEN: ${dollar}{{ github.token }}\n    steps:\n      - run: curl -H "Authorization: Bearer $TOKEN" https://example.org\n`,
  ],
  [
    'GitLab variables',
    '.gitlab-ci.yml',
    `deploy:\n  variables:\n    DOCKER_PASSWORD: $CI_REGISTRY_PASSWORD\n  script:\n    - docker login -u "$CI_REGISTRY_USER" -p "$CI_REGISTRY_PASSWORD" "$CI_REGISTRY"\n`,
  ],
  [
    'process.env',
    'src/config.ts',
    `export const config = {\n  password: process.env.DB_PASSWORD,\n  token: process.env['API_TOKEN'] ?? '',\n  secret: import.meta.env.VITE_SECRET,\n};\n`,
  ],
  [
    'os.environ',
    'app/config.py',
    `import os\n\nPASSWORD = os.environ["DB_PASSWORD"]\nAPI_KEY = os.getenv("API_KEY", "")\nSECRET_KEY = env("DJANGO_SECRET_KEY")\n`,
  ],
  [
    'os.Getenv',
    'cmd/main.go',
    `package main\n\nvar password = os.Getenv("DB_PASSWORD")\nvar token = viper.GetString("auth.token")\n`,
  ],
  [
    'std::env',
    'src/main.rs',
    `let password = std::env::var("DB_PASSWORD").expect("DB_PASSWORD is not set");\nlet token = config.token.clone();\n`,
  ],
  [
    'ENV.fetch',
    'config/database.yml',
    `production:\n  password: <%= ENV['APP_DATABASE_PASSWORD'] %>\n  url: <%= ENV.fetch("DATABASE_URL") %>\n`,
  ],
  [
    'Rails credentials',
    'config/storage.yml',
    `amazon:\n  access_key_id: <%= Rails.application.credentials.dig(:aws, :access_key_id) %>\n  secret_access_key: <%= Rails.application.credentials.dig(:aws, :secret_access_key) %>\n`,
  ],
  [
    'getenv in PHP',
    'config/db.php',
    `<?php\nreturn ['password' => getenv('DB_PASSWORD'), 'token' => $_ENV['TOKEN'], 'key' => env('APP_KEY')];\n`,
  ],
  [
    'Spring placeholders',
    'application.properties',
    `spring.datasource.password=${dollar}{DB_PASSWORD}\njwt.secret=${dollar}{JWT_SECRET:}\nserver.ssl.key-store-password=@keystore.password@\n`,
  ],
  [
    '1Password references',
    '.env.tpl',
    `DB_PASSWORD=op://infra/db/password\nAPI_TOKEN="op://infra/api/credential"\n`,
  ],
  [
    'vault references',
    'ansible/vars.yml',
    `db_password: "{{ lookup('community.hashi_vault.hashi_vault', 'secret=kv/db:password') }}"\napi_token: "{{ vault_api_token }}"\nssh_password: "{{ lookup('env', 'SSH_PASSWORD') }}"\n`,
  ],
  [
    'vals references',
    'helmfile.yaml',
    `values:\n  - password: ref+vault://secret/db#/password\n    token: ref+sops://secrets.yaml#/token\n`,
  ],
  [
    '!secret',
    'home-assistant/configuration.yaml',
    `mqtt:\n  username: ha\n  password: !secret mqtt_password\nwifi:\n  password: !secret wifi_password\n`,
  ],
  [
    '!Ref and !Sub',
    'cloudformation.yaml',
    `Resources:\n  Db:\n    Properties:\n      MasterUserPassword: !Ref DbPassword\n      Token: !Sub '{{resolve:secretsmanager:${dollar}{Secret}:SecretString:token}}'\n`,
  ],
  [
    'env_var',
    '.sops.env.sh',
    `export SOPS_AGE_KEY_FILE="$HOME/.config/sops/age/keys.txt"\nexport DB_PASSWORD="$(pass show db/app)"\nexport TOKEN=$(cat /run/secrets/token)\n`,
  ],
  [
    'shell substitution',
    'scripts/run.sh',
    '#!/bin/sh\nTOKEN="`vault kv get -field=token secret/app`"\nPASSWORD="$1"\ncurl -u "admin:$PASSWORD" -H "X-Token: $TOKEN" https://example.org\n',
  ],
  [
    'read -s',
    'scripts/ask.sh',
    `#!/bin/sh\nread -rsp 'Password: ' password\nmysql -u root -p"$password" app\nsshpass -p "$password" ssh host\nsshpass -e ssh host\n`,
  ],
  [
    'terraform variables',
    'infra/main.tf',
    `resource "aws_db_instance" "db" {\n  password = var.db_password\n  username = local.user\n}\n\nresource "random_password" "p" {\n  length = 24\n}\n\noutput "token" {\n  value     = random_password.p.result\n  sensitive = true\n}\n`,
  ],
  [
    'terraform data',
    'infra/secrets.tf',
    `data "aws_secretsmanager_secret_version" "db" {\n  secret_id = "prod/db/password"\n}\n\nlocals {\n  password = jsondecode(data.aws_secretsmanager_secret_version.db.secret_string)["password"]\n}\n`,
  ],
  [
    'netrc by reference',
    '.gitconfig',
    `[credential]\n\thelper = store --file ~/.git-credentials\n[user]\n\tsigningkey = ~/.ssh/id_ed25519.pub\n[github]\n\ttoken = !pass github/token\n`,
  ],
  ['npmrc variable', '.npmrc', `//registry.npmjs.org/:_authToken=${dollar}{NPM_TOKEN}\n`],
  ['pypirc without', '.pypirc', `[pypi]\nusername = __token__\npassword = %(PYPI_TOKEN)s\n`],
  [
    'private key file',
    'nginx/site.conf',
    `server {\n  ssl_certificate /etc/ssl/web.crt;\n  ssl_certificate_key /etc/ssl/private/web.key;\n  auth_basic_user_file /etc/nginx/.htpasswd;\n}\n`,
  ],
  [
    'wg-quick PostUp',
    'wireguard/wg0.conf',
    `[Interface]\nAddress = 10.0.0.1/24\nPostUp = wg set %i private-key /run/secrets/wg\n# PrivateKey = see the vault\n`,
  ],
  [
    'systemd credentials',
    'systemd/app.service',
    `[Service]\nLoadCredential=token:/run/secrets/token\nEnvironmentFile=/run/secrets/app.env\nEnvironment=PASSWORD_FILE=%d/token\n`,
  ],
  [
    'Go struct',
    'pkg/db.go',
    `opts := Options{\n\tPassword: cfg.Password,\n\tToken:    token,\n\tAPIKey:   getKey(ctx),\n}\n`,
  ],
  [
    'object shorthand',
    'src/login.ts',
    `const user = await login({ email, password, token: session.token });\nsetPassword(event.target.value);\nconst secret = await getSecret('db/password');\n`,
  ],
  [
    'Java fields',
    'src/Login.java',
    `class Login {\n  private String password;\n  Login(String password) { this.password = password; }\n  String token() { return tokenProvider.getToken(); }\n}\n`,
  ],
  [
    'kwargs',
    'app/db.py',
    `conn = connect(host=host, password=settings.DB_PASSWORD)\nself.token = token\nkey = load_key(path)\napi_key=api_key,\npassword=password,\n`,
  ],
  [
    'Rust fields',
    'src/db.rs',
    `let config = Config { password: args.password, token: Some(token) };\nlet secret_key = SecretKey::random(&mut rng);\n`,
  ],
  [
    'prometheus files',
    'prometheus.yml',
    `basic_auth:\n  username: prom\n  password_file: /run/secrets/prom\nauthorization:\n  credentials_file: /run/secrets/token\n`,
  ],
  [
    'AWS secrets ARN',
    'task.json',
    `{ "secrets": [{ "name": "DB_PASSWORD", "valueFrom": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf" }] }\n`,
  ],
  [
    'Azure Key Vault',
    'appsettings.json',
    `{ "DbPassword": "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/db/)" }\n`,
  ],
  [
    'Google secret',
    'cloudrun.yaml',
    `env:\n  - name: TOKEN\n    valueFrom: { secretKeyRef: { key: latest, name: api-token } }\n  - name: KEY\n    value: sm://project/secret\n`,
  ],
  [
    'Windows environment',
    'scripts/run.cmd',
    `set PASSWORD=%DB_PASSWORD%\ncurl -u admin:%PASSWORD% https://example.org\n`,
  ],
  [
    'PowerShell',
    'scripts/run.ps1',
    `$password = Read-Host -AsSecureString 'Password'\n$token = $env:API_TOKEN\n$cred = Get-Credential\n`,
  ],
  [
    'direnv',
    '.envrc',
    `use flake\nexport DB_PASSWORD=$(sops -d --extract '["db"]["password"]' secrets.yaml)\nsource_env_if_exists .envrc.local\n`,
  ],
  [
    'Makefile',
    'Makefile',
    `TOKEN ?= $(shell cat .token)\nPASSWORD := $(DB_PASSWORD)\ndeploy:\n\t@curl -H "Authorization: Bearer $(TOKEN)" https://example.org\n`,
  ],
  [
    'Jenkinsfile',
    'Jenkinsfile',
    `withCredentials([usernamePassword(credentialsId: 'registry', usernameVariable: 'USER', passwordVariable: 'PASSWORD')]) {\n  sh 'docker login -u $USER -p $PASSWORD'\n}\n`,
  ],
];

/** Names of secrets whose values are somewhere else. */
export function references(chance: Chance): Negative[] {
  const own = chance.for('references');
  const written = FILES.map(([kind, path, text]) => negative('reference', kind, path, text));
  const name = () => own.word();
  return [
    ...written,
    negative(
      'reference',
      'paths of secrets',
      'hosts/many.nix',
      Array.from(
        { length: 12 },
        () => `{ services.${name()}.passwordFile = "/run/secrets/${name()}-password"; }`,
      ).join('\n'),
    ),
    negative(
      'reference',
      'names of secrets',
      '.sops.names.yaml',
      Array.from(
        { length: 12 },
        () => `- secret_name: ${name()}-${name()}-token\n  secretKey: ${name()}-password\n`,
      ).join(''),
    ),
  ];
}
