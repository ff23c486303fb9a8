{{/* The name is fixed: the Lease, the network policies of the stacks and the ownership of children refer to it. */}}
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

{{/* The two Secrets that the operator creates in the namespace of a stack. */}}
{{- define "operator.ownSecrets" -}}
[tradingstack-control, tradingstack-paper-account]
{{- end }}

{{/* DNS resolver. Its labels have no default in values.yaml, because Helm would merge it into the given labels. */}}
{{- define "operator.resolver" -}}
{{- mergeOverwrite (deepCopy .Values.dns) (dict "podLabels" (.Values.dns.podLabels | default (dict "k8s-app" "kube-dns"))) | toJson -}}
{{- end }}

{{/*
Not empty where the admission policies are rendered. They bound what the operator does in namespaces that have no
stack, so without them it must be limited to namespaces by its role.
*/}}
{{- define "operator.policiesRendered" -}}
{{- $supported := semverCompare ">=1.30.0-0" .Capabilities.KubeVersion.Version -}}
{{- $rendered := and .Values.admissionPolicies.enabled $supported -}}
{{- if not (or $rendered .Values.watchNamespaces) -}}
{{- fail "without admission policies the operator could create pods, which mount Secrets, in every namespace: set watchNamespaces, or admissionPolicies.enabled=true on Kubernetes 1.30 or newer" -}}
{{- end -}}
{{- if $rendered }}true{{ end -}}
{{- end }}
