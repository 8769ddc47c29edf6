"""Single records as lines of a file."""

import csv
import io
import json
from collections.abc import Iterable
from xml.etree import ElementTree

from proofs.second_world.sent import Cells


def csv_line(cells: Iterable[object]) -> bytes:
    """Quoted where needed."""
    target = io.StringIO(newline="")
    csv.writer(target, lineterminator="\n").writerow(["" if cell is None else cell for cell in cells])
    return target.getvalue().encode()


def json_line(cells: Cells) -> bytes:
    """What is not given is left out."""
    given = {name: value for name, value in cells.items() if value is not None}
    return json.dumps(given, ensure_ascii=False).encode() + b"\n"


def xml_element(name: str, cells: Cells) -> bytes:
    """What is not given is left out."""
    element = ElementTree.Element(name)
    for header, value in cells.items():
        if value is not None:
            ElementTree.SubElement(element, header).text = str(value)
    return ElementTree.tostring(element) + b"\n"
