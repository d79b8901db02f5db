"""What the README and the guides tell people to type works, and nothing of this machine is committed."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pendulum
import pytest

from channels import domain
from config.settings import ENV_PREFIX, Settings, settings
from driftsklar import COMMANDS, driftsklar

HOUSE = Path(__file__).resolve().parent.parent
PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    "docs/drift.md",
    "docs/administrator.md",
    "docs/koordinator.md",
    "docs/personal-data.md",
    "docs/security.md",
]
STORIES = ["README.md", "docs/drift.md"]
THE_DAY_THEY_ARE_READ = pendulum.datetime(2026, 4, 7, 9)
START_THE_STACK = ("up", "demo")

#: Written in parts, so that this file doesn't find itself.
NOT_TO_BE_COMMITTED = [
    ".".join(parts)
    for parts in (
        ["pypi", "org"],
        ["files", "pythonhosted", "org"],
        ["registry", "npmjs", "org"],
        ["deb", "debian", "org"],
    )
] + ["/".join(parts) for parts in (["", "work", ""], ["", "opt", "pypi"], ["", "opt", "wheels"])]


def typed(page: str) -> list[list[str]]:
    """The commands in the page's shell blocks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", (HOUSE / page).read_text(), re.M | re.S)
    lines = [shlex.split(line, comments=True) for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


def mentioned(page: str) -> list[list[str]]:
    """The same, and the commands of ours in the text: those have no arguments worth checking."""
    text = re.findall(r"`((?:make|driftsklar) [^`]+)`", (HOUSE / page).read_text())
    return typed(page) + [shlex.split(each) for each in text]


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):.*##", (HOUSE / "Makefile").read_text(), re.M))


def command_of(words: list[str]) -> click.Command:
    """The command that these words name, its options left aside."""
    command: click.Command = driftsklar
    context = click.Context(command)
    for word in words:
        if word.startswith("-") or not isinstance(command, click.Group):
            break
        found = command.get_command(context, word)
        assert found is not None, f"driftsklar {' '.join(words)}: there is no {word}"
        command = found
    return command


@pytest.mark.parametrize("page", [*PAGES, "docs/architecture.md"])
def test_every_command_on_the_page_is_one_we_have(page: str) -> None:
    for words in mentioned(page):
        program, arguments = words[0].removeprefix(".venv/bin/"), words[1:]

        if program == "make":
            assert next(w for w in arguments if "=" not in w) in make_targets()
        elif program == "driftsklar":
            known = {name for param in command_of(arguments).params for name in param.opts}
            options = {word for word in arguments if word.startswith("--")} - {"--help"}
            assert options <= known, f"{' '.join(words)}: {options - known}"
        else:
            assert program in ("python3", "pip", "prefect", "bash", "pytest"), program


@pytest.mark.parametrize("page", STORIES)
def test_the_commands_can_be_typed_as_they_stand_in_order(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRIFTSKLAR_DATABASE_URL", f"sqlite:///{tmp_path}/driftsklar.db")
    monkeypatch.setenv("DRIFTSKLAR_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("DRIFTSKLAR_SMTP_URL", raising=False)
    monkeypatch.setattr(pendulum, "now", THE_DAY_THEY_ARE_READ.in_timezone)
    settings.cache_clear()
    domain.engine.cache_clear()

    try:
        for program, *arguments in typed(page):
            if program == "driftsklar" and arguments[0] not in START_THE_STACK:
                done = driftsklar.main(arguments, "driftsklar", standalone_mode=False)

                assert not done, f"driftsklar {' '.join(arguments)}"
    finally:
        domain.engine().dispose()
        settings.cache_clear()
        domain.engine.cache_clear()


@pytest.mark.parametrize("page", [*PAGES, "docs/architecture.md", "docs/README.md", "CHANGELOG.md"])
def test_every_file_the_page_names_is_there(page: str) -> None:
    text = (HOUSE / page).read_text()
    links = re.findall(r"\]\((?!http|#)([^)#]+)", text)
    named = re.findall(r"`((?:config|models|channels|flows|tests|templates|migrations|docs)/[\w/.]*)`", text)

    beside_the_page = [link for link in links if not (HOUSE / page).parent.joinpath(link).exists()]
    in_the_house = [path for path in named if not (HOUSE / path).exists()]

    assert beside_the_page + in_the_house == []


@pytest.mark.parametrize("page", [*PAGES, "docs/architecture.md", "docs/README.md"])
def test_every_heading_a_link_leads_to_is_there(page: str) -> None:
    for target, anchor in re.findall(r"\]\((?!http)([^)#]*)#([^)]+)\)", (HOUSE / page).read_text()):
        there = (HOUSE / page).parent / target if target else HOUSE / page
        headings = re.findall(r"^#+ (.+)$", there.read_text(), re.M)

        assert anchor in {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}


def test_every_setting_is_explained() -> None:
    explained = "".join((HOUSE / page).read_text() for page in ("README.md", "docs/administrator.md"))

    missing = [name for name in Settings.model_fields if f"`{ENV_PREFIX}{name.upper()}`" not in explained]

    assert missing == []


def test_every_command_of_the_front_door_can_be_loaded() -> None:
    for name in COMMANDS:
        assert command_of([name]).help, name


def test_no_committed_file_names_a_registry_or_this_machine() -> None:
    if shutil.which("git") is None or not (HOUSE / ".git").exists():
        pytest.skip("not a git repository")
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=HOUSE,
        capture_output=True,
        check=True,
    ).stdout.decode()

    found = [
        f"{name}: {address}"
        for name in names.split("\0")
        if name and (HOUSE / name).is_file()
        for address in NOT_TO_BE_COMMITTED
        if address.encode() in (HOUSE / name).read_bytes()
    ]

    assert found == []


def test_what_runs_is_what_the_locks_pin() -> None:
    pinned = dict(re.findall(r'"([a-z]+)==([\w.]+)"', (HOUSE / "pyproject.toml").read_text()))

    for lock in ("requirements.lock", "requirements-dev.lock"):
        text = (HOUSE / lock).read_text()
        for name, version in pinned.items():
            assert f"{name}=={version} " in text, f"{lock}: run make lock"
