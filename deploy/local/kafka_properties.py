"""Local stand, Kafka's configuration: one KRaft node on this machine, open to all or, where asked for, with users."""

from pathlib import Path

from deploy.local.secrets import KAFKA_ADMIN, write_secret

_NODE = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
log.dirs={data}
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
broker.session.timeout.ms=6000
broker.heartbeat.interval.ms=1000
"""

_OPEN = """\
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
"""

# The broker itself and who sets it up come in by PLAIN: their password has to be known before the broker keeps any.
_WITH_USERS = """\
listeners=USERS://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=USERS://127.0.0.1:{port}
listener.security.protocol.map=USERS:SASL_SSL,CONTROLLER:SASL_SSL
inter.broker.listener.name=USERS
sasl.mechanism.inter.broker.protocol=PLAIN
sasl.mechanism.controller.protocol=PLAIN
listener.name.users.sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN
listener.name.users.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.users.plain.sasl.jaas.config={plain}
listener.name.controller.sasl.enabled.mechanisms=PLAIN
listener.name.controller.plain.sasl.jaas.config={plain}
ssl.keystore.type=PEM
ssl.keystore.location={secrets}/broker-with-key.pem
ssl.truststore.type=PEM
ssl.truststore.location={secrets}/broker.crt
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:{admin}
connections.max.reauth.ms=3600000
"""

_PLAIN = (
    "org.apache.kafka.common.security.plain.PlainLoginModule required "
    'username="{admin}" password="{password}" user_{admin}="{password}";'
)


def write_properties(folder: Path, port: int, controller_port: int, secrets: Path | None = None) -> Path:
    """The broker's configuration, written into its folder; with users where there is a folder of their `secrets`."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # the topics hold personal data in the clear
    ports = {"port": port, "controller_port": controller_port}
    text = _NODE.format(data=folder / "log", **ports)
    if secrets:
        plain = _PLAIN.format(admin=KAFKA_ADMIN, password=(secrets / f"{KAFKA_ADMIN}.password").read_text())
        text += _WITH_USERS.format(secrets=secrets, plain=plain, admin=KAFKA_ADMIN, **ports)
    else:
        text += _OPEN.format(**ports)
    properties = folder / "server.properties"
    write_secret(properties, text.encode())
    return properties


def is_formatted(folder: Path) -> bool:
    """Whether a broker has lived in that folder before."""
    return (folder / "log" / "meta.properties").exists()
