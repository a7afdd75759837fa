# Emitted by `secrets`: edits are lost. Change .sops.yaml instead, then run `secrets nix`.
_: {
  sops.secrets = {
    "syncthing/photos" = {
      sopsFile = ./momiji/syncthing/photos.yaml;
    };
    token = {
      sopsFile = ./momiji/token.env;
      format = "dotenv";
      path = "%r/token";
      mode = "0600";
    };
  };
}
