"""Reads the embeddings of a Contrastream job from Kafka, and sends it images to learn from and to embed."""

from contrastream.embeddings import Embeddings, Neighbour
from contrastream.errors import ContrastreamError, DeliveryError, FormatError, KafkaUnavailableError
from contrastream.images import ImageQueries, LabelledImages
from contrastream.records import Embedding, Forgotten

__all__ = [
    "ContrastreamError",
    "DeliveryError",
    "Embedding",
    "Embeddings",
    "Forgotten",
    "FormatError",
    "ImageQueries",
    "KafkaUnavailableError",
    "LabelledImages",
    "Neighbour",
]
