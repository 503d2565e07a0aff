"""A topic of embeddings."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, NamedTuple

from confluent_kafka import OFFSET_BEGINNING, Consumer, IsolationLevel, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]
from numpy.typing import ArrayLike

from contrastream.errors import FormatError, KafkaUnavailableError
from contrastream.index import Index
from contrastream.records import Embedding, Forgotten, embedding

_POLL_SECONDS = 0.2
# Of a broker that is away, to which the client connects again by itself.
_PASSING = {KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._TIMED_OUT, KafkaError._RESOLVE}


class Neighbour(NamedTuple):
    """An embedding and its cosine similarity, in [-1, 1], to what was asked for."""

    similarity: float
    embedding: Embedding


class Embeddings:
    """The newest embedding of every image on a topic.

    Only committed records are read, from the beginning, and no consumer group's offsets are used: any number of these may read the
    same topic. Vectors are kept in memory, 4 bytes a component. Not to be used by several threads at once.

    Args:
        bootstrap_servers: brokers of the cluster, such as "localhost:9092"
        topic: where the embeddings are
        config: more options of librdkafka, such as its security settings
        timeout: seconds that the cluster may take to answer

    Raises:
        KafkaUnavailableError: the cluster does not answer, or does not have the topic
    """

    def __init__(
        self,
        bootstrap_servers: str,
        topic: str = "embeddings",
        *,
        config: Mapping[str, Any] | None = None,
        timeout: float = 30,
    ) -> None:
        self._topic = topic
        self._timeout = timeout
        self._index = Index()
        own = {"bootstrap.servers": bootstrap_servers, **(config or {})}
        self._admin = AdminClient(own)
        self._consumer = Consumer(
            {
                **own,
                "group.id": "unused",
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
            }
        )
        try:
            metadata = self._consumer.list_topics(topic, timeout=timeout).topics[topic]
        except KafkaException as e:
            self._consumer.close()
            raise KafkaUnavailableError(f"Kafka at '{bootstrap_servers}' does not answer: {_text(e)}") from e
        if metadata.error is not None:
            self._consumer.close()
            raise KafkaUnavailableError(f"the topic '{topic}' at '{bootstrap_servers}' cannot be read: {metadata.error.str()}")
        # Offset of the next record of every partition.
        self._read_to = dict.fromkeys(sorted(metadata.partitions), 0)
        self._consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in self._read_to])

    def latest(self) -> dict[str, Embedding]:
        """Reads to where the topic ends now, and returns the newest embedding of every image by its id.

        Raises:
            FormatError: a record is none of an embedding
            KafkaUnavailableError: the cluster did not answer in time
        """
        self._catch_up()
        return {each.id: each for each in self._index}

    def get(self, image: str) -> Embedding | None:
        """Reads to where the topic ends now, and returns the newest embedding of one image; None if there is none."""
        self._catch_up()
        return self._index.get(image)

    def follow(self, idle: float | None = None) -> Iterator[Embedding | Forgotten]:
        """Every change from where this has read to, in the order of its partition, as it is committed.

        Args:
            idle: ends when nothing has come for so many seconds; None for never

        Raises:
            FormatError: a record is none of an embedding
        """
        last = time.monotonic()
        while True:
            change = self._poll()
            if change is not None:
                last = time.monotonic()
                yield change
            elif idle is not None and time.monotonic() - last > idle:
                return

    def nearest(self, vector: ArrayLike, k: int = 5, *, encoder_version: int | None = None) -> list[Neighbour]:
        """Reads to where the topic ends now, and returns the k embeddings of largest cosine similarity to a vector, largest first.

        Args:
            vector: of as many components as the embeddings, of any length above 0
            encoder_version: only embeddings of this version are compared; None for all

        Raises:
            ValueError: the vector does not fit, or k is below 1
        """
        self._catch_up()
        return [Neighbour(*each) for each in self._index.nearest(vector, k, encoder_version, None)]

    def like(self, image: str, k: int = 5, *, encoder_version: int | None = None) -> list[Neighbour]:
        """The k other images that are most like one of them.

        Raises:
            KeyError: there is no embedding of that image
        """
        own = self.get(image)
        if own is None:
            raise KeyError(f"the topic '{self._topic}' has no embedding of image '{image}'")
        return [Neighbour(*each) for each in self._index.nearest(own.vector, k, encoder_version, image)]

    def _catch_up(self) -> None:
        ends = self._ends()
        last = time.monotonic()
        while any(self._read_to[partition] < end for partition, end in ends.items()):
            before = dict(self._read_to)
            self._poll()
            if self._read_to != before:
                last = time.monotonic()
            elif time.monotonic() - last > self._timeout:
                raise KafkaUnavailableError(f"the topic '{self._topic}' has not answered for {self._timeout:g} s")

    def _ends(self) -> dict[int, int]:
        """Of what is committed: a transaction that is open keeps back what is behind its first record."""
        # By a client of its own: the consumer's requests would wait for its fetches.
        asked = self._admin.list_offsets(
            {TopicPartition(self._topic, partition): OffsetSpec.latest() for partition in self._read_to},  # type: ignore[no-untyped-call]
            isolation_level=IsolationLevel.READ_COMMITTED,
            request_timeout=self._timeout,
        )
        try:
            return {partition.partition: int(answer.result().offset) for partition, answer in asked.items()}
        except KafkaException as e:
            raise KafkaUnavailableError(f"the topic '{self._topic}' does not answer: {_text(e)}") from e

    def _poll(self) -> Embedding | Forgotten | None:
        """The next change; None if nothing has come within a moment."""
        message = self._consumer.poll(_POLL_SECONDS)
        if message is None:
            return None
        error, partition, offset = message.error(), message.partition(), message.offset()
        if error is None:
            assert partition is not None and offset is not None
            self._read_to[partition] = offset + 1
            return self._change(message)
        if error.code() == KafkaError._PARTITION_EOF:
            assert partition is not None and offset is not None
            # Behind the last record there may be the mark of a transaction's end.
            self._read_to[partition] = offset
        elif not error.retriable() and error.code() not in _PASSING:
            raise KafkaUnavailableError(f"the topic '{self._topic}' cannot be read: {error.str()}")
        return None

    def _change(self, message: Message) -> Embedding | Forgotten:
        place = f"partition {message.partition()} of '{self._topic}', offset {message.offset()}"
        key, value = message.key(), message.value()
        if value is None:
            if key is None:
                raise FormatError(f"{place}: a record without key and value")
            forgotten = Forgotten(key.decode("utf-8"))
            self._index.forget(forgotten.id)
            return forgotten
        try:
            found = embedding(value)
            self._index.put(found)
        except FormatError as e:
            raise FormatError(f"{place}: {e}") from e
        return found

    def close(self) -> None:
        """Disconnects. Idempotent."""
        self._consumer.close()

    def __enter__(self) -> Embeddings:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _text(error: KafkaException) -> str:
    cause = error.args[0] if error.args else error
    return cause.str() if isinstance(cause, KafkaError) else str(cause)
