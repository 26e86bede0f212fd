"""After signing in a person is sent back within the portal, and nowhere else."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.local_path import local_path

PORTAL = "https://portal.example"


@given(st.text(alphabet=st.sampled_from("/\\?#@:.%&=\t\n\r abё"), max_size=12).map("/".__add__))
def test_whatever_is_let_through_stays_on_the_portal(text: str) -> None:
    try:
        path = local_path(text)
    except ValueError:
        return
    as_browsers_read_it = path.replace("\\", "/").translate({ord(c): None for c in "\t\n\r"})
    assert path == as_browsers_read_it
    assert urlsplit(urljoin(PORTAL, path)).netloc == "portal.example"


@pytest.mark.parametrize("path", ["/", "/cards", "/cards/1/edit?a=b&next=https://x//y", "/settings#phone", "/ё"])
def test_pages_of_the_portal_are_let_through(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "text", ["", "cards", "//evil", "/\\evil", "https://evil", "/a//b", "/\t/evil", "/a b", "javascript:1", "/\x00"]
)
def test_anything_else_is_not(text: str) -> None:
    with pytest.raises(ValueError, match="портала"):
        local_path(text)
