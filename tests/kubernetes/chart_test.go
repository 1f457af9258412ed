package main

import (
	"bytes"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/kubernetes/scheme"
)

var chartValues = []string{"default", "everything", "small"}

func valuesOf(t *testing.T, name string) map[string]any {
	t.Helper()
	if name == "default" {
		return map[string]any{}
	}
	values, err := readValues("values/" + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func chartSet(t *testing.T, name string) objects {
	t.Helper()
	set, err := renderChart(path(chartFolder), valuesOf(t, name), nil)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// What `small` says that there is.
var given = objects{
	&corev1.Secret{TypeMeta: metav1.TypeMeta{Kind: "Secret"}, ObjectMeta: metav1.ObjectMeta{Name: "given"}},
	&corev1.PersistentVolumeClaim{TypeMeta: metav1.TypeMeta{Kind: "PersistentVolumeClaim"}, ObjectMeta: metav1.ObjectMeta{Name: "given"}},
}

func TestChart(t *testing.T) {
	for _, name := range chartValues {
		t.Run(name, func(t *testing.T) {
			set := chartSet(t, name)
			if name == "small" {
				set = append(set, given...)
			}
			expectSound(t, set)
		})
	}
}

func TestChartPassesLint(t *testing.T) {
	for _, name := range chartValues {
		result := lint.AllWithKubeVersion(path(chartFolder), valuesOf(t, name), "search", nil)
		for _, message := range result.Messages {
			if message.Severity >= support.WarningSev {
				t.Errorf("%s: %v", name, message)
			}
		}
	}
}

// The chart's defaults and the overlay for development are one set-up, told twice.
func TestChartIsTheOverlay(t *testing.T) {
	fromChart := one[*appsv1.StatefulSet](t, chartSet(t, "default"))
	fromOverlay := one[*appsv1.StatefulSet](t, overlay(t, "development"))
	for _, each := range []*appsv1.StatefulSet{fromChart, fromOverlay} {
		spec := &each.Spec.Template.Spec
		spec.ServiceAccountName, spec.Containers[0].EnvFrom[0].ConfigMapRef.Name = "", ""
		for _, volume := range spec.Volumes {
			if volume.Secret != nil {
				volume.Secret.SecretName = ""
			}
		}
		for _, probe := range []*corev1.Probe{spec.Containers[0].StartupProbe, spec.Containers[0].LivenessProbe, spec.Containers[0].ReadinessProbe} {
			if probe.HTTPGet.Scheme == corev1.URISchemeHTTP {
				probe.HTTPGet.Scheme = ""
			}
		}
	}
	left, right := asYaml(t, fromChart.Spec.Template.Spec), asYaml(t, fromOverlay.Spec.Template.Spec)
	if left != right {
		t.Errorf("the chart's pod:\n%s\nthe overlay's:\n%s", left, right)
	}
}

func asYaml(t *testing.T, spec corev1.PodSpec) string {
	t.Helper()
	object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&spec)
	if err != nil {
		t.Fatal(err)
	}
	text, err := chartutil.Values(object).YAML()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestChartRefuses(t *testing.T) {
	cases := []struct{ name, values, sentence string }{
		{"a value that there is not", "replicas: 3", "additional properties 'replicas' not allowed"},
		{"no replica", "replicaCount: 0", "minimum: got 0, want 1"},
		{"an autoscaler that scales", "autoscaling: {enabled: true, maxReplicas: 10}", "'maxReplicas' not allowed"},
		{"both of a disruption budget", "podDisruptionBudget: {minAvailable: 1, maxUnavailable: 1}", "podDisruptionBudget"},
		{"none of a disruption budget", "podDisruptionBudget: {maxUnavailable: null}", "podDisruptionBudget"},
		{"a size that is none", "persistence: {size: big}", "does not match pattern"},
		{"a port that is none", "services: {sql: {port: 70000}}", "maximum: got 70,000"},
		{"an unknown type of service", "services: {rest: {type: External}}", "value must be one of"},
		{"TLS without a certificate", "tls: {enabled: true}", "secretName"},
		{"a short password", "auth: {superuserPassword: short}", "minLength: got 5, want 12"},
		{"a setting that the chart makes", "config: {data_dir: /elsewhere}", "data_dir"},
		{"a grace shorter than the drain", "shutdown: {graceMs: 60000, terminationGracePeriodSeconds: 30}", "killed while it drains"},
		{"a schedule that is none", "backup: {enabled: true, schedule: daily}", "does not match pattern"},
		{"shared disks", "persistence: {accessModes: [ReadWriteMany]}", "value must be one of"},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			values, err := chartutil.ReadValues([]byte(test.values))
			if err != nil {
				t.Fatal(err)
			}
			_, err = renderChart(path(chartFolder), values, nil)
			if err == nil || !strings.Contains(err.Error(), test.sentence) {
				t.Errorf("got: %v", err)
			}
		})
	}
}

// A cluster that has some objects already.
type cluster struct{ client dynamic.Interface }

func (c cluster) GetClientFor(_, kind string) (dynamic.NamespaceableResourceInterface, bool, error) {
	resource := schema.GroupVersionResource{Version: "v1", Resource: strings.ToLower(kind) + "s"}
	return c.client.Resource(resource), true, nil
}

func TestGeneratedSecretsAreKept(t *testing.T) {
	render := func(present ...runtime.Object) *corev1.Secret {
		client := fake.NewSimpleDynamicClient(scheme.Scheme, present...)
		set, err := renderChart(path(chartFolder), map[string]any{}, cluster{client})
		if err != nil {
			t.Fatal(err)
		}
		return one[*corev1.Secret](t, set)
	}
	first := render()
	for _, key := range []string{"superuser-password", "api-key"} {
		if len(first.Data[key]) != 40 {
			t.Errorf("%s has %d characters", key, len(first.Data[key]))
		}
	}
	if other := render(); bytes.Equal(other.Data["superuser-password"], first.Data["superuser-password"]) {
		t.Error("two installations have the same password")
	}
	first.Namespace = "search"
	upgraded := render(first)
	for key, value := range first.Data {
		if !bytes.Equal(upgraded.Data[key], value) {
			t.Errorf("an upgrade changes %s", key)
		}
	}
	given, err := renderChart(path(chartFolder), valuesOf(t, "everything"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if password := one[*corev1.Secret](t, given).Data["superuser-password"]; string(password) != "correct horse battery" {
		t.Errorf("the given password became %q", password)
	}
}
