# Emitted by `secrets`: edits are lost. Change .sops.yaml instead, then run `secrets nix`.
_: {
  sops.secrets = {
    wifi = {
      sopsFile = ./aya+megumu/wifi.yaml;
    };
  };
}
