$images = @(
  "registry.example/first@sha256:9bb35e1c08fa3c70a76476465b1870c0d5e946a5b1983c6a8ae5a7cbef0cd902",
  "registry.example/list@sha256:a9cb822da70829dd6078610979e733da0b6cba4f34790668c4624435d0791194"
)
foreach ($each in $images) { docker pull $each }
$checksum = "sha256:36eb07ee2c41fb0bf7a149c89fdf243864019ee14821fc9daef4251d1bb91c7d"
docker pull registry.example/tagged:1
