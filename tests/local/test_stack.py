import httpx
import pytest

from deploy.local.stack import Stack


@pytest.mark.parametrize("name", ["portal", "gateway", "identity"])
def test_a_killed_part_is_missed_and_comes_back(portal: Stack, name: str) -> None:
    portal.kill(name)
    assert [part.name for part in portal.dead()] == [name]
    portal.start(name)
    assert portal.dead() == []
    assert httpx.get(f"{portal.portal_url}/", trust_env=False).status_code == 200
