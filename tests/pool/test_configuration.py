"""The pool's own files: what is wrong in them is told with file, key and remedy."""

import shutil
from pathlib import Path

import pytest

from config.catalogue import ConfigurationError, load_catalogue

SHIPPED = Path(__file__).parent.parent.parent / "config"


@pytest.mark.parametrize(
    ("file", "old", "new", "key", "problem"),
    [
        ("indicators.yaml", "volunteer_hours:", "hours_given:", "hours_given", "kender vi ikke"),
        ("indicators.yaml", "direction: higher", "direction: up", "volunteer_hours.direction", "kender vi ikke"),
        ("indicators.yaml", "target: 80", "target: mange", "checks_on_time.target", "er ikke et helt tal"),
        ("pool.yaml", "rule: all", "rule: some", "carry_over.rule", "kender vi ikke"),
        ("pool.yaml", "rule: all", "rule: capped", "carry_over.at_most_kr", "intet loft"),
        ("pool.yaml", "percent: 100", "percent: 101", "carry_over.percent", "for meget"),
        (
            "pool.yaml",
            "replacement_reserve: []",
            "replacement_reserve: [slot]",
            "replacement_reserve[0]",
            "kender vi ikke",
        ),
        ("pool.yaml", "  default:", "  other:", "incidents.default", "mangler"),
        ("pool.yaml", "  shelter:", "  hule:", "incidents.hule", "kender vi ikke"),
        (
            "pool.yaml",
            "indexation_percent: 2.5",
            "indexation_basis_points: 250",
            "forecast.indexation_basis_points",
            "hedder nu indexation_percent",
        ),
        ("pool.yaml", "highest_percent: 8", "highest_percent: 0,4 %", "usual_rate.highest_percent", "mindre"),
        ("pool.yaml", "indexation_percent: 2.5", "indexation_percent: 25", "forecast.indexation_percent", "for meget"),
        ("priority.yaml", "weight: 25", "weight: 26", "criteria", "vægtene giver 101"),
        ("priority.yaml", "key: age", "key: use", "criteria[4].key", "to gange"),
        ("priority.yaml", "shelter: 7", "hule: 7", "use_by_type.hule", "kender vi ikke"),
        ("priority.yaml", "shelter: 7", "shelter: 11", "use_by_type.shelter", "for meget"),
        ("priority.yaml", "shelter: 7, ", "", "use_by_type.shelter", "mangler"),
    ],
)
def test_a_broken_file_is_told_with_its_key(tmp_path: Path, file: str, old: str, new: str, key: str, problem: str):
    for each in SHIPPED.glob("*.yaml"):
        shutil.copy(each, tmp_path)
    text = (tmp_path / file).read_text("utf-8")
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1), "utf-8")

    with pytest.raises(ConfigurationError) as told:
        load_catalogue(tmp_path)

    assert told.value.file.endswith(file)
    assert (told.value.key, problem in told.value.problem) == (key, True), str(told.value)
    assert told.value.remedy
