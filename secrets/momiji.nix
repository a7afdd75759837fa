# Emitted by `secrets`: edits are lost. Change .sops.yaml instead, then run `secrets nix`.
_: {
  sops.secrets = {
    mail = {
      sopsFile = ./momiji/mail.yaml;
    };
  };
}
