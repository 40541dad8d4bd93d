{{- define "temporal-airbyte.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 47 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 47 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "temporal-airbyte.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "temporal-airbyte.worker-selector" -}}
{{ include "temporal-airbyte.selector" . }}
app.kubernetes.io/component: worker
{{- end -}}

{{- define "temporal-airbyte.labels" -}}
{{ include "temporal-airbyte.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "temporal-airbyte.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Whether the pods need the ConfigMap with rules and routes. */}}
{{- define "temporal-airbyte.has-config" -}}
{{- if or .Values.secrets.rules .Values.webhook.routes -}}yes{{- end -}}
{{- end -}}

{{/* Variables that the worker and the test have in common: Airbyte, the certificate authority of Temporal, and the keys. */}}
{{- define "temporal-airbyte.common-env" -}}
- { name: AIRBYTE_URL, value: {{ .Values.airbyte.url | quote }} }
{{- with .Values.airbyte.name }}
- { name: AIRBYTE_NAME, value: {{ . | quote }} }
{{- end }}
- { name: AIRBYTE_TASK_QUEUE, value: {{ .Values.taskQueue | quote }} }
{{- range $credential, $key := .Values.airbyte.auth.keys }}
- { name: AIRBYTE_{{ $credential | snakecase | upper }}_FILE, value: {{ printf "/etc/temporal-airbyte/credentials/%s" $key | quote }} }
{{- end }}
{{- if or .Values.temporal.serverCa.secretName .Values.temporal.serverCa.configMapName }}
- { name: TEMPORAL_TLS_SERVER_CA_CERT_PATH, value: /etc/temporal-airbyte/temporal-ca/ca.crt }
{{- end }}
{{- if .Values.encryption.secretName }}
- { name: AIRBYTE_CODEC_KEYS_FILE, value: {{ printf "/etc/temporal-airbyte/encryption/%s" .Values.encryption.key | quote }} }
{{- end }}
{{- with .Values.env }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Where Temporal is. The Temporal Worker Controller sets these itself, except for TLS without a client certificate. */}}
{{- define "temporal-airbyte.temporal-env" -}}
{{- $temporal := .Values.temporal -}}
- { name: TEMPORAL_ADDRESS, value: {{ $temporal.address | quote }} }
- { name: TEMPORAL_NAMESPACE, value: {{ $temporal.namespace | quote }} }
{{- if or $temporal.tls $temporal.apiKey.secretName $temporal.clientCertificate.secretName }}
- { name: TEMPORAL_TLS, value: "true" }
{{- end }}
{{- if $temporal.apiKey.secretName }}
- name: TEMPORAL_API_KEY
  valueFrom: { secretKeyRef: { name: {{ $temporal.apiKey.secretName | quote }}, key: {{ $temporal.apiKey.key | quote }} } }
{{- end }}
{{- if $temporal.clientCertificate.secretName }}
- { name: TEMPORAL_TLS_CLIENT_CERT_PATH, value: /etc/temporal-airbyte/temporal-client/tls.crt }
- { name: TEMPORAL_TLS_CLIENT_KEY_PATH, value: /etc/temporal-airbyte/temporal-client/tls.key }
{{- end }}
{{- end -}}

{{/* Secrets are files, which no description of a pod shows; they belong to the group of the process. */}}
{{- define "temporal-airbyte.common-volumes" -}}
{{- with .Values.airbyte.auth.secretName }}
- { name: credentials, secret: { secretName: {{ . | quote }}, defaultMode: 0440 } }
{{- end }}
{{- with .Values.encryption.secretName }}
- { name: encryption, secret: { secretName: {{ . | quote }}, defaultMode: 0440 } }
{{- end }}
{{- with .Values.temporal.serverCa }}
{{- if .secretName }}
- { name: temporal-ca, secret: { secretName: {{ .secretName | quote }}, items: [{ key: {{ .key | quote }}, path: ca.crt }] } }
{{- else if .configMapName }}
- { name: temporal-ca, configMap: { name: {{ .configMapName | quote }}, items: [{ key: {{ .key | quote }}, path: ca.crt }] } }
{{- end }}
{{- end }}
- { name: tmp, emptyDir: { sizeLimit: 64Mi } }
{{- end -}}

{{- define "temporal-airbyte.common-mounts" -}}
{{- if .Values.airbyte.auth.secretName }}
- { name: credentials, mountPath: /etc/temporal-airbyte/credentials, readOnly: true }
{{- end }}
{{- if .Values.encryption.secretName }}
- { name: encryption, mountPath: /etc/temporal-airbyte/encryption, readOnly: true }
{{- end }}
{{- if or .Values.temporal.serverCa.secretName .Values.temporal.serverCa.configMapName }}
- { name: temporal-ca, mountPath: /etc/temporal-airbyte/temporal-ca, readOnly: true }
{{- end }}
- { name: tmp, mountPath: /tmp }
{{- end -}}

{{- define "temporal-airbyte.client-volumes" -}}
{{- with .Values.temporal.clientCertificate.secretName }}
- { name: temporal-client, secret: { secretName: {{ . | quote }}, defaultMode: 0440 } }
{{- end }}
{{- end -}}

{{- define "temporal-airbyte.client-mounts" -}}
{{- if .Values.temporal.clientCertificate.secretName }}
- { name: temporal-client, mountPath: /etc/temporal-airbyte/temporal-client, readOnly: true }
{{- end }}
{{- end -}}

