"""Structures as they are looked at: YAML of a cluster, outputs of tools, the words of commands."""

from typing import Any

import pytest

from opsboard.adapter import Grid, GridRow
from opsboard.masking import mask_structure, mask_text

SECRET = "hunter2"
RANDOM = "Xhunter2hunter2"


@pytest.mark.parametrize(
    "told",
    [
        {"db_password": {"sensitive": True, "type": "string", "value": SECRET}},  # Terraform
        {"password": [{"value": SECRET}]},
        {"Name": "DB_PASSWORD", "Value": SECRET},  # Amazon ECS
        {"variable": "DB_PASSWORD", "value": SECRET},
        {"passwords": {"kim": RANDOM}},
        {"password": "${PASSWORD:-hunter2}"},
        {"password": "{{ .Values.password | default 'hunter2' }}"},
        {"secret": {"a": {"b": RANDOM}}},
        {"secret": [["a", RANDOM]]},
        {"command": ["mysql"], "args": ["-u", "root", f"-p{SECRET}"]},
        {"command": ["redis-cli"], "args": ["-a", SECRET]},
        {"command": ("mysqldump",), "args": (f"-p{SECRET}", "shop")},
    ],
)
def test_a_secret_in_a_structure_is_masked(told: dict[str, Any]) -> None:
    masked = mask_structure(told, mask_text)
    assert SECRET not in repr(masked)
    assert "***" in repr(masked)
    assert masked.keys() == told.keys()
    assert mask_structure(masked, mask_text) == masked


@pytest.mark.parametrize(
    "told",
    [
        {"secret": {"secretName": "db", "items": [{"key": "a", "path": "b"}], "defaultMode": 420}},
        {"secrets": [{"name": "regcred"}]},
        {"auth": {"enabled": True, "mode": "oidc"}},
        {"command": ["psql"], "args": ["-p", "5432"]},
        {"command": ["sh", "-c", "train"], "args": None},
        {"command": "mysql", "args": ["-pa"]},
    ],
)
def test_what_is_no_secret_stays(told: dict[str, Any]) -> None:
    assert mask_structure(told, mask_text) is told


def test_a_table_with_a_column_of_names_is_masked_by_them() -> None:
    rows = (
        GridRow(cells=("env", "DB_PASSWORD", SECRET, "-")),
        GridRow(cells=("env", "MODE", SECRET, "-")),
    )
    grid = Grid(title="Changes", columns=("what", "name", "before", "after"), rows=rows)
    masked = mask_structure(grid, mask_text)
    assert [row.cells for row in masked.rows] == [
        ("env", "DB_PASSWORD", "***", "-"),
        ("env", "MODE", SECRET, "-"),
    ]
    nameless = grid.model_copy(update={"columns": ("what", "which", "before", "after")})
    assert mask_structure(nameless, mask_text) is nameless


def test_a_column_that_is_called_by_the_name_of_a_secret_is_masked() -> None:
    rows = (GridRow(cells=("ada", SECRET, "")), GridRow(cells=("bob", "", "x")))
    grid = Grid(title="Table", columns=("user", "db_password", "Reset of a password"), rows=rows)
    masked = mask_structure(grid, mask_text)
    assert [row.cells for row in masked.rows] == [("ada", "***", ""), ("bob", "", "x")]
    assert masked.rows[1] is rows[1]
