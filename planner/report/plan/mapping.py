"""mapping.csv of a plan: what `planner repin` is to edit, as far as the new digests are known."""

from planner.model.report import Report
from planner.plan.pins.mapping import moves, write_mapping
from planner.report.format import Format, Options, register_plan


def render(report: Report, options: Options) -> str:
    """The re-pins of the plan whose new digest is known, as rows of mapping.csv; the header alone without a plan."""
    text = write_mapping(moves(report.plan) if report.plan else ())
    return ("\ufeff" if options.bom else "") + text


register_plan(Format("mapping", "mapping.csv, for planner repin", (), render))
