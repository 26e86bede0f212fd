"""Local stand, Kafka's program: brings Apache Kafka's own jars from Maven Central once, with a progress bar.

`kafka_jars.sha256` says what has to come of them.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from deploy.local.brought import brought
from deploy.local.pinned import NotAsPinned, require_pinned
from deploy.local.processes import StartFailed

KAFKA_VERSION = "4.3.1"
PINS = Path(__file__).with_name("kafka_jars.sha256")
_ENDPOINT = f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}+org.slf4j:slf4j-simple:1.7.36"


def kafka_class_path(cache: Path) -> str:
    """The class path of Kafka's jars in `cache`, downloaded into it first where they are missing.

    Raises StartFailed when they cannot be downloaded, or are not those that were chosen.
    """
    try:
        folder = brought(cache / f"kafka-{KAFKA_VERSION}", _download)
    except NotAsPinned as error:
        raise StartFailed(str(error)) from error
    except (OSError, RuntimeError, ValueError) as error:
        raise StartFailed(
            f"Kafka's jars could not be downloaded from Maven Central ({type(error).__name__}): check the network "
            "(or set KAFKA_BOOTSTRAP_SERVERS to a Kafka that runs) and try again."
        ) from error
    return f"{folder}/jars/*:{folder}/modules/*"


def _download(folder: Path) -> Path:
    # Imported here: once the jars are there, a start does not pay for it.
    from jgo.env import EnvironmentBuilder, LinkStrategy
    from jgo.maven import MavenContext, PythonResolver

    with _progress() as show:
        context = MavenContext(
            resolver=PythonResolver(progress_callback=show), repo_cache=folder / "repository", timeout=60
        )
        builder = EnvironmentBuilder(context, cache_dir=folder / "environments", link_strategy=LinkStrategy.COPY)
        came = Path(builder.from_endpoint(_ENDPOINT).path)
    require_pinned(came.rglob("*.jar"), PINS)
    return came


@contextmanager
def _progress() -> Iterator[Callable[[str, int], AbstractContextManager[Callable[[int], None]]]]:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    console = Console()
    console.print(
        f"Apache Kafka {KAFKA_VERSION}: finding out what it consists of, then about 46 MB to download", soft_wrap=True
    )
    with Progress(TextColumn("{task.description}"), BarColumn(), DownloadColumn(), console=console) as progress:
        whole = progress.add_task("Apache Kafka", total=46_000_000)

        @contextmanager
        def one_file(name: str, size: int) -> Iterator[Callable[[int], None]]:
            progress.update(whole, description=name[:40])
            yield lambda count: progress.advance(whole, count)

        yield one_file
        progress.update(whole, description="Apache Kafka", completed=46_000_000)
