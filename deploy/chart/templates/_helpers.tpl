{{- /* Names, labels, and what is wrong with the values. */ -}}

{{- define "sluice.fullname" -}}
{{- $release := .Release.Name -}}
{{- if not (contains .Chart.Name $release) }}{{ $release = printf "%s-%s" $release .Chart.Name }}{{ end -}}
{{- $release | trunc 50 | trimSuffix "-" -}}
{{- end }}

{{- /* Copies of tenants' Pods are in this namespace too, with the labels that tenants gave them. vCluster renames `release`
       on those, so none of them can pass as one of these. */ -}}
{{- define "sluice.selector" -}}
app: sluice
release: {{ .Release.Name }}
{{- end }}

{{- define "sluice.labels" -}}
{{ include "sluice.selector" . }}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "sluice.serviceAccount" -}}
{{- $made := .Values.serviceAccount.create | ternary (include "sluice.fullname" .) "default" -}}
{{- .Values.serviceAccount.name | default $made -}}
{{- end }}

{{- define "sluice.image" -}}
{{- .Values.image | default (printf "%s:%s" .Chart.Name .Chart.AppVersion) -}}
{{- end }}

{{- /* Copies are made after it, so it has to be right. */ -}}
{{- define "sluice.virtualCluster" -}}
{{- required "virtualCluster.name is missing: say --set virtualCluster.name=NAME, the name that `vcluster list` shows" .Values.virtualCluster.name -}}
{{- end }}

{{- define "sluice.kubeconfigSecret" -}}
{{- .Values.virtualCluster.kubeconfig.secret | default (printf "vc-%s" (include "sluice.virtualCluster" .)) -}}
{{- end }}

{{- /* What is in no namespace is everybody's: several releases in one cluster need names of their own. */ -}}
{{- define "sluice.clusterRole" -}}
{{- printf "sluice-%s-%s" .Release.Namespace (include "sluice.virtualCluster" .) -}}
{{- end }}

{{- define "sluice.subject" -}}
- kind: ServiceAccount
  name: {{ include "sluice.serviceAccount" . }}
  namespace: {{ .Release.Namespace }}
{{- end }}
