"""The fold: duplicates and any order of events give the same writes (no servers needed to say so)."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from eventlog.projector import Row, Section, Write, fold

sections = st.builds(
    lambda id, name, version: Section("cards", id, name, version, {"said": f"{id}{name}{version}"}),
    st.sampled_from("ab"),
    st.sampled_from(["confirmed", "stated"]),
    st.integers(1, 9),
)
rows = st.builds(lambda id: Row("history", id, {"row": id}), st.sampled_from("abc"))
writes = st.lists(sections | rows)


def places(batch: list[Write]) -> dict[tuple[str, ...], Write]:
    return {write.place() if isinstance(write, Section) else (write.collection, write.id): write for write in batch}


def folding(batch: list[Write]) -> list[Write]:
    return list(fold(batch, {}).values())


@given(writes, st.randoms(use_true_random=False))
def test_order_and_duplicates_within_a_batch_change_nothing(batch: list[Write], random: Random) -> None:
    shuffled = batch + batch[: len(batch) // 2]
    random.shuffle(shuffled)
    assert places(folding(shuffled)) == places(folding(batch))


@given(writes)
def test_of_a_section_the_highest_version_is_written_once(batch: list[Write]) -> None:
    folded = folding(batch)
    assert len(places(folded)) == len(folded)
    for section in (write for write in batch if isinstance(write, Section)):
        winner = places(folded)[section.place()]
        assert isinstance(winner, Section)
        assert winner.version >= section.version
