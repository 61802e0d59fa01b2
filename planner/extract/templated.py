"""YAML that a Go template is yet to become: what only steers the template is left out, what fills in values stays."""

from dataclasses import replace

from planner.extract.syntax.template_marks import FILLED, blanked
from planner.model.source import SourceFile


def without_control(source: SourceFile) -> SourceFile:
    """The file with blanks in place of its template's comments, conditions and loops; all else stays where it is."""
    if "{{" not in source.text:
        return source
    # What asks for the end of a line does not see it behind a carriage return.
    pairs = zip(source.text, blanked(source.text.replace("\r\n", " \n")), strict=True)
    return replace(source, text="".join(written if blank == FILLED else blank for written, blank in pairs))
