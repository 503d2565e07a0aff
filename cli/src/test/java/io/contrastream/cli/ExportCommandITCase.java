package io.contrastream.cli;

import static io.contrastream.cli.SharedBroker.run;
import static io.contrastream.cli.SharedBroker.send;
import static io.contrastream.cli.SharedBroker.tail;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.LearningReport;
import io.contrastream.schemas.SingleObject;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Embeddings and reports that are written for TensorBoard. */
@ExtendWith(SharedBroker.class)
final class ExportCommandITCase {

    @TempDir
    private static Path folder;

    @Test
    void embeddingsAreExportedForTensorBoardsProjector() throws Exception {
        assertThat(run("topics", "create", "--name", "labelled-images=projected", "--name", "embeddings=projections")
                        .exitCode())
                .isZero();
        assertThat(run("produce", "--images", "synthetic", "--topic", "projected", "--classes", "3", "--limit", "6")
                        .exitCode())
                .isZero();
        List<JsonNode> images = tail("projected", "--to-end");
        for (int i = 0; i < 6; i++) {
            String id = images.get(i).get("key").asText();
            send("projections", id, projection(id, "a\tlabel", 9, 9));
            send("projections", id, projection(id, "a\tlabel", i, -1));
        }
        String gone = images.get(5).get("key").asText();
        send("projections", gone, (byte[]) null);

        Path output = folder.resolve("projector");
        Console export = run(
                "export",
                "projector",
                "--name",
                "labelled-images=projected",
                "--name",
                "embeddings=projections",
                "--output",
                output.toString());

        assertThat(export.exitCode()).as(export.err()).isZero();
        assertThat(export.out()).startsWith("wrote 5 embeddings to ");
        List<String> metadata = Files.readAllLines(output.resolve("metadata.tsv"));
        List<String> vectors = Files.readAllLines(output.resolve("vectors.tsv"));
        assertThat(metadata).hasSize(6).first().isEqualTo("id\tlabel\tnearest\tsimilarity\tversion\torigin");
        assertThat(vectors).hasSize(5);
        BufferedImage sprite = ImageIO.read(output.resolve("sprite.png").toFile());
        assertThat(sprite.getWidth()).isEqualTo(96);
        for (int i = 0; i < 5; i++) {
            String id = images.get(i).get("key").asText();
            int row = metadata.indexOf(id + "\ta label\ta label\t0.5\t1\tlearned") - 1;
            assertThat(row).isNotNegative();
            assertThat(vectors.get(row)).isEqualTo((float) i + "\t-1.0");
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(
                    images.get(i).get("value").get("image").binaryValue()));
            // Synthetic images are as large as the sprite's.
            assertThat(image.getWidth()).isEqualTo(32);
            assertThat(sprite.getRGB(row % 3 * 32 + 16, row / 3 * 32 + 16)).isEqualTo(image.getRGB(16, 16));
        }
        assertThat(Files.readString(output.resolve("projector_config.pbtxt")))
                .contains("tensor_path: \"vectors.tsv\"", "metadata_path: \"metadata.tsv\"", "single_image_dim: 32");
    }

    private static byte[] projection(String id, String label, float... vector) {
        List<Float> values = new ArrayList<>();
        for (float value : vector) {
            values.add(value);
        }
        return SingleObject.encode(Embedding.newBuilder()
                .setId(id)
                .setLabel(label)
                .setNearestLabel(label)
                .setNearestSimilarity(0.5f)
                .setVector(values)
                .setEncoderVersion(1)
                .setEventTime(Instant.EPOCH)
                .setEmbeddedAt(Instant.EPOCH)
                .setOrigin(EmbeddingOrigin.LEARNED)
                .build());
    }

    @Test
    void reportsAreExportedAsScalars() throws Exception {
        assertThat(run("topics", "create", "--name", "learning-reports=scalars").exitCode())
                .isZero();
        for (int i = 1; i <= 3; i++) {
            send(
                    "scalars",
                    "model",
                    SingleObject.encode(LearningReport.newBuilder()
                            .setModel("../model")
                            .setEncoderVersion(i)
                            .setLoss(i == 1 ? null : 0.5f)
                            .setImagesSeen(10L * i)
                            .setPrequentialAccuracy(0.25)
                            .setWindowAccuracy(0.5)
                            .setWindowSize(10)
                            .setReplaySize(5)
                            .setReplayCapacity(10)
                            .setClasses(2)
                            .setImagesPerSecond(3)
                            .setSkippedSteps(0)
                            .setReportedAt(Instant.ofEpochSecond(i))
                            .build()));
        }

        Path output = folder.resolve("scalars");
        Console export = run("export", "scalars", "--name", "learning-reports=scalars", "--output", output.toString());

        assertThat(export.exitCode()).as(export.err()).isZero();
        assertThat(export.out()).startsWith("wrote 3 reports to ");
        // A name of a model is no way out of the folder.
        try (Stream<Path> files = Files.walk(output)) {
            List<Path> written = files.filter(Files::isRegularFile).toList();
            assertThat(written)
                    .singleElement()
                    .extracting(file -> file.getFileName().toString())
                    .isEqualTo("events.out.tfevents.0.contrastream");
            String events = Files.readString(written.get(0), StandardCharsets.ISO_8859_1);
            assertThat(events.split("accuracy/window", -1)).hasSize(4);
            assertThat(events.split("loss", -1)).hasSize(3);
        }
    }
}
