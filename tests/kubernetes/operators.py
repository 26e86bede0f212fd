"""What operators do with our objects, as their source says it: of the versions that the manifests are held against."""

from functools import cache
from pathlib import Path

import pytest

from deploy.kubernetes.check.golang import Unavailable, module_folder
from deploy.kubernetes.check.pins import read_pins

MONGODBS, ENVOYS = "mongodb/mongodb-kubernetes-operator", "envoyproxy/gateway"


@cache
def source_of(operator: str) -> Path:
    """Where an operator's source is; skips the test where it cannot be had."""
    (module,) = [each.module for each in read_pins().crds if f"/{operator}@" in each.module]
    try:
        return module_folder(module)
    except Unavailable as error:
        pytest.skip(f"NOT CHECKED: what {operator} does with our objects: {error}")
