package io.contrastream.cli;

import static io.contrastream.cli.SharedBroker.bytes;
import static io.contrastream.cli.SharedBroker.run;
import static io.contrastream.cli.SharedBroker.send;
import static io.contrastream.cli.SharedBroker.tail;
import static io.contrastream.cli.SharedBroker.with;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.SingleObject;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Orders to forget images. */
@ExtendWith(SharedBroker.class)
final class ForgetCommandITCase {

    /** In the partition of the image, whatever its producer chose that by, and by what its newest record says. */
    @Test
    void imagesAreForgottenByIdAndByLabel() throws Exception {
        String[] topics = {"--topic", "taken-back", "--embeddings-topic", "taken-back-vectors"};
        assertThat(run(
                                "topics",
                                "create",
                                "--name",
                                "labelled-images=taken-back",
                                "--name",
                                "embeddings=taken-back-vectors")
                        .exitCode())
                .isZero();
        for (int partition = 0; partition < 4; partition++) {
            send(new ProducerRecord<>("taken-back", partition, bytes("a" + partition), image("a" + partition, "dog")));
        }
        send(new ProducerRecord<>("taken-back", 1, bytes("moved"), image("moved", "dog")));
        send(new ProducerRecord<>("taken-back", 1, bytes("moved"), image("moved", "cat")));
        send(new ProducerRecord<>("taken-back", 2, bytes("gone"), image("gone", "dog")));
        send(new ProducerRecord<>("taken-back", 2, bytes("gone"), null));
        send("taken-back-vectors", "old", embedding("old", "dog"));
        send("taken-back-vectors", "moved", embedding("moved", "dog"));
        send("taken-back-vectors", "forgotten", embedding("forgotten", "dog"));
        send("taken-back-vectors", "forgotten", null);

        Console byId = run(with(topics, "forget", "--id", "a2", "--id", "käse"));
        assertThat(byId.exitCode()).as(byId.err()).isZero();
        assertThat(byId.out()).isEqualToIgnoringNewLines("sent orders to forget 2 images to taken-back");
        Console dry = run(with(topics, "forget", "--label", "dog", "--dry-run"));
        assertThat(dry.out().lines())
                .containsExactly("a0", "a1", "a3", "old", "would send orders to forget 4 images to taken-back");
        Console byLabel = run(with(topics, "forget", "--label", "dog"));
        assertThat(byLabel.out()).isEqualToIgnoringNewLines("sent orders to forget 4 images to taken-back");
        Console again = run(with(topics, "forget", "--label", "dgo"));
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.err()).contains("there is no image of label 'dgo' in taken-back or taken-back-vectors");

        List<JsonNode> tombstones = tail("taken-back", "--to-end").stream()
                .filter(line -> line.get("value").isNull())
                .filter(line -> !line.get("key").asText().equals("gone"))
                .toList();
        assertThat(tombstones)
                .extracting(line -> line.get("key").asText())
                .containsExactlyInAnyOrder("a2", "käse", "a0", "a1", "a3", "old");
        assertThat(tombstones)
                .filteredOn(line -> line.get("key").asText().startsWith("a"))
                .allSatisfy(line -> assertThat("a" + line.get("partition"))
                        .isEqualTo(line.get("key").asText()));
    }

    @Test
    void forgettingNeedsAnIdOrALabel() {
        assertThat(run("forget").exitCode()).isEqualTo(2);
        assertThat(run("forget", "--id", "a", "--label", "b").exitCode()).isEqualTo(2);
        assertThat(run("forget", "--id", "").err()).contains("--id is empty");
    }

    private static byte[] image(String id, String label) {
        return SingleObject.encode(LabelledImage.newBuilder()
                .setId(id)
                .setLabel(label)
                .setImage(ByteBuffer.wrap(new byte[] {1}))
                .setEncoding(ImageEncoding.PNG)
                .setEventTime(Instant.EPOCH)
                .build());
    }

    private static byte[] embedding(String id, String label) {
        return SingleObject.encode(Embedding.newBuilder()
                .setId(id)
                .setLabel(label)
                .setVector(List.of(1f))
                .setEncoderVersion(1)
                .setEventTime(Instant.EPOCH)
                .setEmbeddedAt(Instant.EPOCH)
                .setOrigin(EmbeddingOrigin.LEARNED)
                .build());
    }
}
