{{- /* How `sluice` is called. */ -}}
{{- define "sluice.args" -}}
- run
- --name={{ include "sluice.virtualCluster" . }}
- --namespace={{ .Release.Namespace }}
- --virtual-kubeconfig=/etc/sluice/virtual/kubeconfig.yaml
{{- $server := .Values.virtualCluster.server }}
{{- if eq $server "auto" }}{{ $server = printf "https://%s.%s" (include "sluice.virtualCluster" .) .Release.Namespace }}{{ end }}
{{- with $server }}
- --virtual-server={{ . }}
{{- end }}
- --config=/etc/sluice/config/sluice.yaml
{{- with .Values.sources.folder }}
- --plugins={{ . }}
{{- end }}
{{- if .Values.sources.configMaps }}
- --config-maps={{ .Release.Namespace }}
{{- end }}
# Not the mount itself, which others could reach: a folder in it that is Sluice's alone.
- --compiled=/var/cache/sluice/compiled
- --admin={{ .Values.listen }}:{{ .Values.admin.port }}
{{- if .Values.interceptors.enabled }}
- --interceptors={{ .Values.listen }}:{{ .Values.interceptors.port }}
{{- end }}
- --log-format=json
- --log-level={{ .Values.logLevel }}
{{- end }}
