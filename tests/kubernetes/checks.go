package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// A check answers what is wrong with a set of objects that are applied together.
type check func(set objects) []string

var allChecks = map[string]check{
	"names are unique":               uniqueNames,
	"disruption budgets":             disruptionBudgets,
	"pods pass the restricted level": restrictedPods,
	"pods are hardened":              hardenedPods,
	"services reach pods":            servicesReachPods,
	"only the first pod is reached":  onlyTheFirstPod,
	"network policies select pods":   networkPolicies,
	"references lead somewhere":      references,
	"autoscalers":                    autoscalers,
	"probes":                         probes,
	"drain fits into the grace":      drain,
	"monitors":                       monitors,
	"TLS where it is required":       requiredTls,
}

type objects []runtime.Object

func of[T runtime.Object](set objects) []T {
	var found []T
	for _, object := range set {
		if one, ok := object.(T); ok {
			found = append(found, one)
		}
	}
	return found
}

func accessor(object runtime.Object) metav1.Object {
	found, err := meta.Accessor(object)
	if err != nil {
		panic(err)
	}
	return found
}

func kind(object runtime.Object) string { return object.GetObjectKind().GroupVersionKind().Kind }

func title(object runtime.Object) string { return kind(object) + " " + accessor(object).GetName() }

// A pod as some object would make it.
type pod struct {
	owner  string
	labels map[string]string
	spec   *corev1.PodSpec
}

func pods(set objects) []pod {
	var found []pod
	for _, one := range of[*appsv1.StatefulSet](set) {
		template := &one.Spec.Template
		found = append(found, pod{title(one), template.Labels, &template.Spec})
	}
	for _, one := range of[*batchv1.CronJob](set) {
		template := &one.Spec.JobTemplate.Spec.Template
		found = append(found, pod{title(one), template.Labels, &template.Spec})
	}
	for _, one := range of[*batchv1.Job](set) {
		found = append(found, pod{title(one), one.Spec.Template.Labels, &one.Spec.Template.Spec})
	}
	for _, one := range of[*corev1.Pod](set) {
		found = append(found, pod{title(one), one.Labels, &one.Spec})
	}
	return found
}

// The pods that a StatefulSet makes have their own name as a label.
func firstPodLabels(set *appsv1.StatefulSet) labels.Set {
	return labels.Merge(set.Spec.Template.Labels, labels.Set{appsv1.StatefulSetPodNameLabel: set.Name + "-0"})
}

func uniqueNames(set objects) []string {
	var faults []string
	seen := map[string]bool{}
	for _, object := range set {
		name := accessor(object).GetNamespace() + "/" + title(object)
		if seen[name] {
			faults = append(faults, name+" is there twice")
		}
		seen[name] = true
	}
	return faults
}

func disruptionBudgets(set objects) []string {
	var faults []string
	for _, one := range of[*policyv1.PodDisruptionBudget](set) {
		if (one.Spec.MinAvailable == nil) == (one.Spec.MaxUnavailable == nil) {
			faults = append(faults, title(one)+" needs one of minAvailable and maxUnavailable")
		}
		faults = append(faults, selectsPods(set, title(one), one.Spec.Selector)...)
	}
	return faults
}

func selectsPods(set objects, who string, selector *metav1.LabelSelector) []string {
	parsed, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		return []string{who + ": " + err.Error()}
	}
	for _, one := range pods(set) {
		if parsed.Matches(labels.Set(one.labels)) {
			return nil
		}
	}
	for _, one := range of[*appsv1.StatefulSet](set) {
		if parsed.Matches(firstPodLabels(one)) {
			return nil
		}
	}
	return []string{fmt.Sprintf("%s selects no pod: %s", who, parsed)}
}

