package main

import (
	"os"

	"github.com/getsops/sops/v3"
	"github.com/getsops/sops/v3/cmd/sops/common"
	"github.com/getsops/sops/v3/cmd/sops/formats"
	"github.com/getsops/sops/v3/config"
)

// A file of any name may hold any format; the one that its name says goes first.
func readMetadata(path string) *sops.Metadata {
	about, err := os.Lstat(path)
	if err != nil || !about.Mode().IsRegular() {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	stores := config.NewStoresConfig()
	order := []formats.Format{
		formats.FormatForPath(path), formats.Json, formats.Yaml, formats.Dotenv, formats.Ini,
	}
	for _, format := range order {
		tree, err := common.StoreForFormat(format, stores).LoadEncryptedFile(text)
		if err == nil {
			return &tree.Metadata
		}
	}
	return nil
}

func shapeOfMetadata(metadata *sops.Metadata) *shape {
	return &shape{
		Groups:    keysOf(metadata.KeyGroups),
		Threshold: metadata.ShamirThreshold,
		Selection: selection{
			metadata.UnencryptedSuffix, metadata.EncryptedSuffix, metadata.UnencryptedRegex, metadata.EncryptedRegex,
			metadata.UnencryptedCommentRegex, metadata.EncryptedCommentRegex, metadata.MACOnlyEncrypted,
		},
	}
}

// What `sops updatekeys` looks at.
func differs(metadata *sops.Metadata, rule *config.Config) bool {
	for _, diff := range common.DiffKeyGroups(metadata.KeyGroups, rule.KeyGroups) {
		if len(diff.Added) > 0 || len(diff.Removed) > 0 {
			return true
		}
	}
	return false
}
