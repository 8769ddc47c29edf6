"""The fields of the Algorithmic Transparency Recording Standard, in the order and numbers of its template.

Source: GOV.UK, Algorithmic Transparency Recording Standard, template of version 3.0. Fields of a model and of its data
are there once for each model and data set; these records have one of each.
"""

from dataclasses import dataclass

VERSION = "3.0"
MEASURED = "model_performance"
"""The field whose statement is written from the run."""


@dataclass(frozen=True)
class Field:
    """A field: its number and name in the template, and the code by which machines read it."""

    tier: int
    section: str
    number: str
    name: str

    @property
    def code(self) -> str:
        return self.name.lower().replace(" ", "_")


_TEMPLATE = {
    (1, "Overview"): ("1 Name", "2 Description", "3 Website URL", "4 Contact email"),
    (2, "Owner and responsibility"): (
        "1.1 Organisation or department",
        "1.2 Team",
        "1.3 Senior responsible owner",
        "1.4 External supplier involvement",
    ),
    (2, "Description and rationale"): (
        "2.1 Detailed description",
        "2.2 Scope",
        "2.3 Benefit",
        "2.4 Previous process",
        "2.5 Alternatives considered",
    ),
    (2, "Decision-making process"): (
        "3.1 Process integration",
        "3.2 Provided information",
        "3.3 Frequency and scale of usage",
        "3.4 Human decisions and review",
        "3.5 Required training",
        "3.6 Appeals and review",
    ),
    (2, "Tool specification"): (
        "4.1.1 System architecture",
        "4.1.2 Phase",
        "4.1.3 Maintenance",
        "4.1.4 Models",
    ),
    (2, "Model specification"): (
        "4.2.1 Model name",
        "4.2.2 Model version",
        "4.2.3 Model task",
        "4.2.4 Model input",
        "4.2.5 Model output",
        "4.2.6 Model architecture",
        "4.2.7 Model performance",
        "4.2.8 Datasets",
        "4.2.9 Dataset purposes",
    ),
    (2, "Data specification"): (
        "4.3.1 Source data name",
        "4.3.2 Data modality",
        "4.3.3 Data description",
        "4.3.4 Data quantities",
        "4.3.5 Sensitive attributes",
        "4.3.6 Data completeness and representativeness",
        "4.3.7 Source data URL",
        "4.3.8 Data collection",
        "4.3.9 Data cleaning",
        "4.3.10 Data sharing agreements",
        "4.3.11 Data access and storage",
    ),
    (2, "Risks, mitigations and impact assessments"): ("5.1 Impact assessment", "5.2 Risks and mitigations"),
}
FIELDS = tuple(
    Field(tier, section, *numbered.split(" ", 1)) for (tier, section), names in _TEMPLATE.items() for numbered in names
)
