"""HAPI's validator of FHIR R4 for the tests: its jars from Maven Central, brought once into the cache."""

from pathlib import Path

from deploy.local.brought import brought

HAPI_VERSION = "8.4.0"
_PARTS = (
    "hapi-fhir-validation",
    "hapi-fhir-structures-r4",
    "hapi-fhir-validation-resources-r4",
    "hapi-fhir-caching-caffeine",
)
_ENDPOINT = "+".join([*(f"ca.uhn.hapi.fhir:{part}:{HAPI_VERSION}" for part in _PARTS), "org.slf4j:slf4j-nop:2.0.17"])
_SECONDS_PER_FILE = 120


def hapi_jars(cache: Path) -> list[Path]:
    """The jars, downloaded first where they are missing; raises what jgo raises where they cannot be."""
    folder = brought(cache / f"hapi-fhir-{HAPI_VERSION}", _download)
    return sorted(folder.glob("jars/*.jar")) + sorted(folder.glob("modules/*.jar"))


def _download(folder: Path) -> Path:
    from jgo.env import EnvironmentBuilder, LinkStrategy
    from jgo.maven import MavenContext, PythonResolver

    context = MavenContext(resolver=PythonResolver(), repo_cache=folder / "repository", timeout=_SECONDS_PER_FILE)
    builder = EnvironmentBuilder(context, cache_dir=folder / "environments", link_strategy=LinkStrategy.COPY)
    return Path(builder.from_endpoint(_ENDPOINT).path)
