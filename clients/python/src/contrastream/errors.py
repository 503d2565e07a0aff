"""What can go wrong."""


class ContrastreamError(Exception):
    """The kind of all errors of this package, but for `ValueError` where an argument is not allowed."""


class FormatError(ContrastreamError):
    """A record is of no released schema, or does not fit the others of its topic."""


class KafkaUnavailableError(ContrastreamError):
    """The cluster does not answer, or does not have the topic."""


class DeliveryError(ContrastreamError):
    """Kafka has refused images, or has not acknowledged them in time."""
