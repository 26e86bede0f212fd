"""HAPI's validator of FHIR R4 for the tests: its jars from Maven Central, brought once into the cache.

`hapi_jars.sha256` says what has to come of them.
"""

from pathlib import Path

from deploy.local.brought import brought
from deploy.local.pinned import require_pinned

HAPI_VERSION = "8.4.0"
PINS = Path(__file__).with_name("hapi_jars.sha256")
_PARTS = (
    "hapi-fhir-validation",
    "hapi-fhir-structures-r4",
    "hapi-fhir-validation-resources-r4",
    "hapi-fhir-caching-caffeine",
)
_ENDPOINT = "+".join([*(f"ca.uhn.hapi.fhir:{part}:{HAPI_VERSION}" for part in _PARTS), "org.slf4j:slf4j-nop:2.0.17"])
_SECONDS_PER_FILE = 120


def hapi_jars(cache: Path) -> list[Path]:
    """The jars, downloaded first where they are missing.

    Raises what jgo raises where they cannot be, and NotAsPinned where they are others than those that were chosen.
    """
    folder = brought(cache / f"hapi-fhir-{HAPI_VERSION}", _download)
    return sorted(folder.glob("jars/*.jar")) + sorted(folder.glob("modules/*.jar"))


def _download(folder: Path) -> Path:
    from jgo.env import EnvironmentBuilder, LinkStrategy
    from jgo.maven import MavenContext, PythonResolver

    context = MavenContext(resolver=PythonResolver(), repo_cache=folder / "repository", timeout=_SECONDS_PER_FILE)
    builder = EnvironmentBuilder(context, cache_dir=folder / "environments", link_strategy=LinkStrategy.COPY)
    came = Path(builder.from_endpoint(_ENDPOINT).path)
    require_pinned(came.rglob("*.jar"), PINS)
    return came
