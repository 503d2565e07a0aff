#!/usr/bin/env python
"""docker/kubernetes without a cluster: every overlay is built as Kustomize does, and what comes out is held against the schemas of
Kubernetes and of the Flink Kubernetes Operator, against the folder that the images are made of, and against the POM. The operator's
schemas come from Maven's repository at the first time."""

import copy
import pathlib
import re
import subprocess
import zipfile

import jsonschema
import kubernetes_validate
import yaml

# The newest on Maven Central that has them. Its list of Flink's versions ends before ours.
OPERATOR = "1.10.0"
KUBERNETES = "1.34"
docker = pathlib.Path("docker")
jar = pathlib.Path(f"target/flink-kubernetes-operator/flink-kubernetes-operator-api-{OPERATOR}.jar")
folder = next(pathlib.Path("distribution/target").glob("contrastream-*/bin/contrastream")).parent.parent
pom = pathlib.Path("pom.xml").read_text()
version = re.search(r"<artifactId>contrastream</artifactId>\s*<version>(.*?)</version>", pom).group(1)
flink = re.search(r"<flink.version>(.*?)</flink.version>", pom).group(1)


def merged(base, patch):
    """A strategic merge patch, of maps: lists are replaced."""
    if not isinstance(base, dict) or not isinstance(patch, dict):
        return patch
    result = {**base, **{key: merged(base.get(key), value) for key, value in patch.items()}}
    return {key: value for key, value in result.items() if value is not None}


def replace(thing, operation):
    assert operation["op"] == "replace", operation
    *parents, last = operation["path"].strip("/").split("/")
    for parent in parents:
        thing = thing[parent]
    assert last in thing, operation
    thing[last] = operation["value"]


def built(directory):
    """What `kubectl kustomize` makes of a folder, as far as ours use it."""
    text = yaml.safe_load((directory / "kustomization.yaml").read_text())
    known = {"apiVersion", "kind", "resources", "namespace", "labels", "patches"}
    assert set(text) <= known, set(text) - known
    things = []
    for resource in text["resources"]:
        path = directory / resource
        things += built(path) if path.is_dir() else [thing for thing in yaml.safe_load_all(path.read_text()) if thing]
    for patch in text.get("patches", []):
        target = patch["target"]
        met = [t for t in things if t["kind"] == target["kind"] and t["metadata"]["name"] == target.get("name", t["metadata"]["name"])]
        assert met, f"{directory}: nothing is {target}"
        for thing in met:
            if "path" in patch:
                things[things.index(thing)] = merged(thing, yaml.safe_load((directory / patch["path"]).read_text()))
            else:
                for operation in yaml.safe_load(patch["patch"]):
                    replace(thing, operation)
    for thing in things:
        for labels in text.get("labels", []):
            thing["metadata"].setdefault("labels", {}).update(labels["pairs"])
        if "namespace" in text:
            thing["metadata"]["namespace"] = text["namespace"]
    return things


def strict(schema):
    """Keys that a schema does not know are errors."""
    if isinstance(schema, dict):
        if "properties" in schema and "x-kubernetes-preserve-unknown-fields" not in schema:
            schema.setdefault("additionalProperties", False)
        for value in schema.values():
            strict(value)
    elif isinstance(schema, list):
        for value in schema:
            strict(value)
    return schema


if not jar.exists():
    jar.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["mvn", "-B", "-q", "-N", "dependency:copy", f"-Dartifact=org.apache.flink:flink-kubernetes-operator-api:{OPERATOR}",
         f"-DoutputDirectory={jar.parent.absolute()}"],
        check=True,
    )  # fmt: skip
with zipfile.ZipFile(jar) as operator:
    crd = yaml.safe_load(operator.read("META-INF/fabric8/flinkdeployments.flink.apache.org-v1.yml"))
(served,) = [each for each in crd["spec"]["versions"] if each["name"] == "v1beta1"]
deployment_schema = copy.deepcopy(served["schema"]["openAPIV3Schema"])
deployment_schema["properties"].update({key: {} for key in ("apiVersion", "kind", "metadata")})
del deployment_schema["properties"]["spec"]["properties"]["flinkVersion"]["enum"]
strict(deployment_schema)
documented = set(re.findall(r"^\| `([a-z0-9.-]+)` \|", pathlib.Path("docs/options.md").read_text(), re.MULTILINE))
dockerfile = (docker / "Dockerfile.kubernetes").read_text()
exposed = set(map(int, re.search(r"^EXPOSE (.*)$", dockerfile, re.MULTILINE).group(1).split()))
with zipfile.ZipFile(folder / "usrlib/contrastream-job.jar") as job:
    classes = set(job.namelist())