// Kubernetes' own judgement by its Pod Security Standards.
func restrictedPods(set objects) []string {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks())
	if err != nil {
		return []string{err.Error()}
	}
	level := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	var faults []string
	for _, one := range pods(set) {
		for _, result := range evaluator.EvaluatePod(level, &metav1.ObjectMeta{}, one.spec) {
			if !result.Allowed {
				faults = append(faults, fmt.Sprintf("%s: %s (%s)", one.owner, result.ForbiddenReason, result.ForbiddenDetail))
			}
		}
	}
	return faults
}

// What the standards do not ask for.
func hardenedPods(set objects) []string {
	var faults []string
	for _, one := range pods(set) {
		blame := func(what string) { faults = append(faults, one.owner+": "+what) }
		if one.spec.EnableServiceLinks == nil || *one.spec.EnableServiceLinks {
			blame("service links put DVECDB_PORT into the environment")
		}
		if one.spec.AutomountServiceAccountToken == nil || *one.spec.AutomountServiceAccountToken {
			blame("it has a token for Kubernetes")
		}
		writable := map[string]bool{}
		for _, container := range slices.Concat(one.spec.InitContainers, one.spec.Containers) {
			context := container.SecurityContext
			if context == nil || context.ReadOnlyRootFilesystem == nil || !*context.ReadOnlyRootFilesystem {
				blame(container.Name + "'s root can be written")
			}
			for _, resource := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
				request, limit := container.Resources.Requests[resource], container.Resources.Limits[resource]
				if request.IsZero() || limit.IsZero() {
					blame(container.Name + " has no request and limit of " + string(resource))
				}
			}
			for _, mount := range container.VolumeMounts {
				writable[mount.MountPath] = true
			}
		}
		if strings.HasPrefix(one.owner, "StatefulSet") && !writable["/tmp"] {
			blame("nothing is mounted at /tmp")
		}
	}
	return faults
}

func portNames(spec *corev1.PodSpec) map[string]int32 {
	names := map[string]int32{}
	for _, container := range spec.Containers {
		for _, port := range container.Ports {
			names[port.Name] = port.ContainerPort
		}
	}
	return names
}

func servicesReachPods(set objects) []string {
	var faults []string
	for _, service := range of[*corev1.Service](set) {
		selector := labels.SelectorFromSet(service.Spec.Selector)
		found := false
		for _, one := range of[*appsv1.StatefulSet](set) {
			if !selector.Matches(firstPodLabels(one)) {
				continue
			}
			found = true
			ports := portNames(&one.Spec.Template.Spec)
			for _, port := range service.Spec.Ports {
				if _, ok := ports[port.TargetPort.StrVal]; !ok {
					faults = append(faults, fmt.Sprintf("%s: no pod has port %q", title(service), port.TargetPort.String()))
				}
			}
		}
		if !found {
			faults = append(faults, title(service)+" selects no pod")
		}
	}
	for _, one := range of[*appsv1.StatefulSet](set) {
		headless := slices.ContainsFunc(of[*corev1.Service](set), func(service *corev1.Service) bool {
			return service.Name == one.Spec.ServiceName && service.Spec.ClusterIP == corev1.ClusterIPNone
		})
		if !headless {
			faults = append(faults, title(one)+": no headless service "+one.Spec.ServiceName)
		}
	}
	return faults
}

// Replicas do not follow each other: a service that spreads clients over them shows each another database.
func onlyTheFirstPod(set objects) []string {
	var faults []string
	for _, service := range of[*corev1.Service](set) {
		if service.Spec.ClusterIP == corev1.ClusterIPNone {
			continue
		}
		for _, one := range of[*appsv1.StatefulSet](set) {
			second := labels.Merge(one.Spec.Template.Labels, labels.Set{appsv1.StatefulSetPodNameLabel: one.Name + "-1"})
			if labels.SelectorFromSet(service.Spec.Selector).Matches(second) {
				faults = append(faults, title(service)+" leads to other pods than the first")
			}
		}
	}
	for _, one := range of[*networkingv1.NetworkPolicy](set) {
		for _, rule := range one.Spec.Ingress {
			for _, port := range rule.Ports {
				_, isNarrow := one.Spec.PodSelector.MatchLabels[appsv1.StatefulSetPodNameLabel]
				if port.Port.StrVal != "metrics" && !isNarrow {
					faults = append(faults, fmt.Sprintf("%s lets clients reach %s of every pod", title(one), port.Port.String()))
				}
			}
		}
	}
	return faults
}

