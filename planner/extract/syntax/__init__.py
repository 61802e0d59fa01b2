"""How the languages of files are read, each character with its place: YAML and JSON, shell, Dockerfile, Groovy."""
