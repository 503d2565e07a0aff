"""Topics in the framing of a schema registry: Apicurio behind TLS, Confluent's own serialisers, and the embedding job and the command line
between them."""

import contextlib
import datetime
import http.client
import http.server
import ipaddress
import os
import pathlib
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request

import numpy
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sinks import await_until, free_port, maven

APICURIO = "io.apicurio:apicurio-registry-app:3.0.9:tar.gz:all"
IMAGES, PRODUCED = 20, 6

root = pathlib.Path(__file__).resolve().parents[2]
java = pathlib.Path(os.environ["JAVA_HOME"], "bin/java") if os.environ.get("JAVA_HOME") else "java"


class Registry:
    """A registry, which takes half a minute to start, and in front of it a server that alone speaks TLS."""

    def __init__(self, folder):
        self.port = free_port()
        self.log = (folder / "registry.log").open("w")
        self.process = subprocess.Popen(
            [java, "-Xmx512m", "-Dquarkus.http.host=127.0.0.1", f"-Dquarkus.http.port={self.port}", "-jar", self.runner()],
            stdout=self.log, stderr=self.log,
        )  # fmt: skip
        self.certificate = folder / "registry.pem"
        key = folder / "registry-key.pem"
        certify(self.certificate, key)
        self.front = http.server.ThreadingHTTPServer(("127.0.0.1", 0), forwarding(self.port))
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self.certificate, key)
        self.front.socket = tls.wrap_socket(self.front.socket, server_side=True)
        threading.Thread(target=self.front.serve_forever, daemon=True).start()
        self.url = f"https://127.0.0.1:{self.front.server_port}/apis/ccompat/v7"

    @staticmethod
    def runner():
        """The one that the tests in Java have unpacked, if they have."""
        for folder in (root / "jobs/target/registry", root / "target/registry"):
            if folder.exists():
                return next(folder.glob("*-runner.jar"))
        maven("-N", "dependency:copy", f"-Dartifact={APICURIO}", f"-DoutputDirectory={root / 'target/registry-archive'}")
        unpacked = root / "target/registry-unpacked"
        unpacked.mkdir(exist_ok=True)
        archive = next((root / "target/registry-archive").glob("*.tar.gz"))
        subprocess.run(["tar", "-xzf", archive, "-C", unpacked], check=True)
        return next(unpacked.rename(root / "target/registry").glob("*-runner.jar"))

    def answers(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            tls = ssl.create_default_context(cafile=str(self.certificate))
            with urllib.request.urlopen(f"{self.url}/subjects", context=tls, timeout=5) as answer:
                return answer.status == 200
        assert self.process.poll() is None, pathlib.Path(self.log.name).read_text()[-3000:]
        return False

    def close(self):
        self.front.shutdown()
        self.process.terminate()
        self.process.wait(60)
        self.log.close()


def certify(certificate, key):
    """A certificate that nobody has signed but itself."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1)).add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(private, hashes.SHA256())
    )  # fmt: skip
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def forwarding(port):
    """Hands every request on to a server that speaks no TLS."""

    class Forwarding(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            behind = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            try:
                kept = {name: self.headers[name] for name in ("Accept", "Content-Type") if self.headers[name]}
                behind.request(self.command, self.path, body, kept)
                answer = behind.getresponse()
                text, kind, status = answer.read(), answer.getheader("Content-Type", "text/plain"), answer.status
            except OSError:
                text, kind, status = b"nobody is behind", "text/plain", 502
            finally:
                behind.close()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = forward

        def log_message(self, *arguments):
            """Nothing."""

    return Forwarding


def values(bootstrap_servers, topic, count):
    """The first values of a topic, by key."""
    consumer = Consumer({"bootstrap.servers": bootstrap_servers, "group.id": "unused", "enable.auto.commit": False})
    try:
        partitions = consumer.list_topics(topic).topics[topic].partitions
        consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions])
        found, deadline = {}, time.monotonic() + 60
        while len(found) < count:
            assert time.monotonic() < deadline, (topic, len(found))
            message = consumer.poll(1)
            if message is not None and not message.error():
                found[message.key().decode()] = message.value()
        return found
    finally:
        consumer.close()


def check(registry, bootstrap_servers, contrastream, home, version, newest, labelled):
    """What Confluent's serialiser writes the job embeds, and what the job and the command line write Confluent's deserialiser reads.

    Args:
        newest: what the job has made of the images before, by id
        labelled: the images' records, by id
    """
    await_until("the registry answers", registry.answers, 180)
    images = {image: labelled[image] for image in list(labelled)[:IMAGES] if image in newest}
    client = SchemaRegistryClient({"url": registry.url, "ssl.ca.location": str(registry.certificate)})
    serialize = AvroSerializer(client, (home / "schemas/LabelledImage.avsc").read_text())
    topics = {"labelled-images": "confluent-images", "embeddings": "confluent-answers"}
    for topic, name in topics.items():
        contrastream("topics", "create", "-b", bootstrap_servers, "--name", f"{topic}={name}")
    producer = Producer({"bootstrap.servers": bootstrap_servers})
    for image, record in images.items():
        value = serialize(record, SerializationContext("confluent-images", MessageField.VALUE))
        assert value[0] == 0, value[:5]
        producer.produce("confluent-images", key=image.encode(), value=value)
    producer.flush()

    trust = {
        "schema.registry.url": registry.url,
        "schema.registry.ssl.truststore.type": "PEM",
        "schema.registry.ssl.truststore.location": registry.certificate,
    }
    said = contrastream(
        "embed", "--images", "topic:confluent-images", "--output", "confluent-answers", "--release", str(version),
        "--kafka.bootstrap-servers", bootstrap_servers, "--kafka.format", "confluent",
        "--kafka.topic-format.encoder-releases", "single-object",
        *(f"--kafka.properties.{key}={value}" for key, value in trust.items()),
    )  # fmt: skip
    assert f"embedded {len(images)} images with version {version}" in said, said
    deserialize = AvroDeserializer(client)
    answers = values(bootstrap_servers, "confluent-answers", len(images))
    assert answers.keys() == images.keys(), answers.keys()
    for image, value in answers.items():
        answer = deserialize(value, SerializationContext("confluent-answers", MessageField.VALUE))
        cosine = float(numpy.asarray(answer["vector"], numpy.float32) @ newest[image].vector)
        assert cosine > 0.99999 and answer["label"] == images[image]["label"], (image, cosine, answer["label"])
        assert answer["eventTime"] == images[image]["eventTime"] and answer["encoderVersion"] == version, answer

    contrastream("topics", "create", "-b", bootstrap_servers, "--name", "labelled-images=confluent-produced")
    contrastream(
        "produce", "-b", bootstrap_servers, "--topic", "confluent-produced", "--images", "synthetic", "--classes", "2",
        "--limit", str(PRODUCED), "--format", "confluent", *(f"--kafka-property={key}={value}" for key, value in trust.items()),
    )  # fmt: skip
    for image, value in values(bootstrap_servers, "confluent-produced", PRODUCED).items():
        record = deserialize(value, SerializationContext("confluent-produced", MessageField.VALUE))
        assert record["id"] == image and record["label"] and record["image"], record
    print(f"Confluent's clients and Apicurio behind TLS: {len(answers)} images there and back, {PRODUCED} from the command line")
