"""A hospital system that a region lets read: its component fits beside the others, and brings its user alone."""

import pytest
import yaml

from medonline_contracts.topics import HOSPITAL
from tests.kubernetes.built import built, checker, with_component
from tests.kubernetes.manifests import PROD

pytestmark = pytest.mark.tools


def test_it_fits_the_schemas_and_adds_a_user_and_nothing_else(tmp_path_factory: pytest.TempPathFactory) -> None:
    written = checker().build(with_component(PROD, "hospital", tmp_path_factory.mktemp("overlay")))
    assert [str(finding) for finding in checker().against_schemas(written)] == []
    usual = built(PROD)
    (added,) = [each for each in yaml.load_all(written, yaml.CSafeLoader) if each and each not in usual]
    assert (added["kind"], added["metadata"]["name"]) == ("KafkaUser", HOSPITAL)
