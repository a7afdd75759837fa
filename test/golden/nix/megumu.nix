# Emitted by `secrets`: edits are lost. Change .sops.yaml instead, then run `secrets nix`.
_: {
  sops.secrets = {
    "kanidm/miniflux" = {
      sopsFile = ./megumu/kanidm/miniflux.yaml;
      mode = "0440";
      owner = "miniflux";
      group = "kanidm";
      restartUnits = [
        "miniflux.service"
        "kanidm.service"
      ];
    };
    kotori = {
      sopsFile = ./megumu/kotori.env;
      format = "dotenv";
      restartUnits = [ "fukurou.service" ];
    };
    login = {
      sopsFile = ./megumu/login.yaml;
      neededForUsers = true;
    };
    mail = {
      sopsFile = ../hosts/megumu/sops.yaml;
      key = "smtp/password";
      reloadUnits = [ "postfix.service" ];
    };
    odd = {
      sopsFile = builtins.path {
        path = ../. + "/hosts/megumu/odd name.json";
        name = "odd-name.json";
      };
      format = "json";
      key = "value";
    };
    "tls.key" = {
      sopsFile = ./servers/tls.key.bin;
      format = "binary";
      path = "/var/lib/tls/key.pem";
    };
    wifi = {
      sopsFile = ./aya+megumu/wifi.yaml;
    };
  };
}
