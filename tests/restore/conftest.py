"""A whole portal of its own: nobody else's may be destroyed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.stack import Stack
from tests.servers import portal_in


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder: Path = tmp_path_factory.mktemp("restored")
    with portal_in(folder, {}, {}) as stack:
        yield stack
