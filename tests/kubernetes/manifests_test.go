package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

const root = "../.."

func path(parts ...string) string { return filepath.Join(append([]string{root}, parts...)...) }

func overlay(t *testing.T, name string) objects {
	t.Helper()
	set, err := renderOverlay(path("kubernetes", "overlays", name))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// Every check over a set; answers the faults.
func faultsOf(set objects) []string {
	var all []string
	for name, run := range allChecks {
		for _, fault := range run(set) {
			all = append(all, name+": "+fault)
		}
	}
	slices.Sort(all)
	return all
}

func expectSound(t *testing.T, set objects) {
	t.Helper()
	for _, fault := range faultsOf(set) {
		t.Error(fault)
	}
}

func one[T runtime.Object](t *testing.T, set objects) T {
	t.Helper()
	found := of[T](set)
	if len(found) != 1 {
		t.Fatalf("%d of %T", len(found), *new(T))
	}
	return found[0]
}

type size struct {
	environment, namespace, prefix string
	replicas                       int32
	cpu, memory, disk              string // request-limit
}

var sizes = []size{
	{"development", "dvecdb-dev", "dev-", 1, "250m-2", "1Gi-4Gi", "20Gi"},
	{"staging", "dvecdb-staging", "staging-", 2, "500m-4", "2Gi-8Gi", "50Gi"},
	{"production", "dvecdb-prod", "prod-", 3, "1-8", "4Gi-16Gi", "200Gi"},
}

func TestOverlays(t *testing.T) {
	for _, want := range sizes {
		t.Run(want.environment, func(t *testing.T) {
			set := overlay(t, want.environment)
			expectSound(t, set)
			for _, object := range set {
				if kind(object) == "Namespace" {
					if accessor(object).GetName() != want.namespace {
						t.Errorf("namespace %s", accessor(object).GetName())
					}
					continue
				}
				if accessor(object).GetNamespace() != want.namespace || !strings.HasPrefix(accessor(object).GetName(), want.prefix+"dvecdb") {
					t.Errorf("%s/%s", accessor(object).GetNamespace(), title(object))
				}
			}
			owner := one[*appsv1.StatefulSet](t, set)
			resources := owner.Spec.Template.Spec.Containers[0].Resources
			disk := owner.Spec.VolumeClaimTemplates[0].Spec.Resources.Requests.Storage()
			got := size{want.environment, owner.Namespace, strings.TrimSuffix(owner.Name, "dvecdb"), *owner.Spec.Replicas,
				resources.Requests.Cpu().String() + "-" + resources.Limits.Cpu().String(),
				resources.Requests.Memory().String() + "-" + resources.Limits.Memory().String(), disk.String()}
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestWhatTheBaseHas(t *testing.T) {
	names := map[string]bool{}
	for _, object := range overlay(t, "development") {
		names[title(object)] = true
	}
	for _, want := range []string{"StatefulSet dev-dvecdb", "Service dev-dvecdb", "Service dev-dvecdb-sql",
		"Service dev-dvecdb-rest", "Service dev-dvecdb-headless", "ConfigMap dev-dvecdb", "Secret dev-dvecdb",
		"PodDisruptionBudget dev-dvecdb", "HorizontalPodAutoscaler dev-dvecdb", "ServiceMonitor dev-dvecdb",
		"PrometheusRule dev-dvecdb", "NetworkPolicy dev-dvecdb", "ConfigMap dev-dvecdb-dashboard"} {
		if !names[want] {
			t.Errorf("there is no %s", want)
		}
	}
}

func TestRestore(t *testing.T) {
	job, err := renderOverlay(path("kubernetes", "restore"))
	if err != nil {
		t.Fatal(err)
	}
	production := overlay(t, "production")
	expectSound(t, append(production, job...))
	if one[*batchv1.Job](t, job).Namespace != one[*appsv1.StatefulSet](t, production).Namespace {
		t.Error("the job is in another namespace")
	}
}

func TestWithTls(t *testing.T) {
	set, err := renderOverlay("with-tls")
	if err != nil {
		t.Fatal(err)
	}
	expectSound(t, set)
	owner := one[*appsv1.StatefulSet](t, set)
	if values := environment(set, &owner.Spec.Template.Spec.Containers[0]); values["DVECDB_TLS"] != "require" {
		t.Errorf("no TLS: %v", values)
	}
}

func TestWithoutOperator(t *testing.T) {
	set, err := renderOverlay("without-operator")
	if err != nil {
		t.Fatal(err)
	}
	expectSound(t, set)
	for _, object := range set {
		if slices.Contains([]string{"ServiceMonitor", "PrometheusRule"}, kind(object)) {
			t.Errorf("there is still %s", title(object))
		}
	}
}

// Each check finds what it is for, so that their silence over our files means something.
func TestChecksFindFaults(t *testing.T) {
	root := int64(0)
	yes := true
	cases := []struct {
		name  string
		spoil func(set objects)
		fault string
	}{
		{"both minAvailable and maxUnavailable", func(set objects) {
			two := intstr.FromInt32(2)
			of[*policyv1.PodDisruptionBudget](set)[0].Spec.MinAvailable = &two
		}, "needs one of minAvailable and maxUnavailable"},
		{"a root init container", func(set objects) {
			spec := &of[*appsv1.StatefulSet](set)[0].Spec.Template.Spec
			init := spec.Containers[0]
			init.Name, init.SecurityContext = "chown", &corev1.SecurityContext{RunAsUser: &root}
			spec.InitContainers = []corev1.Container{init}
		}, "runAsUser=0"},
		{"scaled replicas that do not follow", func(set objects) {
			of[*autoscalingv2.HorizontalPodAutoscaler](set)[0].Spec.MaxReplicas = 10
		}, "scales databases that do not follow each other"},
		{"clients spread over replicas", func(set objects) {
			delete(of[*corev1.Service](set)[1].Spec.Selector, appsv1.StatefulSetPodNameLabel)
		}, "leads to other pods than the first"},
		{"a probe of a path that is not served", func(set objects) {
			of[*appsv1.StatefulSet](set)[0].Spec.Template.Spec.Containers[0].LivenessProbe.HTTPGet.Path = "/healthz"
		}, "does not serve /healthz"},
		{"liveness that waits for readiness", func(set objects) {
			of[*appsv1.StatefulSet](set)[0].Spec.Template.Spec.Containers[0].LivenessProbe.HTTPGet.Path = "/ready"
		}, "would kill a server that loads"},
		{"a grace shorter than the drain", func(set objects) {
			*of[*appsv1.StatefulSet](set)[0].Spec.Template.Spec.TerminationGracePeriodSeconds = 30
		}, "is killed while it drains"},
		{"service links", func(set objects) {
			of[*appsv1.StatefulSet](set)[0].Spec.Template.Spec.EnableServiceLinks = &yes
		}, "service links"},
		{"a root that can be written", func(set objects) {
			of[*appsv1.StatefulSet](set)[0].Spec.Template.Spec.Containers[0].SecurityContext.ReadOnlyRootFilesystem = nil
		}, "root can be written"},
		{"no limit of memory", func(set objects) {
			delete(of[*appsv1.StatefulSet](set)[0].Spec.Template.Spec.Containers[0].Resources.Limits, "memory")
		}, "no request and limit of memory"},
		{"a selector of other pods", func(set objects) {
			of[*policyv1.PodDisruptionBudget](set)[0].Spec.Selector.MatchLabels["app.kubernetes.io/name"] = "other"
		}, "selects no pod"},
		{"a port that no pod has", func(set objects) {
			of[*corev1.Service](set)[0].Spec.Ports[0].TargetPort = intstr.FromString("grpc")
		}, `no pod has port "grpc"`},
		{"a port that the server does not listen on", func(set objects) {
			of[*appsv1.StatefulSet](set)[0].Spec.Template.Spec.Containers[0].Ports[0].ContainerPort = 5432
		}, "port sql is not DVECDB_PORT"},
		{"a backup of no service", func(set objects) {
			of[*batchv1.CronJob](set)[0].Spec.JobTemplate.Spec.Template.Spec.Containers[0].Env[0].Value = "dvecdb"
		}, "there is no Service dvecdb"},
		{"probes without the TLS that is required", func(set objects) {
			of[*corev1.ConfigMap](set)[0].Data["DVECDB_TLS"] = "require"
		}, "TLS"},
		{"a secret that is not there", func(set objects) {
			of[*corev1.Secret](set)[0].Name = "other"
		}, "there is no Secret"},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			set := overlay(t, "production")
			test.spoil(set)
			if faults := strings.Join(faultsOf(set), "\n"); !strings.Contains(faults, test.fault) {
				t.Errorf("found: %q", faults)
			}
		})
	}
}

func TestUnknownFieldsAreRefused(t *testing.T) {
	for _, text := range []string{
		"apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {prots: []}\n",
		"apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: a}\nspec: {endpoint: []}\n",
		"apiVersion: v1\nkind: Service\nkind: Service\nmetadata: {name: a}\n",
		"apiVersion: autoscaling/v2beta2\nkind: Service\nmetadata: {name: a}\n",
	} {
		if _, err := decode([]byte(text)); err == nil {
			t.Errorf("taken: %s", text)
		}
	}
}

func TestEmptyListsThatAreDroppedAreRefused(t *testing.T) {
	policy := "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\nspec:\n  podSelector: {}\n  "
	for list, lost := range map[string]string{
		"egress: []":                        ".spec.egress",
		"ingress: [{ports: [{port: 1}]}]":   "",
		"ingress: [{from: [], ports: []}]":  ".spec.ingress[0].from, .spec.ingress[0].ports",
		"policyTypes: [Egress]":             "",
		"egress: [{}]\n  policyTypes: null": "",
	} {
		_, err := decode([]byte(policy + list + "\n"))
		if lost == "" && err != nil || lost != "" && (err == nil || !strings.Contains(err.Error(), "drops: "+lost+" in:")) {
			t.Errorf("%s: %v", list, err)
		}
	}
}

// The server refuses environment variables of its prefix that it does not know, and so does not start.
func TestSettingsAreTheServers(t *testing.T) {
	build := os.Getenv("TEST_BUILD")
	if build == "" {
		t.Fatal("TEST_BUILD, the build folder, is not set: scripts/test_kubernetes.sh does that")
	}
	help, err := exec.Command(filepath.Join(build, "bin", "dvecdb"), "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, flag := range regexp.MustCompile(`(?m)^  --([a-z-]+)`).FindAllStringSubmatch(string(help), -1) {
		known["DVECDB_"+strings.ToUpper(strings.ReplaceAll(flag[1], "-", "_"))] = true
	}
	sets := map[string]objects{"production": overlay(t, "production")}
	for _, name := range chartValues {
		sets[name] = chartSet(t, name)
	}
	for from, set := range sets {
		for _, each := range of[*corev1.ConfigMap](set) {
			for name := range each.Data {
				if strings.HasPrefix(name, "DVECDB_") && !known[name] {
					t.Errorf("%s: %s sets %s, which the server does not know", from, title(each), name)
				}
			}
		}
	}
}

func TestGeneratedFilesAreCurrent(t *testing.T) {
	files, err := generated(root)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(path(name))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s: run scripts/generate_kubernetes.sh", name)
		}
	}
}
