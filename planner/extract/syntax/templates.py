"""Templates with names in them, such as `{{ name }}` or `${{ name }}`, on text that knows its place."""

import re
from collections.abc import Callable
from itertools import islice

from planner.extract.written import Written

_MAX_TEMPLATES = 8  # a reference has few parts; more is an attack or an accident


def fill(image: Written, template: re.Pattern[str], known: Callable[[str], Written | None]) -> Written:
    """Put values in place of each `template`, whose first group is the name; one without a value stays as written."""
    result = Written()
    position = 0
    for found in islice(template.finditer(image.text), _MAX_TEMPLATES):
        filled = known(found[1]) or image[found.start() : found.end()]
        result += image[position : found.start()] + filled
        position = found.end()
    return result + image[position:]