{{/* What the Pod Security Standard `restricted` asks for, and a root file system that nothing can write to. */}}
{{- define "temporal-airbyte.pod-security" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "temporal-airbyte.container-security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{/* The pods of the workers. In the mode `controller`, the controller adds what concerns Temporal. */}}
{{- define "temporal-airbyte.pod" -}}
{{- $isDeployment := eq .Values.mode "deployment" -}}
metadata:
  labels:
    {{- include "temporal-airbyte.worker-selector" . | nindent 4 }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- if or .Values.podAnnotations (include "temporal-airbyte.has-config" .) }}
  annotations:
    {{- if include "temporal-airbyte.has-config" . }}
    # New rules and routes need new workers, which read them when they start.
    checksum/config: {{ include (print $.Template.BasePath "/configmap.yaml") . | sha256sum }}
    {{- end }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- end }}
spec:
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.serviceAccount.name }}
  serviceAccountName: {{ . }}
  {{- end }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  # A worker ends within 8 seconds, and passes its waits on.
  terminationGracePeriodSeconds: 30
  securityContext:
    {{- include "temporal-airbyte.pod-security" . | nindent 4 }}
  containers:
    - name: worker
      image: {{ include "temporal-airbyte.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [worker]
      env:
        {{- if $isDeployment }}
        {{- include "temporal-airbyte.temporal-env" . | nindent 8 }}
        {{- else if and (or .Values.temporal.tls .Values.temporal.apiKey.secretName) (not .Values.temporal.clientCertificate.secretName) }}
        - { name: TEMPORAL_TLS, value: "true" }
        {{- end }}
        - { name: AIRBYTE_METRICS_ADDRESS, value: "0.0.0.0:{{ .Values.metrics.port }}" }
        {{- if .Values.secrets.secretName }}
        - { name: AIRBYTE_SECRET_DIR, value: /etc/temporal-airbyte/secrets }
        {{- end }}
        {{- if .Values.secrets.rules }}
        - { name: AIRBYTE_SECRET_RULES, value: /etc/temporal-airbyte/config/secret-rules.yaml }
        {{- end }}
        {{- if .Values.webhook.enabled }}
        - { name: AIRBYTE_WEBHOOK_HOST, value: 0.0.0.0 }
        - { name: AIRBYTE_WEBHOOK_PORT, value: {{ .Values.webhook.port | quote }} }
        - { name: AIRBYTE_WEBHOOK_SECRET_FILE, value: {{ printf "/etc/temporal-airbyte/webhook/%s" .Values.webhook.key | quote }} }
        {{- end }}
        {{- if .Values.webhook.routes }}
        - { name: AIRBYTE_WEBHOOK_ROUTES, value: /etc/temporal-airbyte/config/webhook-routes.yaml }
        {{- end }}
        {{- include "temporal-airbyte.common-env" . | nindent 8 }}
      ports:
        - { name: metrics, containerPort: {{ .Values.metrics.port }} }
        {{- if .Values.webhook.enabled }}
        - { name: webhook, containerPort: {{ .Values.webhook.port }} }
        {{- end }}
      # A worker registers search attributes before it serves, which takes Temporal up to 90 seconds.
      startupProbe: { httpGet: { path: /livez, port: metrics }, periodSeconds: 2, failureThreshold: 90 }
      # The process alone: a worker that is restarted because Temporal or Airbyte is down does not help them.
      livenessProbe: { httpGet: { path: /livez, port: metrics }, periodSeconds: 15, timeoutSeconds: 5, failureThreshold: 4 }
      readinessProbe: { httpGet: { path: /readyz, port: metrics }, periodSeconds: 10, timeoutSeconds: 5 }
      securityContext:
        {{- include "temporal-airbyte.container-security" . | nindent 8 }}
      {{- with .Values.resources }}
      resources:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      volumeMounts:
        {{- include "temporal-airbyte.common-mounts" . | trim | nindent 8 }}
        {{- if $isDeployment }}
        {{- with include "temporal-airbyte.client-mounts" . | trim }}
        {{- . | nindent 8 }}
        {{- end }}
        {{- end }}
        {{- if .Values.secrets.secretName }}
        - { name: secrets, mountPath: /etc/temporal-airbyte/secrets, readOnly: true }
        {{- end }}
        {{- if .Values.webhook.enabled }}
        - { name: webhook, mountPath: /etc/temporal-airbyte/webhook, readOnly: true }
        {{- end }}
        {{- if include "temporal-airbyte.has-config" . }}
        - { name: config, mountPath: /etc/temporal-airbyte/config, readOnly: true }
        {{- end }}
        {{- with .Values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    {{- include "temporal-airbyte.common-volumes" . | trim | nindent 4 }}
    {{- if $isDeployment }}
    {{- with include "temporal-airbyte.client-volumes" . | trim }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- end }}
    {{- with .Values.secrets.secretName }}
    - { name: secrets, secret: { secretName: {{ . | quote }}, defaultMode: 0440 } }
    {{- end }}
    {{- if .Values.webhook.enabled }}
    - { name: webhook, secret: { secretName: {{ .Values.webhook.secretName | quote }}, defaultMode: 0440 } }
    {{- end }}
    {{- if include "temporal-airbyte.has-config" . }}
    - { name: config, configMap: { name: {{ include "temporal-airbyte.name" . }} } }
    {{- end }}
    {{- with .Values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- else }}
  # Spread over nodes, so that the end of a node is not the end of all workers.
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "temporal-airbyte.worker-selector" . | nindent 10 }}
  {{- end }}
{{- end -}}
