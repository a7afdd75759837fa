# Emitted by `secrets`: edits are lost. Change .sops.yaml instead, then run `secrets nix`.
_: {
  sops.secrets = {
    "in" = {
      sopsFile = ../../secrets/aya/in.yaml;
    };
    vpn = {
      sopsFile = ../../secrets/aya/vpn.ini;
      format = "ini";
      mode = "0640";
      owner = "kamov";
      group = "wheel";
    };
    wifi = {
      sopsFile = ../../secrets/aya+megumu/wifi.yaml;
    };
  };
}
