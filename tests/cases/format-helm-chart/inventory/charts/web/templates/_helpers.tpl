{{/* image: registry.example/comment@sha256:757a30be43f07fc087069921c74ae2ad85b8e6cb9ac630e9144bad556675d97f */}}
{{- define "web.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
registry.example/web@sha256:fd7aa84f09eb463507f9bec3bab80bdc9c7bb2e3ad1abe9cff948178876e6284
{{- end -}}
{{- end -}}
{{- define "web.proxy" -}}
{{ .Values.proxy | default "registry.example/proxy@sha256:d65516db1bc4f4c741137f00c40940d6e9620987dcc46f0883edf51aa1384f94" }}
{{- end -}}
