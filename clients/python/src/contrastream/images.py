"""Senders of images."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from confluent_kafka import KafkaError, KafkaException, Message, Producer
from numpy.typing import NDArray

from contrastream.errors import DeliveryError
from contrastream.records import codec

Image = bytes | os.PathLike[str] | NDArray[np.uint8]

_LARGEST_REQUEST_BYTES = 32 << 20
_LONGEST_TEXT = 256
_MOST_LABELS = 16
_INVISIBLE = {"Zs", "Zl", "Zp", "Cc", "Cf"}
_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"BM": "BMP",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
}


def _encoding(file: bytes) -> str:
    if file[:4] == b"RIFF" and file[8:12] == b"WEBP":
        return "WEBP"
    for signature, encoding in _SIGNATURES.items():
        if file.startswith(signature):
            return encoding
    begin = file[:12].hex() or "nothing"
    raise ValueError(f"image of {len(file)} bytes begins with {begin}, and is not a PNG, JPEG, WebP, GIF, BMP or TIFF file")


def _image(image: Image) -> dict[str, Any]:
    """The fields of a record that hold an image."""
    if isinstance(image, np.ndarray):
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
            raise ValueError(f"image is {image.dtype} of shape {image.shape}, but must be uint8 of [height, width, 3]")
        planes = np.ascontiguousarray(image.transpose(2, 0, 1))
        return {
            "image": planes.tobytes(),
            "encoding": "RAW_PLANAR_RGB8",
            "width": image.shape[1],
            "height": image.shape[0],
        }
    file = image if isinstance(image, bytes) else Path(image).read_bytes()
    return {"image": file, "encoding": _encoding(file), "width": None, "height": None}


def _text(name: str, value: str) -> str:
    if not 1 <= len(value) <= _LONGEST_TEXT:
        raise ValueError(f"{name} has {len(value)} characters, but must have 1 to {_LONGEST_TEXT}")
    return value


def _label(value: str) -> str:
    if all(unicodedata.category(character) in _INVISIBLE for character in _text("label", value)):
        raise ValueError(f"label is {value!r}: white space and control characters alone are no label")
    return value


class _Sender:
    """Sends records in the background, each once. Leaving its `with` block waits until all have been acknowledged."""

    def __init__(self, bootstrap_servers: str, topic: str, record: str, config: Mapping[str, Any] | None, timeout: float) -> None:
        self._topic = topic
        self._codec = codec(record)
        self._timeout = timeout
        self._failed: list[tuple[str, str]] = []
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap_servers,
                "linger.ms": 20,
                "message.max.bytes": _LARGEST_REQUEST_BYTES,
                # An image goes to the same partition as by Kafka's clients in Java, so that what is said of it later comes later.
                "partitioner": "murmur2_random",
                **(config or {}),
                "enable.idempotence": True,
            }
        )

    def _send(
        self, image_id: str, more: Mapping[str, Any], image: Image, event_time: datetime | None, attributes: Mapping[str, str] | None
    ) -> None:
        if event_time is not None and event_time.tzinfo is None:
            raise ValueError(f"event_time {event_time.isoformat()} has no time zone")
        fields = {
            "id": _text("id", image_id),
            **more,
            **_image(image),
            "eventTime": event_time or datetime.now(timezone.utc),
            "attributes": dict(attributes or {}),
        }
        self._produce(image_id, self._codec.encode(fields))

    def _produce(self, image_id: str, value: bytes | None) -> None:
        while True:
            try:
                self._producer.produce(self._topic, key=image_id.encode("utf-8"), value=value, on_delivery=self._delivered)
                self._producer.poll(0)
                return
            except BufferError:
                # As many are under way as the client holds.
                self._producer.poll(0.1)
            except KafkaException as e:
                cause = e.args[0] if e.args else e
                text = cause.str() if isinstance(cause, KafkaError) else str(cause)
                raise DeliveryError(f"image '{image_id}' of {len(value or b'')} bytes was not sent to '{self._topic}': {text}") from e

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            key = message.key()
            self._failed.append((key.decode("utf-8") if key else "", error.str()))

    def flush(self) -> None:
        """Returns when Kafka has acknowledged everything.

        Raises:
            DeliveryError: it has refused something since the last time, or took longer than `timeout`
        """
        left = self._producer.flush(self._timeout)
        failed, self._failed = self._failed, []
        if left > 0:
            raise DeliveryError(f"{left} images for '{self._topic}' were not acknowledged within {self._timeout:g} s")
        if failed:
            raise DeliveryError(f"{len(failed)} images were not taken by '{self._topic}'; the first is '{failed[0][0]}': {failed[0][1]}")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self.flush()
        else:
            self._producer.flush(self._timeout)


class LabelledImages(_Sender):
    """Sends images to learn from.

    Args:
        bootstrap_servers: brokers of the cluster, such as "localhost:9092"
        topic: that the learning job reads
        config: more options of librdkafka, such as its security settings
        timeout: seconds that Kafka may take to acknowledge what has been sent
    """

    def __init__(
        self,
        bootstrap_servers: str,
        topic: str = "labelled-images",
        *,
        config: Mapping[str, Any] | None = None,
        timeout: float = 120,
    ) -> None:
        super().__init__(bootstrap_servers, topic, "LabelledImage", config, timeout)

    def __enter__(self) -> LabelledImages:
        return self

    def send(
        self,
        id: str,
        label: str | None,
        image: Image,
        *,
        further_labels: Sequence[str] = (),
        event_time: datetime | None = None,
        attributes: Mapping[str, str] | None = None,
    ) -> None:
        """Sends an image, and does not wait until Kafka has it.

        An id that was sent before with another label corrects the label.

        Args:
            id: identity of the image in the stream, 1 to 256 characters
            label: its class, 1 to 256 characters; None for an image without label, which a job takes with learner.unlabelled alone
            further_labels: its other classes, which a job takes with learner.several-labels alone; different from it and each other
            image: a PNG, JPEG, WebP, GIF, BMP or TIFF file, as its bytes or its path; or pixels, uint8 of [height, width, 3] in RGB
            event_time: when it was taken or labelled; None for now
            attributes: anything else to say of it

        Raises:
            ValueError: an argument is not allowed
            DeliveryError: it is too large
        """
        labels = [*([] if label is None else [_label(label)]), *map(_label, further_labels)]
        if len(set(labels)) < len(labels) or len(labels) > _MOST_LABELS or (further_labels and label is None):
            raise ValueError(f"labels are {labels}, but must differ, be at most {_MOST_LABELS}, and have a first one")
        names = {"label": "" if label is None else label, "furtherLabels": list(further_labels)}
        self._send(id, names, image, event_time, attributes)

    def forget(self, id: str) -> None:
        """Takes an image back: the job forgets it and deletes its embedding."""
        self._produce(_text("id", id), None)


class ImageQueries(_Sender):
    """Sends images to be embedded, without labels.

    Args:
        bootstrap_servers: brokers of the cluster, such as "localhost:9092"
        topic: that the embedding job reads
        config: more options of librdkafka, such as its security settings
        timeout: seconds that Kafka may take to acknowledge what has been sent
    """

    def __init__(
        self,
        bootstrap_servers: str,
        topic: str = "image-queries",
        *,
        config: Mapping[str, Any] | None = None,
        timeout: float = 120,
    ) -> None:
        super().__init__(bootstrap_servers, topic, "ImageQuery", config, timeout)

    def __enter__(self) -> ImageQueries:
        return self

    def send(
        self,
        id: str,
        image: Image,
        *,
        event_time: datetime | None = None,
        attributes: Mapping[str, str] | None = None,
    ) -> None:
        """Sends an image, and does not wait until Kafka has it.

        Args:
            id: identity of the image; the key of its embedding, 1 to 256 characters
            image: as `LabelledImages.send` takes it
            event_time: when it was taken; None for now
            attributes: anything else to say of it

        Raises:
            ValueError: an argument is not allowed
            DeliveryError: it is too large
        """
        self._send(id, {}, image, event_time, attributes)
