"""What HAPI finds in our Bundles, and the page that keeps it: `python -m tests.fhir.findings` writes it anew."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from deploy.local.processes import REPOSITORY
from deploy.local.servers import CACHE
from medonline_contracts.fhir.element import Element
from tests.fhir.hapi import Finding
from tests.fhir.hapi_jars import HAPI_VERSION, hapi_jars
from tests.fhir.people import BUNDLES

PAGE = REPOSITORY / "docs/fhir.md"
BEGIN, END = "<!-- findings: written by `python -m tests.fhir.findings` -->", "<!-- end of findings -->"
SECONDS = 300


def found_in(resources: Iterable[Element]) -> list[list[Finding]]:
    """What HAPI's validator says of each resource."""
    command = [sys.executable, "-m", "tests.fhir.hapi", *map(str, hapi_jars(CACHE))]
    asked = json.dumps(list(resources))
    done = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=SECONDS, cwd=REPOSITORY)
    assert done.returncode == 0, done.stderr
    return [[(severity, place, text) for severity, place, text in found] for found in json.loads(done.stdout)]


def section(found: Mapping[str, list[Finding]]) -> str:
    """The findings as they stand on the page: each once, with how often it was made."""
    counted = Counter((severity, text) for findings in found.values() for severity, _, text in findings)
    rows = [f"| {severity} | {_cell(text)} | {count} |" for (severity, text), count in sorted(counted.items())]
    head = f"HAPI FHIR {HAPI_VERSION} on {len(found)} Bundles: {', '.join(found)}."
    table = ["| | what it says | times |", "| --- | --- | --- |", *rows] if rows else ["It found nothing."]
    return "\n".join([BEGIN, "", head, "", *table, "", END])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def on_page(page: Path = PAGE) -> str:
    """The section that the page has now."""
    text = page.read_text()
    return text[text.index(BEGIN) : text.index(END) + len(END)]


if __name__ == "__main__":
    now = section(dict(zip(BUNDLES, found_in(BUNDLES.values()), strict=True)))
    PAGE.write_text(PAGE.read_text().replace(on_page(), now))
