import type { Chance } from './chance.ts';
import { type Page, planted } from './sample.ts';

/** A kind of file around `NAME` and its value. */
export interface Frame {
  readonly title: string;
  readonly page: (chance: Chance, name: string, value: string) => Page;
}

function frame(title: string, path: string, text: (v: string, name: string, c: Chance) => string): Frame {
  return {
    title,
    page: (chance, name, value) => ({
      path: path.replace('*', chance.word()),
      text: text(planted(value), name, chance),
    }),
  };
}

const camel = (name: string): string =>
  name.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const snake = (name: string): string => name.toLowerCase();
const dotted = (name: string): string => name.toLowerCase().replaceAll('_', '.');
const kebab = (name: string): string => name.toLowerCase().replaceAll('_', '-');

const SHELL: readonly Frame[] = [
  frame('dotenv', '.env', (v, n) => `NODE_ENV=production\nPORT=3000\n${n}=${v}\nLOG_LEVEL=info\n`),
  frame(
    'quoted dotenv',
    'deploy/.env.production',
    (v, n) => `# see the wiki\nTZ="Europe/Berlin"\n${n}="${v}"\n`,
  ),
  frame(
    'shell export',
    'scripts/*.sh',
    (v, n) => `#!/usr/bin/env bash\nset -euo pipefail\n\nexport ${n}='${v}'\nexec "$@"\n`,
  ),
  frame(
    'shell profile',
    'dotfiles/.zshrc',
    (v, n) => `autoload -Uz compinit\nalias ll='ls -l'\nexport ${n}=${v}\nbindkey -e\n`,
  ),
  frame('fish', 'home/config.fish', (v, n) => `set -gx EDITOR hx\nset -gx ${n} ${v}\n`),
  frame(
    'curl command',
    'docs/*.sh',
    v =>
      `#!/bin/sh\ncurl -sS https://api.example.org/v1/me \\\n  -H "Authorization: Bearer ${v}" \\\n  -H "Accept: application/json"\n`,
  ),
  frame(
    'Dockerfile',
    'Dockerfile',
    (v, n) => `FROM node:20-alpine\nWORKDIR /app\nENV ${n}=${v}\nCOPY . .\nCMD ["node", "server.js"]\n`,
  ),
  frame('Makefile', 'Makefile', (v, n) => `.PHONY: deploy\n${n} := ${v}\n\ndeploy:\n\t./deploy.sh\n`),
  frame(
    'PowerShell',
    'scripts/*.ps1',
    (v, n) => `$ErrorActionPreference = 'Stop'\n$env:${n} = '${v}'\nInvoke-Build\n`,
  ),
];

