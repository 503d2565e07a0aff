#!/usr/bin/env python
"""The client for Python and the programs of docs/consume.md against the real thing: a broker, a job that learns and releases, and all
images, the client's among them, embedded by its release, and brought into a vector database; and Confluent's serialisers, by a registry.
Where PyTorch is not installed, NumPy takes its place, as in weights.py."""

import contextlib
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
import formats
import release_onnx
import release_torch
import sinks
from contrastream import ContrastreamError, Embeddings, Forgotten, FormatError, ImageQueries, KafkaUnavailableError, LabelledImages

PRODUCED, CLASSES = 148, 4
SENT = 12
IMAGES = PRODUCED + SENT
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
        elif message is not None and message.value() is None:
            found.pop(message.key().decode(), None)
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


def check(bootstrap_servers, folder, registry):
    contrastream("topics", "create", "-b", bootstrap_servers, "--name", "embeddings=index")
    contrastream("topics", "create", "-b", bootstrap_servers)
    contrastream(
        "produce", "-b", bootstrap_servers, "--images", "synthetic", "--classes", str(CLASSES), "--limit", str(PRODUCED)
    )
    sent = send(bootstrap_servers, folder)
    announced = learn(bootstrap_servers, folder)
    said = contrastream(
        "embed", "--images", "topic:labelled-images", "--output", "index", "--release", str(announced["encoderVersion"]),
        "--kafka.bootstrap-servers", bootstrap_servers,
    )
    # The one that was taken back was there, too.
    assert f"embedded {IMAGES + 1} images with version {announced['encoderVersion']} of model 'encoder'" in said, said

    # The topic has every image once, and its neighbours are of its class more often than chance has it, which is a quarter.
    embeddings = Embeddings(bootstrap_servers, "index")
    newest = embeddings.latest()
    assert len(newest) == IMAGES and sent.keys() < newest.keys(), newest.keys()
    assert {each.encoder_version for each in newest.values()} == {announced["encoderVersion"]}
    right = [other.label == each.label for each in newest.values() for _, other in embeddings.like(each.id, 3)]
    assert numpy.mean(right) > 0.35, numpy.mean(right)
    ask(bootstrap_servers, announced, embeddings, sent)

    # ONNX Runtime and PyTorch make the same of the images as the job.
    labelled = records(bootstrap_servers, "labelled-images", load_schema(home / "schemas/LabelledImage.avsc"))
    pixels = {}
    release = release_onnx.Release(pathlib.Path(announced["uri"].removeprefix("file:")))
    for image in [*sent, *list(labelled)[:20]]:
        record = labelled[image]
        if record["encoding"] == "RAW_PLANAR_RGB8":
            planar = numpy.frombuffer(record["image"], numpy.uint8).reshape(3, record["height"], record["width"])
            Image.fromarray(planar.transpose(1, 2, 0)).save(folder / "image.png")
        else:
            (folder / "image.png").write_bytes(record["image"])
        pixels[image] = release.pixels(folder / "image.png")
    stack = numpy.concatenate(list(pixels.values()))
    published = numpy.stack([newest[image].vector for image in pixels])
    by_onnx = release.embed(stack)
    model = release_torch.load(release.folder).eval()
    with torch.inference_mode():
        by_torch = numpy.asarray(model(torch.from_numpy(stack)))
    for name, vectors in (("ONNX Runtime", by_onnx), ("PyTorch", by_torch)):
        cosines = (published * vectors).sum(axis=1)
        assert cosines.min() > 0.99999, (name, cosines)
    assert [label for label, _ in release.nearest(by_onnx)] == [newest[image].nearest_label for image in pixels]

    formats.check(registry, bootstrap_servers, contrastream, home, announced["encoderVersion"], newest, labelled)

    # As commands.
    first = next(iter(pixels))
    told = subprocess.run(
        [sys.executable, examples / "index.py", bootstrap_servers, "index", first], check=True, capture_output=True, text=True
    ).stdout
    assert told.startswith(f"{IMAGES} images in the index\n{first} ({labelled[first]['label']}, version") and told.count("\n") == 7, told
    told = subprocess.run(
        [sys.executable, examples / "release_onnx.py", release.folder, folder / "image.png"], check=True, capture_output=True, text=True
    ).stdout
    assert f"version {announced['encoderVersion']} of model encoder: " in told, told

    # The sink's test has given an image a newer embedding, and has taken it back.
    producer = Producer({"bootstrap.servers": bootstrap_servers})
    taken = sinks.check(folder, bootstrap_servers, home, "index", embeddings, producer)
    newer, forgotten = embeddings.follow(idle=3)
    assert (newer.id, forgotten) == (taken, Forgotten(taken)), (newer, forgotten)
    assert embeddings.get(taken) is None and len(embeddings.latest()) == IMAGES - 1

    # What is no embedding is named.
    producer.produce("index", key=b"a", value=b"{}", partition=1)
    producer.flush()
    refused(FormatError, embeddings.latest, "partition 1 of 'index', offset ", "a value of 2 bytes that begins with 7b7d", "c301")
    embeddings.close()
    refused(KafkaUnavailableError, lambda: Embeddings(bootstrap_servers, "nowhere"), "the topic 'nowhere'", bootstrap_servers)
    print(f"{IMAGES} images, version {announced['encoderVersion']}: {numpy.mean(right):.0%} of the neighbours are of the same class")


