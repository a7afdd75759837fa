import type { Chance } from './chance.ts';
import { type Page, planted } from './sample.ts';

/** A kind of file around a value of several lines. */
export interface BlockFrame {
  readonly title: string;
  readonly page: (chance: Chance, block: string) => Page;
}

function frame(title: string, path: string, text: (block: string, chance: Chance) => string): BlockFrame {
  return {
    title,
    page: (chance, block) => ({ path: path.replace('*', chance.word()), text: text(block, chance) }),
  };
}

/** Every line but the first, because the page has the place of that one. */
const indented = (block: string, by: number): string =>
  planted(block.replaceAll('\n', `\n${' '.repeat(by)}`));
const escaped = (block: string): string => planted(block.replaceAll('\n', '\\n'));
const lines = (block: string, line: (text: string, last: boolean) => string): string => {
  const all = block.split('\n');
  return planted(all.map((text, index) => line(text, index === all.length - 1)).join('\n'));
};

/** Kinds of file in which keys of several lines are found. */
export const BLOCK_FRAMES: readonly BlockFrame[] = [
  frame(
    'YAML block',
    'vars/*.yml',
    b => `app:\n  name: web\n  key: |\n    ${indented(b, 4)}\n  debug: false\n`,
  ),
  frame(
    'Nix string',
    'hosts/*.nix',
    b => `{ ... }:\n{\n  environment.etc."app/key.pem".text = ''\n    ${indented(b, 4)}\n  '';\n}\n`,
  ),
  frame(
    'escaped JSON',
    'config/*.json',
    b =>
      `{\n  "type": "service_account",\n  "project_id": "web",\n  "private_key": "${escaped(`${b}\n`)}",\n  "client_id": "1"\n}\n`,
  ),
  frame('escaped dotenv', '.env.local', b => `PORT=80\nAPP_KEY="${escaped(b)}"\nMODE=prod\n`),
  frame('multi-line dotenv', '.env', b => `PORT=80\nAPP_KEY="${planted(b)}"\nMODE=prod\n`),
  frame(
    'TypeScript template',
    'src/*.ts',
    b => `export const options = { retry: 2 };\nexport const key = \`${planted(b)}\`;\n`,
  ),
  frame(
    'Python triple quotes',
    'app/*.py',
    b => `import jwt\n\nKEY = """${planted(b)}\n"""\n\nprint(len(KEY))\n`,
  ),
  frame(
    'Terraform heredoc',
    'infra/*.tf',
    b => `resource "tls_thing" "a" {\n  key = <<EOF\n${planted(b)}\nEOF\n}\n`,
  ),
  frame(
    'Rust continued',
    'src/*.rs',
    b => `const PORT: u16 = 80;\nconst KEY: &str = "${lines(b, (l, last) => (last ? l : `${l}\\n\\`))}";\n`,
  ),
  frame(
    'JavaScript joined',
    'lib/*.js',
    b =>
      `const key = ${lines(b, (l, last) => (last ? `"${l}";` : `"${l}\\n" +`))}\nmodule.exports = { key };\n`,
  ),
  frame(
    'Java joined',
    'src/*.java',
    b =>
      `class K {\n  static final String KEY =\n${lines(b, (l, last) => (last ? `      + "${l}\\n";` : `      + "${l}\\n"`))}\n}\n`,
  ),
  frame(
    'cloud-init',
    'cloud/*.yaml',
    b =>
      `#cloud-config\nwrite_files:\n  - path: /etc/ssl/key.pem\n    content: |\n      ${indented(b, 6)}\n    permissions: "0600"\n`,
  ),
  frame(
    'XML CDATA',
    'conf/*.xml',
    b => `<config>\n  <key><![CDATA[\n${planted(b)}\n  ]]></key>\n</config>\n`,
  ),
  frame('HTML pre', 'site/*.html', b => `<h1>Keys</h1>\n<pre>\n${planted(b)}\n</pre>\n`),
  frame(
    'shell heredoc',
    'bin/*.sh',
    b => `#!/bin/sh\ncat > /etc/key.pem <<'EOF'\n${planted(b)}\nEOF\nchmod 600 /etc/key.pem\n`,
  ),
  frame(
    'patch',
    'patches/*.patch',
    b => `--- /dev/null\n+++ b/key.pem\n@@ -0,0 +1,${b.split('\n').length} @@\n${lines(b, l => `+${l}`)}\n`,
  ),
  frame('Markdown', 'docs/*.md', b => `# Keys\n\nWe use this one:\n\n\`\`\`\n${planted(b)}\n\`\`\`\n`),
  frame('TOML', 'config/*.toml', b => `[tls]\nport = 443\nkey = """\n${planted(b)}\n"""\n`),
  frame('PHP heredoc', 'src/*.php', b => `<?php\n$key = <<<PEM\n${planted(b)}\nPEM;\n`),
  frame(
    'bundle after a note',
    'etc/ssl/*.pem',
    b => `Bag Attributes\n    friendlyName: web\n${planted(b)}\n`,
  ),
  frame(
    'OpenVPN profile',
    'vpn/*.ovpn',
    b => `client\ndev tun\nremote vpn.example.org 1194\n<key>\n${planted(b)}\n</key>\n`,
  ),
  frame('Go raw string', 'pkg/*.go', b => `package keys\n\nconst Key = \`${planted(b)}\`\n`),
  frame('SQL', 'db/*.sql', b => `INSERT INTO keys (name, pem) VALUES ('web', '${planted(b)}');\n`),
  frame(
    'notebook',
    'notebooks/*.ipynb',
    b => `{"cells":[{"cell_type":"code","source":["key = '''${escaped(b)}'''"]}],"nbformat":4}\n`,
  ),
];
