"""What an expert reads of a nomination: its declaration by section, its evidence, and what supports what."""

from dataclasses import dataclass, field

from nominations.declaration import shape_of
from nominations.folder import Paper, folder_of
from nominations.models import Evidence, Nomination
from nominations.reading import ReadSection, declared_sections
from nominations.viewer import Viewer, viewer_of


@dataclass(frozen=True)
class Support:
    """Where a dimension is declared (an anchor of the page, empty where nowhere), and its documents."""

    anchor: str = ""
    papers: list[Paper] = field(default_factory=list)


@dataclass(frozen=True)
class Material:
    declared: list[ReadSection]
    papers: list[Paper]
    viewer: Viewer | None
    supports: dict[str, Support]


def material_of(nomination: Nomination, hat, asked, base: str) -> Material:
    """Without contact data. `asked` and `base` are the viewer's: its query, and the page it is on."""
    declared = declared_sections(nomination, hat, contacts=False)
    rows = list(Evidence.objects.visible_to(hat).filter(nomination=nomination))
    papers = folder_of(nomination, rows).papers
    anchors = {section.anchor for section in declared}
    supports = {}
    for section in shape_of(nomination.edition).sections:
        if not section.dimension or f"dim-{section.dimension}" not in anchors:
            continue
        about = {each.key for each in section.fields}
        if "recognitions" in about:
            about |= set(nomination.declaration.recognitions)
        mine = [paper for paper in papers if paper.evidence.about in about]
        supports[section.dimension] = Support(f"dim-{section.dimension}", mine)
    return Material(declared, papers, viewer_of(papers, asked, base), supports)
