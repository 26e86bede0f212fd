"""What the tests of the monitoring stand on: Prometheus' own programs."""

import pytest

from tests.prometheus import Prometheus, bring_prometheus


@pytest.fixture(scope="session")
def prometheus() -> Prometheus:
    programs = bring_prometheus()
    if programs is None:
        pytest.skip("alert rules NOT CHECKED: runs where promtool is on the PATH, or Debian's package can be had")
    return programs
