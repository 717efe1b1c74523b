"""`rayinfer rule`, the page made from it, and where other commands point to it."""

from __future__ import annotations

import json
from pathlib import Path

from rayinfer.ir.remarks import RULES

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_is_up_to_date(command):
    page = (ROOT / "docs" / "remarks.md").read_bytes()
    assert command("rule", "--format", "markdown").stdout == page, "run `make docs`"
    text = page.decode()
    assert all(f'<a id="{code.lower()}"></a>{code}: {rule.title}\n' in text for code, rule in RULES.items())


def test_one_rule(command):
    done = command("rule", "ri104")
    assert done.returncode == 0 and not done.stderr
    text = done.stdout.decode()
    rule = RULES["RI104"]
    assert text.startswith(f"RI104 {rule.title} (missed)\n")
    assert rule.explanation in " ".join(text.split()) and rule.hint in " ".join(text.split())
    assert all(f"    {line}\n" in text for line in rule.example.splitlines() if line)
    assert "\x1b" not in text


def test_several_rules_come_in_the_order_asked_for(command):
    text = command("rule", "RI201", "RI101", "RI201").stdout.decode()
    assert text.index("RI201 ") < text.index("RI101 ") and text.count("RI201 already") == 1


def test_all_rules_are_listed(command):
    lines = command("rule").stdout.decode().splitlines()
    assert [line.split()[0] for line in lines] == list(RULES)
    assert f"RI101  missed    {RULES['RI101'].title}" in lines


def test_json(command):
    report = json.loads(command("rule", "--format", "json", "RI101").stdout)
    (rule,) = report["rules"]
    assert report["version"] == 1
    assert set(rule) == {"code", "kind", "title", "explanation", "example", "hint", "finding"}
    assert rule["example"] == RULES["RI101"].example
    assert len(json.loads(command("rule", "--format", "json").stdout)["rules"]) == len(RULES)


def test_long_lines_are_cut_short(command):
    assert max(map(len, command("rule", "RI205", "RI903").stdout.decode().splitlines())) <= 100


def test_unknown_codes_exit_2_and_the_others_are_printed(command):
    done = command("rule", "RI1O1", "RI104")
    assert done.returncode == 2
    assert done.stderr.startswith(b"RI1O1: no such code; the nearest are RI101, ")
    assert done.stdout.startswith(b"RI104 ")
    alone = command("rule", "nonsense")
    assert alone.returncode == 2 and not alone.stdout and len(alone.stderr.splitlines()) == 1


def test_explain_and_check_point_to_it(command, tmp_path):
    (tmp_path / "a.py").write_text(RULES["RI104"].example)
    for name in ("explain", "check"):
        done = command(name, "a.py")
        assert b"RI104" in done.stdout
        assert b"`rayinfer rule RI104` explains, as does docs/remarks.md" in done.stdout + done.stderr
