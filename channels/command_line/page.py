"""`driftsklar page`: the volunteers' page alone."""

import click

from config.settings import settings


@click.command()
@click.option("--port", type=click.IntRange(1024, 65535), help="Sidens port.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Adressen, der lyttes på.")
def page(port: int | None, host: str) -> None:
    """Vis de frivilliges side alene, bag en webserver. Ctrl-C standser den."""
    from channels.page.__main__ import serve  # uvicorn and FastAPI are slow to load

    serve(port or settings().page_port, host)
