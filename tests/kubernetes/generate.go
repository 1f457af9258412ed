package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"
)

const (
	chartFolder   = "charts/dvecdb"
	alertsFile    = chartFolder + "/files/alerts.yaml"
	ruleFile      = "kubernetes/base/prometheus-rule.yaml"
	chartReadme   = chartFolder + "/README.md"
	tableBegin    = "<!-- values: scripts/generate_kubernetes.sh -->\n"
	tableEnd      = "<!-- end of values -->\n"
	generatedNote = "# Made of " + alertsFile + " by scripts/generate_kubernetes.sh.\n"
)

// The files that are made of others, by their paths below the project's folder.
func generated(root string) (map[string]string, error) {
	rule, err := prometheusRule(root)
	if err != nil {
		return nil, err
	}
	readme, err := readmeWithValues(root)
	if err != nil {
		return nil, err
	}
	return map[string]string{ruleFile: rule, chartReadme: readme}, nil
}

func writeGenerated(root string) error {
	files, err := generated(root)
	if err != nil {
		return err
	}
	for path, text := range files {
		if err := os.WriteFile(filepath.Join(root, path), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func prometheusRule(root string) (string, error) {
	alerts, err := os.ReadFile(filepath.Join(root, alertsFile))
	if err != nil {
		return "", err
	}
	var text strings.Builder
	text.WriteString(generatedNote)
	text.WriteString("apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\n")
	text.WriteString("metadata:\n  name: dvecdb\nspec:\n")
	for _, line := range strings.SplitAfter(string(alerts), "\n") {
		if strings.HasPrefix(line, "#") || line == "" {
			continue
		}
		text.WriteString("  " + line)
	}
	return text.String(), nil
}

func readmeWithValues(root string) (string, error) {
	readme, err := os.ReadFile(filepath.Join(root, chartReadme))
	if err != nil {
		return "", err
	}
	before, rest, found := strings.Cut(string(readme), tableBegin)
	_, after, closed := strings.Cut(rest, tableEnd)
	if !found || !closed {
		return "", fmt.Errorf("%s: no place for the table of values", chartReadme)
	}
	values, err := os.ReadFile(filepath.Join(root, chartFolder, "values.yaml"))
	if err != nil {
		return "", err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(values, &document); err != nil {
		return "", err
	}
	table := "\n| value | default | what it is |\n|---|---|---|\n" + valueRows("", document.Content[0])
	return before + tableBegin + table + "\n" + tableEnd + after, nil
}

// One row for each value that has a comment of its own.
func valueRows(prefix string, mapping *yaml.Node) string {
	var rows strings.Builder
	for i := 0; i < len(mapping.Content); i += 2 {
		key, value := mapping.Content[i], mapping.Content[i+1]
		name := prefix + key.Value
		comment := strings.ReplaceAll(strings.ReplaceAll(key.HeadComment, "\n# ", " "), "# ", "")
		// A note above the whole file belongs to no value.
		if index := strings.LastIndex(comment, "\n\n"); index >= 0 {
			comment = comment[index+2:]
		}
		if value.Kind == yaml.MappingNode && len(value.Content) > 0 && comment == "" {
			rows.WriteString(valueRows(name+".", value))
			continue
		}
		fmt.Fprintf(&rows, "| `%s` | `%s` | %s |\n", name, flowText(value), comment)
	}
	return rows.String()
}

func flowText(value *yaml.Node) string {
	copied := *value
	copied.Style |= yaml.FlowStyle
	copied.HeadComment, copied.LineComment = "", ""
	text, err := yaml.Marshal(&copied)
	if err != nil {
		return value.Value
	}
	return strings.TrimSpace(string(text))
}
