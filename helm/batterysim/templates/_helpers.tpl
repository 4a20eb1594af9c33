{{/* Names begin with the release's, once: release batterysim gives batterysim-operator. */}}
{{- define "batterysim.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "batterysim.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: {{ .Chart.Name }}
{{- end -}}

{{/* component: (dict "root" $ "name" "operator") everywhere below. */}}
{{- define "batterysim.componentName" -}}
{{ include "batterysim.fullname" .root }}-{{ .name }}
{{- end -}}

{{- define "batterysim.componentLabels" -}}
{{ include "batterysim.labels" .root }}
app.kubernetes.io/component: {{ .name }}
{{- end -}}

{{- define "batterysim.selectorLabels" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end -}}

{{- define "batterysim.serviceAccountName" -}}
{{- $account := (get .root.Values .name).serviceAccount -}}
{{- if $account.create -}}
{{- $account.name | default (include "batterysim.componentName" .) -}}
{{- else -}}
{{- required (printf "%s.serviceAccount.name: name the ServiceAccount, or let the chart create it; the namespace's default one would get its rights" .name) $account.name -}}
{{- end -}}
{{- end -}}

{{/* (dict "root" $ "image" .Values.image) */}}
{{- define "batterysim.image" -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ .image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* "svc" in the name keeps it inside the cluster whatever the cluster's domain is. */}}
{{- define "batterysim.bridgeServiceUrl" -}}
{{- $scheme := include "batterysim.tlsSecret" . | empty | ternary "http" "https" -}}
{{ $scheme }}://{{ include "batterysim.componentName" (dict "root" . "name" "bridge") }}.{{ .Release.Namespace }}.svc:8084
{{- end -}}

{{- define "batterysim.bridgeUrl" -}}
{{- .Values.bridge.url | default (include "batterysim.bridgeServiceUrl" .) -}}
{{- end -}}

{{/* The Secret with the bridge's certificate; empty: it has no TLS. */}}
{{- define "batterysim.tlsSecret" -}}
{{- if .Values.bridge.tls.certManager.issuerRef.name -}}
{{- .Values.bridge.tls.secretName | default (printf "%s-tls" (include "batterysim.componentName" (dict "root" . "name" "bridge"))) -}}
{{- else -}}
{{- .Values.bridge.tls.secretName -}}
{{- end -}}
{{- end -}}

{{/* The environment of the bridge's callers: the certificates that they have to trust. */}}
{{- define "batterysim.bridgeCa" -}}
{{- $secret := include "batterysim.tlsSecret" .root -}}
{{- if $secret }}
- name: BATTERYSIM_BRIDGE_CA
  {{- if .root.Values.bridge.tls.ca }}
  value: {{ .root.Values.bridge.tls.ca | quote }}
  {{- else if .isElsewhere }}
  {{- fail "bridge.tls.ca: shared runners cannot read the Secret of the release's namespace; give the certificates of its authority" }}
  {{- else }}
  valueFrom:
    secretKeyRef: {name: {{ $secret }}, key: ca.crt, optional: true}
  {{- end }}
{{- end }}
{{- end -}}

{{/* What a component's pod has in common with the other's, above its containers. */}}
{{- define "batterysim.podSettings" -}}
{{- $values := get .root.Values .name -}}
serviceAccountName: {{ include "batterysim.serviceAccountName" . }}
# Variables such as BATTERYSIM_BRIDGE_PORT would come from our own Services.
enableServiceLinks: false
securityContext:
  {{- toYaml .root.Values.podSecurityContext | nindent 2 }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.priorityClassName | default (include "batterysim.priorityClass" (dict "root" .root "kind" "system")) }}
priorityClassName: {{ . }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/*
(dict "root" $ "name" "operator" "role" "batterysim-operator")
Binds a ClusterRole to a component: in the watched namespaces, or everywhere when watchNamespaces is empty.
"account" names another ServiceAccount of the release's namespace instead, and the binding after it.
*/}}
{{- define "batterysim.bindings" -}}
{{- $grant := . -}}
{{- range .root.Values.watchNamespaces | default (list "") }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ . | empty | ternary "ClusterRoleBinding" "RoleBinding" }}
metadata:
  name: {{ $grant.account | default $grant.role }}
  {{- with . }}
  namespace: {{ . }}
  {{- end }}
  labels:
    {{- include "batterysim.componentLabels" $grant | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {{ $grant.role }}
subjects:
  {{- include "batterysim.subject" $grant | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "batterysim.subject" -}}
- kind: ServiceAccount
  name: {{ .account | default (include "batterysim.serviceAccountName" .) }}
  namespace: {{ .root.Release.Namespace }}
{{- end -}}

{{/* The name of a PriorityClass of this release, of kind "system" or "runner"; empty where it makes none. */}}
{{- define "batterysim.priorityClass" -}}
{{- if .root.Values.priorityClasses.create -}}
{{- printf "%s-%s" (include "batterysim.fullname" .root) .kind -}}
{{- end -}}
{{- end -}}

{{/* What the URLs of callbacks may begin with although their addresses are private. */}}
{{- define "batterysim.callbackUrls" -}}
{{- $urls := .Values.operator.callbacks.allowedPrivateUrls -}}
{{- with .Values.bridge.jobManager -}}
{{- if and .enabled .postBackUrl -}}
{{- $urls = append $urls (dict "url" .postBackUrl "namespaces" (list .namespace)) -}}
{{- end -}}
{{- end -}}
{{- toJson $urls -}}
{{- end -}}

{{- define "batterysim.bucketCaDir" -}}
/etc/batterysim/s3-ca
{{- end -}}

{{/* The store's settings, as JSON; the context is .Values.bridge.store. */}}
{{- define "batterysim.bridgeStore" -}}
{{- $settings := omit . "type" "persistence" "s3" | merge (dict "directory" "/var/lib/batterysim") -}}
{{- if eq .type "s3" -}}
{{- $_ := required "bridge.store.s3.bucket: name the bucket that results are kept in" .s3.bucket -}}
{{- $bucket := omit .s3 "credentialsSecret" "caConfigMap" -}}
{{- if .s3.caConfigMap -}}
{{- $bucket = set $bucket "caFile" (printf "%s/ca.crt" (include "batterysim.bucketCaDir" .)) -}}
{{- end -}}
{{- $settings = set $settings "s3" $bucket -}}
{{- end -}}
{{- toJson $settings -}}
{{- end -}}

{{/* Variables with the keys of a bucket; the context is .Values.bridge.store.s3. */}}
{{- define "batterysim.bucketKeys" -}}
{{- $secret := .credentialsSecret }}
{{- if $secret }}
{{- range list "AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY" "AWS_SESSION_TOKEN" }}
- name: {{ . }}
  valueFrom:
    secretKeyRef:
      name: {{ $secret }}
      key: {{ . }}
      optional: {{ eq . "AWS_SESSION_TOKEN" }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The namespaces that have shared runners, as JSON. */}}
{{- define "batterysim.sharedNamespaces" -}}
{{- $namespaces := list -}}
{{- range .Values.sharedRunners -}}
{{- $namespaces = append $namespaces .namespace -}}
{{- end -}}
{{- toJson $namespaces -}}
{{- end -}}

{{/* What the bridge has to know of shared runners, as JSON. */}}
{{- define "batterysim.bridgeSharedRunners" -}}
{{- dict
    "namespaces" (include "batterysim.sharedNamespaces" . | fromJsonArray)
    "overHttp" .Values.sharedRunner.overHttp
    "account" (include "batterysim.componentName" (dict "root" . "name" "shared-runner"))
  | toJson -}}
{{- end -}}

{{/* What the operator has to know of runners, as JSON: the section of the values, and what follows from others. */}}
{{- define "batterysim.operatorRunner" -}}
{{- $runner := .Values.runner -}}
{{- dict
    "image" (include "batterysim.image" (dict "root" . "image" $runner.image))
    "imagePullPolicy" $runner.image.pullPolicy
    "bridgeUrl" (include "batterysim.bridgeUrl" .)
    "release" (printf "%s/%s" .Release.Namespace .Release.Name)
    "resources" $runner.resources
    "nodeSelector" $runner.nodeSelector
    "tolerations" $runner.tolerations
    "priorityClass" ($runner.priorityClassName | default (include "batterysim.priorityClass" (dict "root" . "kind" "runner")))
    "podTemplate" $runner.podTemplate
    "extraEnv" $runner.extraEnv
    "copiedPrefixes" $runner.copiedPrefixes
    "sharedNamespaces" (include "batterysim.sharedNamespaces" . | fromJsonArray)
  | toJson -}}
{{- end }}