const MARKUP: readonly Frame[] = [
  frame(
    'compose',
    'docker-compose.yml',
    (v, n) =>
      `services:\n  web:\n    image: ghcr.io/example/web:1.4\n    environment:\n      TZ: Europe/Vienna\n      ${n}: "${v}"\n    ports:\n      - 8080:8080\n`,
  ),
  frame(
    'compose list',
    'stacks/*/compose.yaml',
    (v, n) =>
      `services:\n  worker:\n    image: worker:2\n    environment:\n      - QUEUE=default\n      - ${n}=${v}\n    restart: unless-stopped\n`,
  ),
  frame(
    'Kubernetes Secret',
    'k8s/*-secret.yaml',
    (v, n) =>
      `apiVersion: v1\nkind: Secret\nmetadata:\n  name: web\ntype: Opaque\nstringData:\n  ${n}: ${v}\n`,
  ),
  frame(
    'Kubernetes Deployment',
    'k8s/deployment.yaml',
    (v, n) =>
      `apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: app\n          env:\n            - name: ${n}\n              value: "${v}"\n`,
  ),
  frame(
    'GitHub workflow',
    '.github/workflows/*.yml',
    (v, n) =>
      `on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    env:\n      ${n}: ${v}\n    steps:\n      - uses: actions/checkout@v4\n`,
  ),
  frame(
    'Ansible vars',
    'group_vars/all.yml',
    (v, n) => `---\nntp_server: pool.ntp.org\n${snake(n)}: "${v}"\ntimezone: UTC\n`,
  ),
  frame(
    'Helm values',
    'charts/web/values.yaml',
    (v, n) => `replicaCount: 2\nimage:\n  tag: "1.2.3"\nextra:\n  ${camel(n)}: ${v}\nresources: {}\n`,
  ),
  frame(
    'cloud-init',
    'cloud-init/user-data.yaml',
    (v, n) =>
      `#cloud-config\nwrite_files:\n  - path: /etc/app.env\n    permissions: "0600"\n    content: |\n      ${n}=${v}\nruncmd:\n  - systemctl start app\n`,
  ),
  frame('JSON', 'config/*.json', (v, n) =>
    JSON.stringify({ debug: false, [camel(n)]: v, retries: 3 }, null, 2),
  ),
  frame('flat JSON', 'appsettings.json', (v, n) =>
    JSON.stringify({ Logging: { Level: 'Warning' }, Services: { [n]: v } }),
  ),
  frame(
    'tfvars',
    'infra/prod.auto.tfvars',
    (v, n) => `region = "eu-central-1"\n${snake(n)} = "${v}"\ninstance_count = 2\n`,
  ),
  frame(
    'Terraform',
    'infra/main.tf',
    (v, n) =>
      `provider "thing" {\n  region = var.region\n  ${snake(n)} = "${v}"\n}\n\nresource "thing_vm" "a" {\n  size = "small"\n}\n`,
  ),
  frame(
    'TOML',
    'config.toml',
    (v, n) => `[server]\nport = 8080\n\n[upstream]\n${snake(n)} = "${v}"\ntimeout = "30s"\n`,
  ),
  frame('INI', 'etc/*.ini', (v, n) => `[main]\nworkers = 4\n\n[api]\n${snake(n)} = ${v}\n`),
  frame(
    'XML',
    'config/*.xml',
    (v, n) =>
      `<?xml version="1.0"?>\n<configuration>\n  <appSettings>\n    <add key="${n}" value="${v}" />\n    <add key="Mode" value="prod" />\n  </appSettings>\n</configuration>\n`,
  ),
  frame(
    'plist',
    'macos/*.plist',
    (v, n) =>
      `<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0">\n<dict>\n  <key>Label</key>\n  <string>org.example.agent</string>\n  <key>${n}</key>\n  <string>${v}</string>\n</dict>\n</plist>\n`,
  ),
  frame(
    'properties',
    'src/main/resources/application.properties',
    (v, n) => `server.port=8080\n${dotted(n)}=${v}\nspring.jpa.open-in-view=false\n`,
  ),
  frame(
    'HTML',
    'public/*.html',
    (v, n) => `<!doctype html>\n<title>Status</title>\n<script>\n  window.${camel(n)} = "${v}";\n</script>\n`,
  ),
];

const NIX: readonly Frame[] = [
  frame(
    'Nix environment',
    'hosts/*/default.nix',
    (v, n) =>
      `{ config, pkgs, ... }:\n{\n  systemd.services.bot = {\n    wantedBy = [ "multi-user.target" ];\n    environment.${n} = "${v}";\n  };\n}\n`,
  ),
  frame(
    'Nix settings',
    'modules/*.nix',
    (v, n) =>
      `{ lib, ... }:\n{\n  services.exporter = {\n    enable = true;\n    settings.${camel(n)} = "${v}";\n  };\n}\n`,
  ),
  frame(
    'Nix multi-line string',
    'nixos/*.nix',
    (v, n) => `{\n  services.thing.extraConfig = ''\n    listen 127.0.0.1\n    ${n}=${v}\n  '';\n}\n`,
  ),
  frame(
    'Nix writeText',
    'pkgs/*.nix',
    (v, n) =>
      `{ pkgs, ... }:\nlet\n  envFile = pkgs.writeText "app.env" ''\n    ${n}=${v}\n  '';\nin\n{\n  systemd.services.app.serviceConfig.EnvironmentFile = envFile;\n}\n`,
  ),
  frame(
    'systemd unit',
    'systemd/*.service',
    (v, n) => `[Unit]\nDescription=Worker\n\n[Service]\nEnvironment="${n}=${v}"\nExecStart=/usr/bin/worker\n`,
  ),
];

