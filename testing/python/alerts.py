#!/usr/bin/env python
"""docker/prometheus and docker/grafana with a real promtool: rules and configuration are valid, every alert is seen firing once and not
firing in health, every expression of the dashboards can be parsed, and all of them name metrics that docs/metrics.md has.
.ci/prometheus unpacks Debian's package of Prometheus at the first time."""

import json
import pathlib
import re
import shutil
import subprocess
import tempfile

import yaml

docker = pathlib.Path("docker")
promtool = shutil.which("promtool")
if promtool is None:
    subprocess.run([".ci/prometheus"], check=True)
    promtool = "target/prometheus/usr/bin/promtool"


def run(*arguments):
    done = subprocess.run([promtool, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, f"promtool {' '.join(map(str, arguments))}: {done.stdout}{done.stderr}"


alerts = docker / "prometheus/alerts.yaml"
run("check", "config", docker / "prometheus/prometheus.yaml")
run("test", "rules", docker / "prometheus/alerts-test.yaml")
tests = [test for group in yaml.safe_load((docker / "prometheus/alerts-test.yaml").read_text())["tests"] for test in group["alert_rule_test"]]
rules = [rule for group in yaml.safe_load(alerts.read_text())["groups"] for rule in group["rules"]]
operations = pathlib.Path("docs/operations.md").read_text()
for rule in rules:
    fires = {bool(test["exp_alerts"]) for test in tests if test["alertname"] == rule["alert"]}
    assert fires == {True, False}, f"{rule['alert']} is seen {fires}"
    assert f"| `{rule['alert']}` |" in operations, f"docs/operations.md does not say what to do about {rule['alert']}"


def expressions(thing):
    if isinstance(thing, dict):
        yield from ([thing["expr"]] if "expr" in thing else [])
        for value in thing.values():
            yield from expressions(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from expressions(value)


dashboards = [json.loads(file.read_text()) for file in sorted((docker / "grafana/dashboards").glob("*.json"))]
shown = [each.replace("$__rate_interval", "1m").replace("$job", ".*") for each in expressions(dashboards)]
assert len(dashboards) == 3 and len(shown) > 30, len(shown)
with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
    # As recording rules, which promtool parses.
    groups = [{"name": "shown", "rules": [{"record": f"shown:{i}", "expr": each} for i, each in enumerate(shown)]}]
    yaml.safe_dump({"groups": groups}, file)
    file.flush()
    run("check", "rules", "--lint=none", file.name)
known = set(re.findall(r"`(flink_\w+)`", pathlib.Path("docs/metrics.md").read_text()))
for expression in [*shown, *(rule["expr"] for rule in rules)]:
    unknown = set(re.findall(r"\bflink_\w+", expression)) - known
    assert not unknown, f"not in docs/metrics.md: {unknown}"
print(f"{len(rules)} alerts, {len(tests)} looks at them, {len(shown)} expressions in {len(dashboards)} dashboards")
