// Asks sops' own packages which configuration, rule and keys govern files, and which keys open them.
//
// Reads {"cases": [{"top": FOLDER, "files": [PATH...]}]} from stdin, where the paths are relative to the folder, and
// prints {"cases": [[ANSWER...]...]} in the same order. Changes nothing below the folders and needs no network.
package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"

	"github.com/sirupsen/logrus"
)

type question struct {
	Top   string   `json:"top"`
	Files []string `json:"files"`
}

type questions struct {
	Cases []question `json:"cases"`
}

type answers struct {
	Cases [][]answer `json:"cases"`
}

func main() {
	logrus.SetOutput(io.Discard)
	var asked questions
	check(json.NewDecoder(os.Stdin).Decode(&asked))
	scratch, err := os.MkdirTemp("", "sops-config-")
	check(err)
	defer os.RemoveAll(scratch)
	said := answers{Cases: make([][]answer, len(asked.Cases))}
	for number, each := range asked.Cases {
		said.Cases[number] = []answer{}
		for _, file := range each.Files {
			found, err := answerFor(each.Top, filepath.FromSlash(file), scratch)
			check(err)
			found.File = file
			said.Cases[number] = append(said.Cases[number], found)
		}
	}
	check(json.NewEncoder(os.Stdout).Encode(said))
}

func check(err error) {
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}
