import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nixStrings } from '../../src/scan/assignments/nix-strings.ts';
import { readNix } from '../../src/scan/nix-source.ts';
import { findsOf, rulesFor } from './context-finds.ts';
import { Chance } from './corpus/chance.ts';

const chance = new Chance(42);
const strong = chance.base62(24);
const human = `K${chance.word()}${chance.digits(3)}!`;
const weak = ['hunter', '2'].join('');

describe('the reader of Nix', () => {
  it('takes code apart', () => {
    const { tokens, comments } = readNix(
      "{ a.b-c = \"x\\\"${d \"e\"}y\"; # note\n f = ''\n  g ''${h} i''; /* j */ k = ./l; }",
    );
    expect(tokens.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
      'sign {',
      'name a',
      'sign .',
      'name b-c',
      'sign =',
      'string x\\"${d "e"}y',
      'name d',
      'string e',
      'sign ;',
      'name f',
      'sign =',
      "string \n  g ''${h} i",
      'sign ;',
      'name k',
      'sign =',
      'path ./l',
      'sign ;',
      'sign }',
    ]);
    expect(comments).toHaveLength(2);
  });

  it('knows what strings are bound to', () => {
    const source =
      'users.users.root = { initialPassword = lib.mkForce "a"; }; x = if y then "b" else "c"; { z ? "d" }: [ "--e" "f" ]';
    const names = nixStrings(readNix(source)).map(({ text, name }) => `${text}: ${name.join('.')}`);
    expect(names).toEqual(['a: initialPassword', 'b: x', 'c: x', 'd: z', '--e: ', 'f: --e']);
  });

  it.each(['"', "''", '${', '"${"${"${', '{ a = "', '}}}}', '/*', "''${''${", '"\\', "'''"])(
    'ends with %s',
    text => {
      expect(() => readNix(text.repeat(50))).not.toThrow();
    },
  );

  it('keeps offsets', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            'a',
            '=',
            '"',
            "''",
            '${',
            '}',
            '{',
            ';',
            ' ',
            '\n',
            '#',
            '/*',
            '*/',
            '\\',
            '/x',
            '.',
            "'",
          ),
          { maxLength: 60 },
        ),
        parts => {
          const text = parts.join('');
          for (const { start, end, text: shown, kind } of readNix(text).tokens) {
            expect(start).toBeLessThanOrEqual(end);
            expect(end).toBeLessThanOrEqual(text.length);
            if (kind === 'string') expect(text.slice(start, end)).toBe(shown);
          }
        },
      ),
      { numRuns: 1000, seed: 3 },
    );
  });
});

const FOUND: readonly string[] = [
  `{ services.foo.settings.password = "${weak}"; }`,
  `{ users.users.root.initialPassword = "${human}"; }`,
  `{ users.users.me = { isNormalUser = true; password = lib.mkDefault "${human}"; }; }`,
  `{ services.x.environment.SMTP_PASSWORD = "${human}"; }`,
  `let dbPassword = "${human}"; in { }`,
  `{ password ? "${human}", ... }: { }`,
  `{ password = if prod then "${human}" else config.x; }`,
  `{ services.x.extraConfig = ''\n  listen 1\n  password = ${human}\n''; }`,
  `{ environmentFile = pkgs.writeText "x.env" ''\n  DB_PASSWORD=${human}\n''; }`,
  `{ serviceConfig.Environment = [ "DB_PASSWORD=${human}" ]; }`,
  `{ services.x.passwordFile = pkgs.writeText "x" "${human}"; }`,
  `{ services.x.passwordFile = builtins.toFile "db-password" "${human}"; }`,
  `{ a = pkgs.writeTextFile { name = "db-password"; text = "${human}"; }; }`,
  `{ environment.etc."secrets/password".text = "${human}"; }`,
  `{ services.nginx.virtualHosts.x.basicAuth = { me = "${human}"; }; }`,
  `{ networking.wireless.networks.attic.psk = "${human}"; }`,
  `{ x = "\${pkgs.writeText "password" "${human}"}"; }`,
  `# password = "${human}";\n{ }`,
  `{ exec = "tool --password ${human} run"; }`,
];
const TOKENS: readonly string[] = [
  `{ services.x.settings.apiToken = "${strong}"; }`,
  `{ systemd.services.x.environment.API_KEY = "${strong}"; }`,
  `{ args = [ "--token" "${strong}" ]; }`,
  `{ a = pkgs.writeText "token" "${strong}"; }`,
  `{ services.x.config = ''\n  { "secretKey": "${strong}" }\n''; }`,
];
const PASSED: readonly string[] = [
  '{ services.x.passwordFile = config.sops.secrets.x.path; }',
  '{ services.x.passwordFile = "/run/secrets/x"; tokenFile = "/run/agenix/token-1"; }',
  '{ password = config.services.x.password; token = cfg.token; secret = builtins.readFile ./x1; }',
  '{ description = "the password of user1!"; password = mkOption { type = types.str; default = ""; description = "password=Kestrel99!"; }; }',
  `{ password = mkOption { type = types.str; example = "${weak}"; defaultText = literalExpression "password1!"; }; }`,
  `{ example = { password = "${weak}"; token = "${strong}"; }; }`,
  '{ enable = mkEnableOption "the password: reset1! service"; }',
  '{ password = "${cfg.password}"; url = "postgres://me:${cfg.password}@db/x"; }',
  '{ environment.PASSWORD = "$PASSWORD"; script = \'\'\n  PASSWORD="$(cat ${config.sops.secrets.x.path})"\n  TOKEN=$(cat "$CREDENTIALS_DIRECTORY/token")\n\'\'; }',
  '{ sops.secrets."db/password" = { owner = "app1"; key = "db-password-1"; sopsFile = ./secrets.yaml; }; }',
  '{ users.users.me.hashedPasswordFile = "/persist/passwords/me1"; users.mutableUsers = false; }',
  '{ password = "@password@"; apiKey = "\\${API_KEY}"; passwordCommand = "pass show mail/x1"; }',
  '{ smtpd_tls_exclude_ciphers = "aNULL:MD5:PSK:aECDH1"; uwsgi = "uwsgi_pass unix:/run/x1.sock;"; }',
  '{ initialPassword = "changeme"; password = "nixos"; secretKey = "REPLACE_ME_1"; }',
  '{ security.pam.services.login.sshAgentAuth = true; programs.password-store.package = pkgs.pass-wayland; }',
];

describe('literals in Nix', () => {
  it.each(FOUND)('a password in %j', text => {
    expect(rulesFor('hosts/a.nix', text)).toContain('nix-password');
    expect(findsOf('hosts/a.nix', text).map(({ value }) => value)).toContain(
      text.includes(human) ? human : weak,
    );
  });

  it.each(TOKENS)('a token in %j', text => {
    expect(rulesFor('hosts/a.nix', text)).toContain('nix-token');
  });

  it.each(PASSED)('none in %j', text => {
    expect(rulesFor('hosts/a.nix', text)).toEqual([]);
  });
});