def require_deployment(thing, options):
    jsonschema.Draft202012Validator(deployment_schema).validate(thing)
    spec = thing["spec"]
    assert spec["flinkVersion"] == "v" + "_".join(flink.split(".")[:2]), spec["flinkVersion"]
    assert spec["image"] in (f"contrastream-flink:{version}", f"contrastream-flink:{version}-cuda"), spec["image"]
    for template in [spec["podTemplate"], *([spec["taskManager"]["podTemplate"]] if "podTemplate" in spec["taskManager"] else [])]:
        pod = copy.deepcopy(template)
        if "containers" not in pod["spec"]:
            pod["spec"]["containers"] = [{"name": "flink-main-container"}]
        for container in pod["spec"]["containers"]:
            container.setdefault("image", spec["image"])
        kubernetes_validate.validate(pod, KUBERNETES, strict=True)
    (container,) = spec["podTemplate"]["spec"]["containers"]
    assert container["name"] == "flink-main-container"
    assert container["securityContext"]["readOnlyRootFilesystem"] and spec["podTemplate"]["spec"]["securityContext"]["runAsNonRoot"]
    volumes = {volume["name"] for volume in spec["podTemplate"]["spec"]["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == volumes
    assert all(port["containerPort"] in exposed for port in container["ports"])
    assert str(container["ports"][0]["containerPort"]) == spec["flinkConfiguration"]["metrics.reporter.prometheus.port"]
    local = re.fullmatch(r"local:///opt/flink/usrlib/(\S+)", spec["job"]["jarURI"]).group(1)
    assert (folder / "usrlib" / local).exists(), local
    assert spec["job"]["entryClass"].replace(".", "/") + ".class" in classes, spec["job"]["entryClass"]
    config, file = spec["job"]["args"]
    assert config == "--config" and pathlib.PurePath(file).name in options, file
    assert f'mountPath: {pathlib.PurePath(file).parent}'.split(": ")[1] in {mount["mountPath"] for mount in container["volumeMounts"]}
    taskmanager = spec["flinkConfiguration"]
    gpus = taskmanager.get("external-resource.gpu.amount")
    assert (gpus is None) == ("-cuda" not in spec["image"]), gpus
    assert gpus is None or gpus == taskmanager["taskmanager.numberOfTaskSlots"], "one slot a GPU"


# Of the image.
assert re.findall(r"FROM flink:(\S+)-java17 AS", dockerfile) == [flink] and f"ARG BASE=flink:{flink}-java17" in dockerfile
assert f"ARG VERSION={version}\n" in dockerfile and f"flink-s3-fs-presto-{flink}.jar" in dockerfile
for path in re.findall(r'"\$PWD/([a-z-]+/[a-z.-]+)"', dockerfile):
    assert (folder / path).exists(), path

for overlay in sorted((docker / "kubernetes/overlays").iterdir()):
    things = built(overlay)
    options = next(t for t in things if t["kind"] == "ConfigMap")["data"]
    for name, text in options.items():
        unknown = set(yaml.safe_load(text)) - documented
        assert not unknown, f"{overlay}, {name}: {unknown}"
    for thing in things:
        if thing["kind"] == "FlinkDeployment":
            require_deployment(thing, options)
        elif thing["kind"] == "PodMonitor":
            # Of the Prometheus Operator, whose schemas are not at hand.
            (endpoint,) = thing["spec"]["podMetricsEndpoints"]
            assert endpoint["port"] == "metrics", endpoint
        else:
            kubernetes_validate.validate(thing, KUBERNETES, strict=True)
        if thing["kind"] == "Deployment":
            (container,) = thing["spec"]["template"]["spec"]["containers"]
            assert container["image"] == f"contrastream:{version}", container["image"]
            assert container["securityContext"]["readOnlyRootFilesystem"]
            for command in (container["command"], *(container[probe]["exec"]["command"] for probe in ("readinessProbe", "livenessProbe"))):
                assert (folder / "bin" / command[0]).exists(), command
            arguments = [*container["command"][1:], "--help"]
            help = subprocess.run([folder / "bin" / container["command"][0], *arguments], capture_output=True, text=True)
            assert help.stdout.startswith("Usage: contrastream dashboard"), help
        if thing["kind"] == "NetworkPolicy":
            inside = {port["port"] for rule in thing["spec"]["ingress"] for port in rule.get("ports", [])}
            assert inside <= exposed, inside
    print(f"{overlay}: {len(things)} objects, {sorted(t['kind'] for t in things)}")

# A check that cannot fail is none: a key that is written wrong.
wrong = copy.deepcopy(next(t for t in things if t["kind"] == "FlinkDeployment"))
wrong["spec"]["job"]["entryclass"] = "x"
try:
    jsonschema.Draft202012Validator(deployment_schema).validate(wrong)
except jsonschema.ValidationError:
    pass
else:
    raise AssertionError("a key that does not exist is not noticed")
