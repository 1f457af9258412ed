{{- define "dvecdb.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "dvecdb.fullname" -}}
{{- $name := include "dvecdb.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "dvecdb.selector" -}}
app.kubernetes.io/name: {{ include "dvecdb.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "dvecdb.labels" -}}
{{ include "dvecdb.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* The pod that has the database: replicas do not follow it, so nobody else is asked. */}}
{{- define "dvecdb.firstPod" -}}
app.kubernetes.io/component: server
statefulset.kubernetes.io/pod-name: {{ include "dvecdb.fullname" . }}-0
{{- end }}

{{- define "dvecdb.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "dvecdb.secretName" -}}
{{ .Values.auth.existingSecret | default (include "dvecdb.fullname" .) }}
{{- end }}

{{/* How every pod of the chart runs: nobody, with no rights, on a root that cannot be written. */}}
{{- define "dvecdb.podSecurity" -}}
automountServiceAccountToken: false
# A service named dvecdb would put a DVECDB_PORT of its own into the environment.
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "dvecdb.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}
