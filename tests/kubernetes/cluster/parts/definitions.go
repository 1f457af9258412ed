// Package parts names what the cluster's test needs beside Kubernetes' own programs.
package parts

// The Prometheus operator's types, of which controller-gen makes the definitions that a cluster takes.
import _ "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
