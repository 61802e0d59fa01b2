from dockerfile import parse

# FROM registry.example/python-comment@sha256:f27ce2869922f5b4caba099e66e2eb6cff344cfe38e5023f692903970eaf248d
print(parse("FROM scratch"))
