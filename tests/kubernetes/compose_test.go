package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"gopkg.in/yaml.v3"
)

// compose.yaml as `docker compose config` reads it, by the same library.
func composeProject(t *testing.T) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{path("compose.yaml")}, cli.WithWorkingDirectory(root))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func TestCompose(t *testing.T) {
	project := composeProject(t)
	if names := project.ServiceNames(); !slices.Equal(names, []string{"dvecdb", "grafana", "prometheus"}) {
		t.Errorf("services: %v", names)
	}
	for name, service := range project.Services {
		if !strings.Contains(service.Image, ":") || strings.HasSuffix(service.Image, ":latest") {
			t.Errorf("%s: the image %s has no version", name, service.Image)
		}
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s: port %s is open to everybody", name, port.Published)
			}
		}
		for _, volume := range service.Volumes {
			if volume.Type != types.VolumeTypeBind {
				continue
			}
			if _, err := os.Stat(volume.Source); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	server := project.Services["dvecdb"]
	if !server.ReadOnly || !slices.Equal(server.CapDrop, []string{"ALL"}) {
		t.Error("the server has rights that it does not need")
	}
}

// The job has the name that the alerts ask for, and the port of the metrics.
func TestComposeScrapesTheServer(t *testing.T) {
	text, err := os.ReadFile(path("docker", "prometheus.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var configuration struct {
		ScrapeConfigs []struct {
			JobName       string                       `yaml:"job_name"`
			StaticConfigs []struct{ Targets []string } `yaml:"static_configs"`
		} `yaml:"scrape_configs"`
	}
	if err := yaml.Unmarshal(text, &configuration); err != nil {
		t.Fatal(err)
	}
	job := configuration.ScrapeConfigs[0]
	if job.JobName != "dvecdb" || job.StaticConfigs[0].Targets[0] != "dvecdb:9091" {
		t.Errorf("%+v", job)
	}
	mounted := map[string]string{}
	for _, service := range composeProject(t).Services {
		for _, volume := range service.Volumes {
			mounted[volume.Target] = filepath.Base(volume.Source)
		}
	}
	if mounted["/etc/prometheus/alerts.yaml"] != "alerts.yaml" || mounted["/var/lib/dashboards/dashboard.json"] != "dashboard.json" {
		t.Errorf("%v", mounted)
	}
}
