{{/* The services, as generated from the catalogue. */}}
{{- define "platform.catalogue" -}}
{{- .Files.Get "files/services.json" -}}
{{- end -}}

{{- define "platform.labels" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/part-of: tradingstack
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end -}}

{{/* Labels of pods. They omit the chart's version, so that a new chart does not restart the pods. */}}
{{- define "platform.podLabels" -}}
{{ include "platform.selector" . }}
app.kubernetes.io/part-of: tradingstack
{{- end -}}

{{- define "platform.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end -}}

{{/*
A password: the value in the Secret if it exists, otherwise a new random one. Repeated calls in one rendering return the
same value. Takes root, secret, key.
*/}}
{{- define "platform.password" -}}
{{- $values := .root.Values -}}
{{- if not (hasKey $values "passwords") -}}{{- $_ := set $values "passwords" dict -}}{{- end -}}
{{- $id := printf "%s/%s" .secret .key -}}
{{- if not (hasKey $values.passwords $id) -}}
{{- $secret := lookup "v1" "Secret" .root.Release.Namespace .secret | default dict -}}
{{- $kept := index (index $secret "data" | default dict) .key | default "" | b64dec -}}
{{- $_ := set $values.passwords $id ($kept | default (randAlphaNum 32)) -}}
{{- end -}}
{{- index $values.passwords $id -}}
{{- end -}}

{{/*
Hash of the passwords that a pod reads when it starts, for an annotation that restarts the pod when they change. It
includes a random key from the Secret, so it reveals nothing to a user who can read pods but not Secrets. Takes root,
passwords.
*/}}
{{- define "platform.passwordsHash" -}}
{{- $key := include "platform.password" (dict "root" .root "secret" "platform-admin" "key" "hash-key") -}}
{{- prepend .passwords $key | join " " | sha256sum | trunc 16 -}}
{{- end -}}

{{- define "platform.redisPasswordsHash" -}}
{{- if .Values.secrets.create -}}
{{- $root := . -}}
{{- $all := list (include "platform.password" (dict "root" $root "secret" "platform-admin" "key" "redis-admin-password")) (include "platform.password" (dict "root" $root "secret" "platform-admin" "key" "redis-probe-password")) -}}
{{- range (include "platform.catalogue" . | fromJson).services -}}
{{- if .redis -}}{{- $all = append $all (include "platform.password" (dict "root" $root "secret" .secret "key" "redis-password")) -}}{{- end -}}
{{- end -}}
{{- include "platform.passwordsHash" (dict "root" $root "passwords" $all) -}}
{{- else -}}
none
{{- end -}}
{{- end -}}

{{- define "platform.postgresPasswordHash" -}}
{{- if .Values.secrets.create -}}
{{- $password := include "platform.password" (dict "root" . "secret" "platform-admin" "key" "postgres-password") -}}
{{- include "platform.passwordsHash" (dict "root" . "passwords" (list $password)) -}}
{{- else -}}
none
{{- end -}}
{{- end -}}

{{/* Pod Security "restricted". */}}
{{- define "platform.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "platform.containerSecurity" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: {drop: [ALL]}
{{- end -}}

{{- define "platform.scheduling" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{ toJson . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{ toJson . }}
{{- end }}
{{- end -}}

{{/* A Secret with these passwords. Takes root, name, keys. */}}
{{- define "platform.secret" }}
---
apiVersion: v1
kind: Secret
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "platform.labels" (dict "root" .root "name" "platform") | nindent 4 }}
  annotations:
    # The volumes outlive the release, and they contain these passwords.
    helm.sh/resource-policy: keep
type: Opaque
data:
  {{- range .keys }}
  {{ . }}: {{ include "platform.password" (dict "root" $.root "secret" $.name "key" .) | b64enc }}
  {{- end }}
{{- end }}
