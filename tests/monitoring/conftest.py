"""What the tests of the monitoring stand on: Prometheus' own programs."""

import pytest

from tests.prometheus import Prometheus, bring_prometheus


@pytest.fixture(scope="session")
def prometheus() -> Prometheus:
    programs = bring_prometheus()
    if programs is None:
        pytest.skip("NOTHING CHECKED the alert rules: promtool is not on the PATH, and Debian's package cannot be had")
    return programs
