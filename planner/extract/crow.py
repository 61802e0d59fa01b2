"""Crow: steps, services and clone steps, as a list or as a mapping by name, for every row of the matrix.

References that commands, settings and the environment mention count too.
"""

import re

from planner.extract.format import Example, Format, register
from planner.extract.uses import extractor
from planner.extract.woodpecker import NO_PULL, is_pipeline, uses

_PATH = re.compile(r"(?:^|/)\.?crow(?:[._-][^/]*)?\.ya?ml$|(?:^|/)\.crow/.*\.ya?ml$")

register(
    Format(
        "crow",
        "Crow CI",
        lambda source: is_pipeline(source, _PATH),
        extractor("crow", uses, NO_PULL),
        files=".crow.yml, crow*.yml, .crow/**/*.yml",
        example=Example(".crow/build.yaml", "steps:\n  - name: build\n    image: registry.example/go:1@sha256:…\n"),
    )
)
