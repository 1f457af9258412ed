package main

import (
	"fmt"
	"slices"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Each monitor selects one service, which reaches every pod, and names ports that it has.
func monitors(set objects) []string {
	var faults []string
	for _, one := range of[*monitoring.ServiceMonitor](set) {
		selector, err := metav1.LabelSelectorAsSelector(&one.Spec.Selector)
		if err != nil {
			faults = append(faults, err.Error())
			continue
		}
		found := 0
		for _, service := range of[*corev1.Service](set) {
			if !selector.Matches(labels.Set(service.Labels)) {
				continue
			}
			found++
			for _, endpoint := range one.Spec.Endpoints {
				if !slices.ContainsFunc(service.Spec.Ports, func(port corev1.ServicePort) bool { return port.Name == endpoint.Port }) {
					faults = append(faults, fmt.Sprintf("%s: %s has no port %s", title(one), title(service), endpoint.Port))
				}
			}
			// The alerts say job="dvecdb".
			if service.Labels[one.Spec.JobLabel] != "dvecdb" {
				faults = append(faults, title(one)+": the job is not dvecdb")
			}
		}
		if found != 1 {
			faults = append(faults, fmt.Sprintf("%s selects %d services", title(one), found))
		}
	}
	return faults
}

// Where the server refuses clients without TLS, ours have it.
func requiredTls(set objects) []string {
	var faults []string
	required := slices.ContainsFunc(of[*corev1.ConfigMap](set), func(one *corev1.ConfigMap) bool {
		return one.Data["DVECDB_TLS"] == "require"
	})
	for _, one := range of[*appsv1.StatefulSet](set) {
		container := one.Spec.Template.Spec.Containers[0]
		for _, probe := range []*corev1.Probe{container.StartupProbe, container.LivenessProbe, container.ReadinessProbe} {
			if probe != nil && required != (probe.HTTPGet.Scheme == corev1.URISchemeHTTPS) {
				faults = append(faults, title(one)+": probes and TLS do not fit")
			}
		}
	}
	for _, one := range of[*monitoring.ServiceMonitor](set) {
		for _, endpoint := range one.Spec.Endpoints {
			if required != (endpoint.Scheme == "https") {
				faults = append(faults, title(one)+": metrics and TLS do not fit")
			}
		}
	}
	return faults
}