func networkPolicies(set objects) []string {
	var faults []string
	for _, one := range of[*networkingv1.NetworkPolicy](set) {
		faults = append(faults, selectsPods(set, title(one), &one.Spec.PodSelector)...)
		known := map[string]bool{}
		for _, pod := range pods(set) {
			for name := range portNames(pod.spec) {
				known[name] = true
			}
		}
		var ports []networkingv1.NetworkPolicyPort
		for _, rule := range one.Spec.Ingress {
			ports = append(ports, rule.Ports...)
		}
		for _, rule := range one.Spec.Egress {
			ports = append(ports, rule.Ports...)
		}
		for _, port := range ports {
			if port.Port.StrVal != "" && !known[port.Port.StrVal] {
				faults = append(faults, fmt.Sprintf("%s: no port %q", title(one), port.Port.StrVal))
			}
		}
	}
	return faults
}

// What is made by somebody else: certificates.
var madeElsewhere = []string{"dvecdb-tls"}

func references(set objects) []string {
	var faults []string
	known := map[string]bool{}
	for _, object := range set {
		known[title(object)] = true
	}
	for _, owner := range of[*appsv1.StatefulSet](set) {
		for _, claim := range owner.Spec.VolumeClaimTemplates {
			for replica := range *owner.Spec.Replicas {
				known[fmt.Sprintf("PersistentVolumeClaim %s-%s-%d", claim.Name, owner.Name, replica)] = true
			}
		}
	}
	for _, one := range pods(set) {
		need := func(kind, name string) {
			if !known[kind+" "+name] && !slices.ContainsFunc(madeElsewhere, func(suffix string) bool { return strings.HasSuffix(name, suffix) }) {
				faults = append(faults, fmt.Sprintf("%s: there is no %s %s", one.owner, kind, name))
			}
		}
		if one.spec.ServiceAccountName != "" {
			need("ServiceAccount", one.spec.ServiceAccountName)
		}
		mounts := map[string]bool{}
		for _, volume := range one.spec.Volumes {
			mounts[volume.Name] = true
			switch {
			case volume.Secret != nil:
				need("Secret", volume.Secret.SecretName)
			case volume.ConfigMap != nil:
				need("ConfigMap", volume.ConfigMap.Name)
			case volume.PersistentVolumeClaim != nil:
				need("PersistentVolumeClaim", volume.PersistentVolumeClaim.ClaimName)
			}
		}
		for _, owner := range of[*appsv1.StatefulSet](set) {
			for _, claim := range owner.Spec.VolumeClaimTemplates {
				mounts[claim.Name] = mounts[claim.Name] || title(owner) == one.owner
			}
		}
		for _, container := range slices.Concat(one.spec.InitContainers, one.spec.Containers) {
			for _, source := range container.EnvFrom {
				if source.ConfigMapRef != nil {
					need("ConfigMap", source.ConfigMapRef.Name)
				}
				if source.SecretRef != nil {
					need("Secret", source.SecretRef.Name)
				}
			}
			for _, variable := range container.Env {
				if variable.Name == "PGHOST" {
					need("Service", variable.Value)
				}
				if variable.ValueFrom != nil && variable.ValueFrom.SecretKeyRef != nil {
					need("Secret", variable.ValueFrom.SecretKeyRef.Name)
				}
			}
			for _, mount := range container.VolumeMounts {
				if !mounts[mount.Name] {
					faults = append(faults, one.owner+": there is no volume "+mount.Name)
				}
			}
		}
	}
	return faults
}

