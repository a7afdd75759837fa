# A flake check: `secrets check` over the source of a flake, in the sandbox, where there is neither git nor a key.
#
#   checks.x86_64-linux.secrets = import "${nix-secrets}/nix/check.nix" {
#     pkgs = nixpkgs.legacyPackages.x86_64-linux;
#     src = self;
#   };
{
  pkgs,
  # The flake as nix sees it: `self`. What git does not track is not in it, and so is found to be missing.
  src,
  # Only what concerns this host; null: everything.
  host ? null,
  # The folder of the `.sops.yaml`, relative to the flake.
  directory ? ".",
  nodejs ? pkgs.nodejs,
}:
let
  tool = builtins.path {
    name = "nix-secrets";
    path = ../.;
    # a checkout also holds what only its own tests need
    filter =
      path: _type:
      let
        inner = builtins.substring (builtins.stringLength (toString ../.) + 1) (-1) (toString path);
      in
      builtins.match "(bin|dist|package\\.json)(/.*)?" inner != null;
  };
in
pkgs.runCommand "secrets-check"
  {
    inherit src tool directory;
    host = if host == null then "" else host;
    nativeBuildInputs = [ nodejs ];
  }
  ''
    export HOME="$TMPDIR"
    cd "$src/$directory"
    node "$tool/bin/secrets.js" check ''${host:+--host "$host"}
    touch "$out"
  ''
