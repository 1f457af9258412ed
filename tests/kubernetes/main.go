// Renders what kubernetes/ and charts/ say, by the libraries of kustomize and Helm themselves; the
// tests beside check it. Run in the project's folder by scripts/test_kubernetes.sh and
// scripts/generate_kubernetes.sh:
//
//	render <overlay's folder>   its documents as one JSON array
//	generate                    the files that are made of others
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func run(arguments []string) error {
	switch {
	case len(arguments) == 2 && arguments[0] == "render":
		objects, err := renderOverlay(arguments[1])
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(objects)
	case len(arguments) == 1 && arguments[0] == "generate":
		return writeGenerated(".")
	}
	return fmt.Errorf("usage: render <overlay's folder> | generate")
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
