"""The operators' page of `make run`: `python -m deploy.local.watch.main`. For one machine only.

The environment tells it what it tells `ops` (MONGODB_URI, KAFKA_…, OPS_SERVICE_URLS), and HTTP_PORT, LOG_LEVEL and
TRACES_GO_TO: where the services send their traces, if not here.
"""

import asyncio
from functools import partial
from urllib.parse import urlsplit

import uvicorn

from chassis.logs import set_up_logs
from deploy.local.watch.app import create_app
from deploy.local.watch.overview import Lookout, look
from deploy.local.watch.traces import Traces
from ops.config import Config as OpsConfig
from ops.installation import open_installation


class Config(OpsConfig):
    """The environment, by upper-case names."""

    http_port: int = 8106
    log_level: str = "info"
    traces_go_to: str | None = None

    def collector(self) -> str | None:
        """Where traces go, as it may be shown: without the password that an address can hold."""
        parts = urlsplit(self.traces_go_to or "")
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if self.traces_go_to else None


async def run(config: Config) -> None:
    """Answer until SIGTERM, on this machine's own address alone."""
    async with open_installation(config) as installation:
        app = create_app(Lookout(partial(look, installation)), Traces(), config.collector())
        settings = uvicorn.Config(
            app,
            host="127.0.0.1",
            port=config.http_port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=3,
        )
        await uvicorn.Server(settings).serve()


if __name__ == "__main__":
    read = Config()
    set_up_logs("watch", read.log_level)
    asyncio.run(run(read))
