"""Several machines take minutes: this folder is run when it is named (`make scale`), never with the others."""

from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if any(
        Path(arg.partition("::")[0]).resolve() == HERE or HERE in Path(arg.partition("::")[0]).resolve().parents
        for arg in config.args
    ):
        return
    ours = [item for item in items if HERE in item.path.parents]
    config.hook.pytest_deselected(items=ours)
    items[:] = [item for item in items if item not in ours]
