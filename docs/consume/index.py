#!/usr/bin/env python
"""Keeps the newest embedding of every image of a topic, and tells which images are most like one of them.

Usage: index.py BOOTSTRAP_SERVERS TOPIC [ID ...]

Reads the topic to where it ends now and answers for every ID; without any, it goes on reading, and answers for the ids that come on the
standard input. Needs confluent-kafka, fastavro and numpy, and the folder schemas/ beside docs/.
"""

import io
import pathlib
import select
import sys

import fastavro
import numpy
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from fastavro.schema import fingerprint, load_schema, to_parsing_canonical_form

SCHEMA = load_schema(pathlib.Path(__file__).resolve().parents[2] / "schemas/Embedding.avsc")
HEADER = b"\xc3\x01" + bytes.fromhex(fingerprint(to_parsing_canonical_form(SCHEMA), "CRC-64-AVRO"))


def decode(value):
    """A record of the topic. Those of older programs have another fingerprint: docs/formats.md tells where their schemas are."""
    if value[:10] != HEADER:
        raise ValueError(f"not an Embedding of this version: {value[:10].hex()}")
    return fastavro.schemaless_reader(io.BytesIO(value[10:]), SCHEMA)


class Index:
    """Unit vectors by image id, compared exactly; from some hundred thousand images on, put an approximate index in its place."""

    def __init__(self):
        self.ids, self.rows = [], {}  # id of every row; row of every id
        self.vectors = numpy.empty((0, 0), numpy.float32)
        self.records = []

    def put(self, record):
        row = self.rows.get(record["id"])
        if row is None:
            row = self.rows[record["id"]] = len(self.ids)
            self.ids.append(record["id"])
            self.records.append(None)
            if row >= len(self.vectors):
                larger = numpy.zeros((max(1024, 2 * row), len(record["vector"])), numpy.float32)
                larger[: len(self.vectors)] = self.vectors if row else 0
                self.vectors = larger
        self.vectors[row] = record["vector"]
        self.records[row] = {key: value for key, value in record.items() if key != "vector"}

    def forget(self, image):
        """The last row takes the place of the one that is gone."""
        row = self.rows.pop(image, None)
        if row is not None:
            last = len(self.ids) - 1
            if row != last:
                self.ids[row], self.records[row], self.vectors[row] = self.ids[last], self.records[last], self.vectors[last]
                self.rows[self.ids[row]] = row
            del self.ids[last], self.records[last]

    def nearest(self, vector, k, without=()):
        """The k images with the largest cosine similarity to a unit vector, as (similarity, record)."""
        similarities = self.vectors[: len(self.ids)] @ numpy.asarray(vector, numpy.float32)
        order = (row for row in numpy.argsort(-similarities) if self.ids[row] not in without)
        return [(float(similarities[row]), self.records[row]) for row, _ in zip(order, range(k))]

    def like(self, image, k=5):
        """The images that are most like one of them."""
        return self.nearest(self.vectors[self.rows[image]], k, {image})


class Reader:
    """Brings an index up to date. Only committed records are read, from the beginning, without a consumer group's offsets."""

    def __init__(self, bootstrap_servers, topic, index):
        self.index = index
        self.consumer = Consumer(
            {
                "bootstrap.servers": bootstrap_servers,
                "group.id": "unused",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
            }
        )
        partitions = self.consumer.list_topics(topic, timeout=15).topics[topic].partitions
        self.behind = set(partitions)  # partitions whose end has not been seen yet
        self.consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions])

    def poll(self, timeout):
        message = self.consumer.poll(timeout)
        if message is None:
            return
        if message.error():
            if message.error().name() != "_PARTITION_EOF":
                raise RuntimeError(message.error())
            self.behind.discard(message.partition())
        elif message.value() is None:
            self.index.forget(message.key().decode())
        else:
            self.index.put(decode(message.value()))

    def catch_up(self):
        while self.behind:
            self.poll(1)


def answer(index, image):
    if image not in index.rows:
        print(f"{image}: not in the index")
        return
    own = index.records[index.rows[image]]
    print(f"{image} ({own['label'] or own['nearestLabel']}, version {own['encoderVersion']}) is most like")
    for similarity, record in index.like(image):
        print(f"  {similarity:.3f}  {record['id']} ({record['label'] or record['nearestLabel']}, version {record['encoderVersion']})")
    sys.stdout.flush()


def main():
    bootstrap_servers, topic, *images = sys.argv[1:]
    index = Index()
    reader = Reader(bootstrap_servers, topic, index)
    reader.catch_up()
    print(f"{len(index.ids)} images in the index", flush=True)
    for image in images:
        answer(index, image)
    while not images:
        reader.poll(0.1)
        if select.select([sys.stdin], [], [], 0)[0]:
            line = sys.stdin.readline()
            if not line:
                return
            answer(index, line.strip())


if __name__ == "__main__":
    main()
