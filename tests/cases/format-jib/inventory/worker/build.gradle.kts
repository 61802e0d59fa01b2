plugins { id("com.google.cloud.tools.jib") }

val base = "registry.example/java:21@sha256:9d0cabcba86889d43f9aa06dc30b12f6817fc6718a8c40fa3ce51ca9ac29007b"
jib.from.image = base
jib { from { image = "registry.example/other@sha256:e15acf41215a2467583923c34a3e0edfa67a09df019812324c5459bf0be972b8" /* why */ } }
