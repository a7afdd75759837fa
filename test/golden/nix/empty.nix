# Emitted by `secrets`: edits are lost. Change .sops.yaml instead, then run `secrets nix`.
_: { }
