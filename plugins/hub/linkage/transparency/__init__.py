"""The public records of both linkages, in the form of the Algorithmic Transparency Recording Standard.

What people state (``records.yaml``) and what a run on a made-up world measured (``evaluation.json``) become pages for
people to read, JSON, and the code list that is published as ``linkage_transparency_v1``.
"""

from hub.linkage.transparency.pages import transparency_pages

__all__ = ["transparency_pages"]
