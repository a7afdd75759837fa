# Emitted by `secrets`: edits are lost. Change .sops.yaml instead, then run `secrets nix`.
_: {
  sops.secrets = {
    "kanidm/miniflux" = {
      sopsFile = ./megumu/kanidm/miniflux.yaml;
      mode = "0440";
      owner = "miniflux";
      group = "kanidm";
    };
    kotori = {
      sopsFile = ./megumu/kotori.env;
      format = "dotenv";
      restartUnits = [ "fukurou.service" ];
    };
    wifi = {
      sopsFile = ./aya+megumu/wifi.yaml;
    };
  };
}
