{{/* The name is fixed: the Lease, the stacks' network policies and the ownership of children refer to it. */}}
{{- define "operator.name" -}}tradingstack-operator{{- end }}

{{- define "operator.selector" -}}
app.kubernetes.io/name: {{ include "operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "operator.labels" -}}
{{ include "operator.selector" . }}
app.kubernetes.io/part-of: tradingstack
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* Secrets that the operator may read: those of charts/platform, its own two, and venue keys. */}}
{{- define "operator.ownSecrets" -}}
[tradingstack-control, tradingstack-paper-account]
{{- end }}

{{/* Who answers look-ups of names. Its labels have no default among the values: Helm would add them to those that are given. */}}
{{- define "operator.resolver" -}}
{{- mergeOverwrite (deepCopy .Values.dns) (dict "podLabels" (.Values.dns.podLabels | default (dict "k8s-app" "kube-dns"))) | toJson -}}
{{- end }}
