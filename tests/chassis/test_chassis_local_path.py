"""People are sent on within the portal, and nowhere else."""

from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.local_path import LONGEST, local_path, local_path_or, with_query

PORTAL = "https://portal.example"
OTHERWISE = "/cards"
ELSEWHERE = ["", "cards", "//evil", "/\\evil", "https://evil", "/a//b", "/\t/evil", "/a b", "javascript:1", "/\x00"]


@given(st.text(alphabet=st.sampled_from("/\\?#@:.%&=\t\n\r\u2028 abё"), max_size=12).map("/".__add__))
def test_whatever_is_let_through_stays_on_the_portal(wanted: str) -> None:
    path = local_path_or(wanted, OTHERWISE)
    as_browsers_read_it = path.replace("\\", "/").translate({ord(c): None for c in "\t\n\r"})
    assert path == as_browsers_read_it
    assert urlsplit(urljoin(PORTAL, path)).netloc == "portal.example"


@pytest.mark.parametrize(
    "path", ["/", "/cards/1/edit?a=b", "/settings#phone", "/ё", "/sign-in?return_to=https://x//y", "/" + "a" * 1_999]
)
def test_pages_of_the_portal_are_let_through(path: str) -> None:
    assert local_path(path) == path == local_path_or(path, OTHERWISE)


@pytest.mark.parametrize("wanted", [*ELSEWHERE, "/a\u2028b", "/" + "a" * LONGEST])
def test_anything_else_is_not(wanted: str) -> None:
    assert local_path_or(wanted, OTHERWISE) == OTHERWISE
    with pytest.raises(ValueError, match="портала"):
        local_path(wanted)


def test_where_nothing_is_wanted_there_is_the_other_path() -> None:
    assert local_path_or(None, OTHERWISE) == OTHERWISE


@given(st.text(max_size=30), st.text(max_size=30))
def test_what_is_added_to_a_query_is_read_back_as_it_was(first: str, second: str) -> None:
    query = urlsplit(with_query("/cards", first=first, second=second)).query
    assert parse_qs(query, keep_blank_values=True) == {"first": [first], "second": [second]}


def test_what_is_null_is_left_out_and_a_query_that_is_there_stays() -> None:
    assert with_query("/cards", notice=None) == "/cards"
    assert with_query("/cards?a=1", notice="card-added") == "/cards?a=1&notice=card-added"
    assert with_query("/settings#phone", saved="true") == "/settings?saved=true#phone"