// Until replicas follow the first, nothing may change their number.
func autoscalers(set objects) []string {
	var faults []string
	for _, one := range of[*autoscalingv2.HorizontalPodAutoscaler](set) {
		target := one.Spec.ScaleTargetRef
		index := slices.IndexFunc(of[*appsv1.StatefulSet](set), func(owner *appsv1.StatefulSet) bool {
			return target.Kind == "StatefulSet" && owner.Name == target.Name
		})
		if index < 0 {
			faults = append(faults, fmt.Sprintf("%s: there is no %s %s", title(one), target.Kind, target.Name))
			continue
		}
		replicas := *of[*appsv1.StatefulSet](set)[index].Spec.Replicas
		if one.Spec.MinReplicas == nil || *one.Spec.MinReplicas != replicas || one.Spec.MaxReplicas != replicas {
			faults = append(faults, fmt.Sprintf("%s scales databases that do not follow each other (%d are declared)", title(one), replicas))
		}
		if len(one.Spec.Metrics) != 2 {
			faults = append(faults, title(one)+" looks at something else than processor and memory")
		}
	}
	return faults
}

var servedPaths = []string{"/health/live", "/ready", "/health/check", "/health"}

func probes(set objects) []string {
	var faults []string
	for _, one := range of[*appsv1.StatefulSet](set) {
		for _, container := range one.Spec.Template.Spec.Containers {
			ports := portNames(&one.Spec.Template.Spec)
			for name, probe := range map[string]*corev1.Probe{
				"startup": container.StartupProbe, "liveness": container.LivenessProbe, "readiness": container.ReadinessProbe,
			} {
				switch {
				case probe == nil || probe.HTTPGet == nil:
					faults = append(faults, fmt.Sprintf("%s has no %s probe", title(one), name))
				case !slices.Contains(servedPaths, probe.HTTPGet.Path):
					faults = append(faults, fmt.Sprintf("%s: the server does not serve %s", title(one), probe.HTTPGet.Path))
				case ports[probe.HTTPGet.Port.StrVal] == 0:
					faults = append(faults, fmt.Sprintf("%s: no port %s", title(one), probe.HTTPGet.Port.String()))
				case name != "readiness" && probe.HTTPGet.Path != "/health/live":
					faults = append(faults, fmt.Sprintf("%s: %s would kill a server that loads", title(one), name))
				}
			}
		}
	}
	return faults
}

// The environment that a container gets from ConfigMaps.
func environment(set objects, container *corev1.Container) map[string]string {
	all := map[string]string{}
	for _, source := range container.EnvFrom {
		for _, one := range of[*corev1.ConfigMap](set) {
			if source.ConfigMapRef != nil && source.ConfigMapRef.Name == one.Name {
				for name, value := range one.Data {
					all[name] = value
				}
			}
		}
	}
	for _, variable := range container.Env {
		all[variable.Name] = variable.Value
	}
	return all
}

func drain(set objects) []string {
	var faults []string
	for _, one := range of[*appsv1.StatefulSet](set) {
		spec := &one.Spec.Template.Spec
		for i := range spec.Containers {
			values := environment(set, &spec.Containers[i])
			grace, err := strconv.ParseInt(values["DVECDB_SHUTDOWN_GRACE_MS"], 10, 64)
			if err != nil || spec.TerminationGracePeriodSeconds == nil || *spec.TerminationGracePeriodSeconds*1000 <= grace {
				faults = append(faults, fmt.Sprintf("%s is killed while it drains (%d ms)", title(one), grace))
			}
			for name, port := range map[string]string{"sql": "DVECDB_PORT", "http": "DVECDB_HTTP_PORT", "metrics": "DVECDB_METRICS_PORT"} {
				if values[port] != strconv.Itoa(int(portNames(spec)[name])) {
					faults = append(faults, fmt.Sprintf("%s: port %s is not %s", title(one), name, port))
				}
			}
		}
	}
	return faults
}
