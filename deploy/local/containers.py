"""Local stand, containers: Kafka and MongoDB by testcontainers, where a Docker engine answers.

Untried: written without a Docker engine at hand. Each listens on the same port inside and outside, so that the address
it tells its clients holds on this machine; the data live in named volumes as long as `make clean` leaves them.
"""

from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError
from testcontainers.core.container import DockerContainer

from deploy.local.kafka import answers
from deploy.local.kafka_jars import KAFKA_VERSION
