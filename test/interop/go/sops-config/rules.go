package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/getsops/sops/v3"
	"github.com/getsops/sops/v3/config"
	"go.yaml.in/yaml/v3"
)

type key struct {
	Kind string `json:"kind"`
	Text string `json:"text"`
}

type selection struct {
	UnencryptedSuffix       string `json:"unencrypted_suffix"`
	EncryptedSuffix         string `json:"encrypted_suffix"`
	UnencryptedRegex        string `json:"unencrypted_regex"`
	EncryptedRegex          string `json:"encrypted_regex"`
	UnencryptedCommentRegex string `json:"unencrypted_comment_regex"`
	EncryptedCommentRegex   string `json:"encrypted_comment_regex"`
	MACOnlyEncrypted        bool   `json:"mac_only_encrypted"`
}

type shape struct {
	Groups    [][]key   `json:"groups"`
	Threshold int       `json:"threshold"`
	Selection selection `json:"selection"`
}

type answer struct {
	File string `json:"file"`
	// Relative to the top; null where there is none at or below it.
	Config *string `json:"config"`
	// Index of the first rule that matches, null where none does.
	Rule *int `json:"rule"`
	// Whether that rule was written for some paths: one that hits these strangers too hits everything.
	Explicit bool   `json:"explicit"`
	Wanted   *shape `json:"wanted"`
	// Why sops would not load the rule.
	Error string `json:"error"`
	Has   *shape `json:"has"`
	// Whether `sops updatekeys` would change the file, without its look at the threshold.
	Differs bool `json:"differs"`
}

func answerFor(top, file, scratch string) (answer, error) {
	var found answer
	absolute := filepath.Join(top, file)
	metadata := readMetadata(absolute)
	if metadata != nil {
		found.Has = shapeOfMetadata(metadata)
	}
	confPath, err := config.FindConfigFile(absolute)
	if err != nil {
		return found, nil
	}
	relative, err := filepath.Rel(top, confPath)
	if err != nil {
		return found, err
	}
	if strings.HasPrefix(relative, "..") {
		return found, nil
	}
	relative = filepath.ToSlash(relative)
	found.Config = &relative
	rule, err := config.LoadCreationRuleForFile(confPath, absolute, nil)
	if err != nil {
		found.Error = err.Error()
	} else if rule != nil {
		found.Wanted = shapeOfRule(rule)
		if metadata != nil {
			found.Differs = differs(metadata, rule)
		}
	}
	found.Rule, found.Explicit, err = firstHit(confPath, absolute, scratch)
	return found, err
}

// Only what is needed to find out which rule sops takes.
type ruleList struct {
	CreationRules []struct {
		PathRegex string `yaml:"path_regex"`
	} `yaml:"creation_rules"`
}

type markedRule struct {
	PathRegex      string `yaml:"path_regex"`
	EncryptedRegex string `yaml:"encrypted_regex"`
}

// sops does not say which rule it took: it is asked again with the same patterns, each of which now brings its number.
func firstHit(confPath, file, scratch string) (*int, bool, error) {
	text, err := os.ReadFile(confPath)
	if err != nil {
		return nil, false, nil
	}
	var list ruleList
	if yaml.Unmarshal(text, &list) != nil || list.CreationRules == nil {
		return nil, false, nil
	}
	marked := make([]markedRule, len(list.CreationRules))
	for index, rule := range list.CreationRules {
		marked[index] = markedRule{rule.PathRegex, strconv.Itoa(index)}
	}
	copied, err := yaml.Marshal(map[string]any{"creation_rules": marked})
	if err != nil {
		return nil, false, err
	}
	copyPath := filepath.Join(scratch, ".sops.yaml")
	if err := os.WriteFile(copyPath, copied, 0o600); err != nil {
		return nil, false, err
	}
	relative := strings.TrimPrefix(file, filepath.Dir(confPath)+string(filepath.Separator))
	rule, err := config.LoadCreationRuleForFile(copyPath, filepath.Join(scratch, relative), nil)
	if err != nil {
		return nil, false, nil
	}
	index, err := strconv.Atoi(rule.EncryptedRegex)
	if err != nil {
		return nil, false, err
	}
	explicit, err := isForSome(list.CreationRules[index].PathRegex, scratch)
	return &index, explicit, err
}

// Paths that have nothing to do with each other.
var strangers = []string{"flake.nix", ".gitignore", "src/Main Program.c", "a", "docs/2024/é.md", "x.y.z/0"}

// What is known of patterns already.
var forSome = map[string]bool{"": false}

func isForSome(pattern, scratch string) (bool, error) {
	if known, ok := forSome[pattern]; ok {
		return known, nil
	}
	copied, err := yaml.Marshal(map[string]any{"creation_rules": []markedRule{{pattern, "0"}}})
	if err != nil {
		return false, err
	}
	copyPath := filepath.Join(scratch, ".sops.yaml")
	if err := os.WriteFile(copyPath, copied, 0o600); err != nil {
		return false, err
	}
	hits := 0
	for _, path := range strangers {
		if rule, err := config.LoadCreationRuleForFile(copyPath, filepath.Join(scratch, path), nil); err == nil && rule != nil {
			hits++
		}
	}
	forSome[pattern] = hits < len(strangers)
	return forSome[pattern], nil
}

func shapeOfRule(rule *config.Config) *shape {
	return &shape{
		Groups:    keysOf(rule.KeyGroups),
		Threshold: rule.ShamirThreshold,
		Selection: selection{
			rule.UnencryptedSuffix, rule.EncryptedSuffix, rule.UnencryptedRegex, rule.EncryptedRegex,
			rule.UnencryptedCommentRegex, rule.EncryptedCommentRegex, rule.MACOnlyEncrypted,
		},
	}
}

func keysOf(groups []sops.KeyGroup) [][]key {
	all := [][]key{}
	for _, group := range groups {
		keys := []key{}
		for _, each := range group {
			keys = append(keys, key{each.TypeToIdentifier(), each.ToString()})
		}
		all = append(all, keys)
	}
	return all
}
