package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/releaseutil"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// Kubernetes' own types and the Prometheus operator's. Fields that they do not have are errors.
var decoder = func() runtime.Decoder {
	types := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{scheme.AddToScheme, monitoring.AddToScheme} {
		if err := add(types); err != nil {
			panic(err)
		}
	}
	return serializer.NewCodecFactory(types, serializer.EnableStrict).UniversalDeserializer()
}()

func decode(manifests []byte) ([]runtime.Object, error) {
	var objects []runtime.Object
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(manifests)))
	for {
		document, err := reader.Read()
		if err == io.EOF {
			return objects, nil
		}
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(document)) == 0 {
			continue
		}
		object, _, err := decoder.Decode(document, nil, nil)
		if err == nil {
			err = checkEmptyLists(document, object)
		}
		if err != nil {
			return nil, fmt.Errorf("%w in:\n%s", err, document)
		}
		objects = append(objects, object)
	}
}

// An empty list that the type leaves out when it is written is none for the API server: what it keeps
// differs from the file for ever, and every `kubectl apply` changes the object again.
func checkEmptyLists(document []byte, object runtime.Object) error {
	text, err := json.Marshal(object)
	if err != nil {
		return err
	}
	var written, kept any
	if err := yaml.Unmarshal(document, &written); err != nil {
		return err
	}
	if err := json.Unmarshal(text, &kept); err != nil {
		return err
	}
	if lost := lostLists(written, kept, ""); len(lost) > 0 {
		return fmt.Errorf("empty lists that the API server drops: %s", strings.Join(lost, ", "))
	}
	return nil
}

// Paths of the empty lists in `written` that are not in `kept`.
func lostLists(written, kept any, path string) []string {
	var lost []string
	switch value := written.(type) {
	case map[string]any:
		there, _ := kept.(map[string]any)
		for name, inner := range value {
			lost = append(lost, lostLists(inner, there[name], path+"."+name)...)
		}
		slices.Sort(lost)
	case []any:
		there, isList := kept.([]any)
		if len(value) == 0 && !isList {
			return []string{path}
		}
		for number, inner := range value[:min(len(value), len(there))] {
			lost = append(lost, lostLists(inner, there[number], fmt.Sprintf("%s[%d]", path, number))...)
		}
	}
	return lost
}

func renderOverlay(folder string) ([]runtime.Object, error) {
	kustomizer := krusty.MakeKustomizer(krusty.MakeDefaultOptions())
	resources, err := kustomizer.Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		return nil, err
	}
	manifests, err := resources.AsYaml()
	if err != nil {
		return nil, err
	}
	return decode(manifests)
}

// What `helm template` does. `cluster` answers the templates' lookups; nil: there is nothing yet.
func renderChart(folder string, values map[string]any, cluster engine.ClientProvider) ([]runtime.Object, error) {
	loaded, err := loader.Load(folder)
	if err != nil {
		return nil, err
	}
	files, err := renderTemplates(loaded, values, cluster)
	if err != nil {
		return nil, err
	}
	delete(files, loaded.Name()+"/templates/NOTES.txt")
	hooks, manifests, err := releaseutil.SortManifests(files, nil, releaseutil.InstallOrder)
	if err != nil {
		return nil, err
	}
	var all bytes.Buffer
	for _, manifest := range manifests {
		fmt.Fprintf(&all, "---\n%s\n", manifest.Content)
	}
	for _, hook := range hooks {
		fmt.Fprintf(&all, "---\n%s\n", hook.Manifest)
	}
	return decode(all.Bytes())
}

func renderTemplates(loaded *chart.Chart, values map[string]any, cluster engine.ClientProvider) (map[string]string, error) {
	if err := chartutil.ProcessDependencies(loaded, values); err != nil {
		return nil, err
	}
	release := chartutil.ReleaseOptions{Name: "dvecdb", Namespace: "search", IsInstall: true, Revision: 1}
	// Checks the values against the chart's schema, too.
	all, err := chartutil.ToRenderValues(loaded, values, release, chartutil.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	if cluster != nil {
		return engine.RenderWithClientProvider(loaded, all, cluster)
	}
	return engine.Render(loaded, all)
}

func readValues(path string) (map[string]any, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return chartutil.ReadValues(text)
}
