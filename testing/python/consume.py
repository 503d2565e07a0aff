#!/usr/bin/env python
"""The programs of docs/consume.md against the real thing: a broker, a job that learns and releases, and all images embedded by its release.
Where PyTorch is not installed, NumPy takes its place, as in weights.py."""

import importlib.util
import io
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import fastavro
import numpy
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from fastavro.schema import load_schema
from PIL import Image

here = pathlib.Path(__file__).resolve().parent
root = here.parent.parent
if importlib.util.find_spec("torch") is None:
    sys.path.insert(0, str(here))
    import numpy_torch

    numpy_torch.install()
import torch

home = next((root / "distribution/target").glob("contrastream-*/bin/contrastream")).parent.parent
examples = home / "docs/consume"
sys.path.insert(0, str(examples))
import index
import release_onnx
import release_torch

IMAGES, CLASSES = 160, 4
OPTIONS = {
    "encoder.architecture": "resnet18-slim",
    "encoder.width": "8",
    "learner.replay.capacity": "200",
    "job.checkpoint-interval": "1 s",
    "release.every-steps": "30",
    "release.max-accuracy-loss": "1",
}
java = pathlib.Path(os.environ["JAVA_HOME"], "bin/java") if os.environ.get("JAVA_HOME") else "java"


def contrastream(*arguments):
    return subprocess.run([home / "bin/contrastream", *arguments], check=True, capture_output=True, text=True).stdout


def records(bootstrap_servers, topic, schema):
    """All that a topic has, by key."""
    consumer = Consumer({"bootstrap.servers": bootstrap_servers, "group.id": "unused", "enable.partition.eof": True})
    consumer.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in consumer.list_topics(topic).topics[topic].partitions])
    behind, found = len(consumer.assignment()), {}
    while behind:
        message = consumer.poll(5)
        if message is not None and message.error():
            behind -= 1
        elif message is not None:
            found[message.key().decode()] = fastavro.schemaless_reader(io.BytesIO(message.value()[10:]), schema)
    consumer.close()
    return found


def learn(bootstrap_servers, folder):
    """Learns until a version is announced that has seen most of the images, and gives its announcement."""
    options = OPTIONS | {
        "kafka.bootstrap-servers": bootstrap_servers,
        "job.checkpoint-directory": (folder / "checkpoints").as_uri(),
        "release.directory": (folder / "releases").as_uri(),
    }
    schema = load_schema(home / "schemas/EncoderRelease.avsc")
    with (folder / "learn.log").open("w") as log:
        job = subprocess.Popen(
            [home / "bin/contrastream", "learn", *(f"--{key}={value}" for key, value in options.items())],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            deadline = time.monotonic() + 180
            while time.monotonic() < deadline and job.poll() is None:
                announced = records(bootstrap_servers, "encoder-releases", schema).get("encoder")
                if announced and announced["encoderVersion"] >= 30:
                    return announced
                time.sleep(0.5)
            raise AssertionError((folder / "learn.log").read_text())
        finally:
            # Not SIGINT, which a shell's background jobs ignore, and whatever they start.
            os.killpg(job.pid, signal.SIGTERM)
            job.wait(60)


def check(bootstrap_servers, folder):
    contrastream("topics", "create", "-b", bootstrap_servers, "--name", "embeddings=index")
    contrastream("topics", "create", "-b", bootstrap_servers)
    contrastream(
        "produce", "-b", bootstrap_servers, "--images", "synthetic", "--classes", str(CLASSES), "--limit", str(IMAGES)
    )
    announced = learn(bootstrap_servers, folder)
    said = contrastream(
        "embed", "--images", "topic:labelled-images", "--output", "index", "--release", str(announced["encoderVersion"]),
        "--kafka.bootstrap-servers", bootstrap_servers,
    )
    assert f"embedded {IMAGES} images with version {announced['encoderVersion']} of model 'encoder'" in said, said

    # The index has every image once, and its neighbours are of its class more often than chance has it, which is a quarter.
    images = index.Index()
    reader = index.Reader(bootstrap_servers, "index", images)
    reader.catch_up()
    assert len(images.ids) == IMAGES, len(images.ids)
    assert {record["encoderVersion"] for record in images.records} == {announced["encoderVersion"]}
    right = [
        neighbour["label"] == record["label"] for record in images.records for _, neighbour in images.like(record["id"], 3)
    ]
    assert numpy.mean(right) > 0.35, numpy.mean(right)

    # ONNX Runtime and PyTorch make the same of the images as the job.
    labelled = records(bootstrap_servers, "labelled-images", load_schema(home / "schemas/LabelledImage.avsc"))
    pixels = {}
    release = release_onnx.Release(pathlib.Path(announced["uri"].removeprefix("file:")))
    for image in list(labelled)[:20]:
        record = labelled[image]
        if record["encoding"] == "RAW_PLANAR_RGB8":
            planar = numpy.frombuffer(record["image"], numpy.uint8).reshape(3, record["height"], record["width"])
            Image.fromarray(planar.transpose(1, 2, 0)).save(folder / "image.png")
        else:
            (folder / "image.png").write_bytes(record["image"])
        pixels[image] = release.pixels(folder / "image.png")
    stack = numpy.concatenate(list(pixels.values()))
    published = numpy.stack([images.vectors[images.rows[image]] for image in pixels])
    by_onnx = release.embed(stack)
    model = release_torch.load(release.folder).eval()
    with torch.inference_mode():
        by_torch = numpy.asarray(model(torch.from_numpy(stack)))
    for name, vectors in (("ONNX Runtime", by_onnx), ("PyTorch", by_torch)):
        cosines = (published * vectors).sum(axis=1)
        assert cosines.min() > 0.99999, (name, cosines)
    nearest = [images.records[images.rows[image]] for image in pixels]
    assert [label for label, _ in release.nearest(by_onnx)] == [record["nearestLabel"] for record in nearest]

    # As commands; and an image that has been taken back leaves the index.
    first, second = list(pixels)[:2]
    told = subprocess.run(
        [sys.executable, examples / "index.py", bootstrap_servers, "index", first], check=True, capture_output=True, text=True
    ).stdout
    assert told.startswith(f"{IMAGES} images in the index\n{first} ({labelled[first]['label']}, version") and told.count("\n") == 7, told
    told = subprocess.run(
        [sys.executable, examples / "release_onnx.py", release.folder, folder / "image.png"], check=True, capture_output=True, text=True
    ).stdout
    assert f"version {announced['encoderVersion']} of model encoder: " in told, told
    producer = Producer({"bootstrap.servers": bootstrap_servers})
    producer.produce("index", key=first.encode(), value=None)
    producer.flush()
    deadline = time.monotonic() + 30
    while first in images.rows and time.monotonic() < deadline:
        reader.poll(1)
    assert first not in images.rows and len(images.ids) == IMAGES - 1 and images.like(second), first
    print(f"{IMAGES} images, version {announced['encoderVersion']}: {numpy.mean(right):.0%} of the neighbours are of the same class")


with tempfile.TemporaryDirectory() as folder:
    path = os.pathsep.join(str(home / jars / "*") for jars in ("lib", "usrlib", "opt/cli", "opt/broker"))
    broker = subprocess.Popen(
        [java, "-Xmx512m", "-cp", path, here / "Broker.java"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        check(broker.stdout.readline().strip(), pathlib.Path(folder))
    finally:
        broker.stdin.close()
        broker.wait(60)