const CODE: readonly Frame[] = [
  frame(
    'TypeScript',
    'src/*.ts',
    (v, n) =>
      `import { Client } from './client.ts';\n\nconst ${camel(n)} = '${v}';\n\nexport const client = new Client({ retries: 3 });\n`,
  ),
  frame(
    'JavaScript call',
    'lib/*.js',
    v =>
      `const { Api } = require('api');\nconst api = new Api({\n  auth: "${v}",\n  timeout: 1000,\n});\nmodule.exports = api;\n`,
  ),
  frame(
    'Python',
    'app/*.py',
    (v, n) => `import os\n\nDEBUG = False\n${n} = "${v}"\n\n\ndef main() -> None:\n    print("ok")\n`,
  ),
  frame('Python default', 'tools/*.py', (v, n) => `import os\n\nvalue = os.environ.get("${n}", "${v}")\n`),
  frame(
    'Ruby',
    'config/initializers/*.rb',
    (v, n) => `Rails.application.configure do\n  config.x.${snake(n)} = '${v}'\nend\n`,
  ),
  frame(
    'Go',
    'cmd/*/main.go',
    (v, n) =>
      `package main\n\nimport "fmt"\n\nconst ${camel(n)} = "${v}"\n\nfunc main() { fmt.Println("ok") }\n`,
  ),
  frame('Rust', 'src/*.rs', (v, n) => `use std::env;\n\nconst ${n}: &str = "${v}";\n\nfn main() {}\n`),
  frame(
    'PHP',
    'src/*.php',
    (v, n) => `<?php\nreturn [\n    'debug' => false,\n    '${snake(n)}' => '${v}',\n];\n`,
  ),
  frame(
    'Java',
    'src/main/java/*.java',
    (v, n) => `public final class Settings {\n    private static final String ${n} = "${v}";\n}\n`,
  ),
  frame(
    'SQL',
    'db/seed-*.sql',
    (v, n) => `BEGIN;\nINSERT INTO settings (name, value) VALUES ('${snake(n)}', '${v}');\nCOMMIT;\n`,
  ),
  frame('Lua', 'nvim/*.lua', (v, n) => `local M = {}\nM.${snake(n)} = "${v}"\nreturn M\n`),
  frame(
    'C#',
    'src/*.cs',
    (v, n) =>
      `namespace App;\npublic static class Keys\n{\n    public const string ${camel(n)} = "${v}";\n}\n`,
  ),
];

const RECORDS: readonly Frame[] = [
  frame(
    'Markdown',
    'docs/*.md',
    (v, n) => `# Set-up\n\nRun this once:\n\n\`\`\`console\n$ export ${n}=${v}\n$ make deploy\n\`\`\`\n`,
  ),
  frame(
    'CSV',
    'data/*.csv',
    (v, n) => `id,name,value,active\n1,region,eu,yes\n2,${snake(n)},${v},yes\n3,tier,pro,no\n`,
  ),
  frame(
    'log',
    'logs/*.log',
    (v, n) =>
      `2024-05-01T12:00:00Z INFO starting\n2024-05-01T12:00:01Z DEBUG env ${n}=${v} loaded\n2024-05-01T12:00:02Z INFO ready\n`,
  ),
  frame(
    'patch',
    'patches/*.patch',
    (v, n) =>
      `diff --git a/run.sh b/run.sh\nindex 3b18e51..8ab686e 100644\n--- a/run.sh\n+++ b/run.sh\n@@ -1,2 +1,3 @@\n #!/bin/sh\n+export ${n}=${v}\n exec app\n`,
  ),
  frame('notebook', 'notebooks/*.ipynb', (v, n) =>
    JSON.stringify(
      {
        cells: [
          {
            cell_type: 'code',
            execution_count: 1,
            metadata: {},
            outputs: [],
            source: ['import os\n', `os.environ["${n}"] = "${v}"\n`],
          },
        ],
        nbformat: 4,
        nbformat_minor: 5,
      },
      null,
      1,
    ),
  ),
  frame(
    'HTTP transcript',
    'docs/*.http',
    v => `GET /v1/me HTTP/1.1\nHost: api.example.org\nAuthorization: Bearer ${v}\n\n`,
  ),
  frame('kebab YAML', 'secrets/*.yaml', (v, n) => `service:\n    ${kebab(n)}: ${v}\n    owner: root\n`),
];

/** The kinds of file that a value with a name can stand in. */
export const FRAMES: readonly Frame[] = [...SHELL, ...MARKUP, ...NIX, ...CODE, ...RECORDS];

/** Those in which the name stands beside the value, which a value without a prefix cannot do without. */
export const NAMED_FRAMES: readonly Frame[] = FRAMES.filter(
  ({ title }) => !['curl command', 'JavaScript call', 'HTTP transcript', 'CSV', 'SQL'].includes(title),
);