def send(bootstrap_servers, folder):
    """Images of every kind that the client takes, by their ids, and one that is taken back."""
    random = numpy.random.default_rng(7)
    sent = {}
    with LabelledImages(bootstrap_servers) as images:
        for i in range(SENT):
            pixels = numpy.kron(random.integers(0, 256, (4, 4, 3), numpy.uint8), numpy.ones((8, 8, 1), numpy.uint8))
            file = folder / f"sent-{i}.{'png' if i % 3 == 1 else 'webp'}"
            Image.fromarray(pixels).save(file, lossless=True)
            image = (pixels, file.read_bytes(), file)[i % 3]
            sent[f"sent-{i}"] = pixels
            images.send(f"sent-{i}", "sent", image, attributes={"kind": type(image).__name__})
        images.send("taken-back", "sent", pixels)
        images.forget("taken-back")
        for allowed, arguments in {
            "id has 0 characters": ("", "a", pixels),
            "label is ' '": ("a", " ", pixels),
            "begins with 474946383861": ("a", "a", b"GIF88a"),
            "uint8 of [height, width, 3]": ("a", "a", pixels / 255),
        }.items():
            refused(ValueError, lambda: images.send(*arguments), allowed)
        refused(ContrastreamError, lambda: images.send("a", "a", b"BM" + bytes(40 << 20)), "image 'a' of 419", "labelled-images")
    return sent


def ask(bootstrap_servers, announced, embeddings, sent):
    """The answer to a query is the embedding of the same image that was learned, and is nearest to it."""
    with ImageQueries(bootstrap_servers) as queries:
        for image, pixels in sent.items():
            queries.send(f"query-{image}", pixels)
    contrastream("topics", "create", "-b", bootstrap_servers, "--name", "embeddings=answers")
    contrastream(
        "embed", "--images", "topic:image-queries", "--output", "answers", "--release", str(announced["encoderVersion"]),
        "--kafka.bootstrap-servers", bootstrap_servers,
    )
    with Embeddings(bootstrap_servers, "answers") as answers:
        for query, answer in answers.latest().items():
            (similarity, nearest), (second, _) = embeddings.nearest(3 * answer.vector, 2)
            assert query == f"query-{nearest.id}" and similarity > 0.99999 > second, (query, similarity, nearest, second)
            assert answer.origin == "QUERIED" and answer.label is None and nearest.label == "sent", answer
        assert len(answers.latest()) == SENT


def refused(kind, action, *texts):
    try:
        action()
    except kind as e:
        assert all(text in str(e) for text in texts), e
    else:
        raise AssertionError(f"{kind.__name__} was not raised")


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
        with contextlib.closing(formats.Registry(pathlib.Path(folder))) as registry:
            check(broker.stdout.readline().strip(), pathlib.Path(folder), registry)
    finally:
        broker.stdin.close()
        broker.wait(60)
