package io.contrastream.cli;

import static io.contrastream.cli.SharedBroker.run;
import static io.contrastream.cli.SharedBroker.tail;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Images, queries and labels that are sent to topics, and the reasons for which some are not. */
@ExtendWith(SharedBroker.class)
final class ProduceCommandITCase {

    @TempDir
    private static Path folder;

    @Test
    void aDataSetThatIsProducedCanBeTailed() throws Exception {
        assertThat(run("topics", "create", "--name", "labelled-images=produced").exitCode())
                .isZero();

        Console produce = run(
                "produce",
                "--images",
                "synthetic",
                "--topic",
                "produced",
                "--classes",
                "3",
                "--limit",
                "12",
                "--rate",
                "100");

        assertThat(produce.exitCode()).as(produce.err()).isZero();
        assertThat(produce.out()).startsWith("sent 12 images of 3 classes to produced in ");
        List<JsonNode> lines = tail("produced", "--to-end");
        assertThat(lines).hasSize(12);
        assertThat(lines).extracting(line -> line.get("key").asText()).doesNotHaveDuplicates();
        assertThat(lines).allSatisfy(line -> {
            assertThat(line.get("type").asText()).isEqualTo("LabelledImage");
            JsonNode image = line.get("value");
            assertThat(image.get("id")).isEqualTo(line.get("key"));
            assertThat(image.get("image").binaryValue()).startsWith(0x89, 'P', 'N', 'G');
            assertThat(image.get("attributes").get("source").asText()).isEqualTo("synthetic");
        });
        assertThat(lines.stream().map(line -> line.get("value").get("label")).distinct())
                .hasSize(3);

        assertThat(tail("produced", "--max", "5")).hasSize(5);
    }

    @Test
    void aFileThatIsTooLargeIsNamedWithItsSettingAndTheRestIsSent() throws Exception {
        assertThat(run("topics", "create", "--name", "labelled-images=small", "--max-message-size", "100 kb")
                        .exitCode())
                .isZero();
        for (String small : List.of("a/small.png", "b/small.jpg", "c/1", "c/2")) {
            write("small/" + small, noise(2));
        }
        byte[] large = noise(260);
        byte[] larger = noise(320);
        write("small/a/large.png", large);
        write("small/b/larger.png", larger);
        write("small/d/alone.png", Arrays.copyOf(noise(2), 40 << 20));
        write("small/d/notes.txt", new byte[3]);

        Console produce = run("produce", "--images", "folder:" + folder.resolve("small"), "--topic", "small");

        assertThat(produce.exitCode()).isEqualTo(1);
        assertThat(produce.out()).startsWith("sent 4 images of 4 classes to small in ");
        assertThat(produce.err())
                .contains(
                        "d/notes.txt: not an image",
                        "a/large.png: not sent: too large to be sent, " + large.length + " bytes",
                        "b/larger.png: not sent: too large to be sent, " + larger.length + " bytes",
                        "d/alone.png: not sent: image-too-large: image has 41943040 bytes; at most 10485760 are allowed",
                        "'small' takes records of up to 102400 bytes, its max.message.bytes",
                        "image.max-encoded-size");
        assertThat(tail("small", "--to-end"))
                .extracting(line -> line.get("key").asText())
                .containsExactlyInAnyOrder("a/small.png", "b/small.jpg", "c/1", "c/2");
    }

    @Test
    void ofManyThatTheJobWouldRejectTenAreNamedAndTheRestIsSent() throws Exception {
        assertThat(run("topics", "create", "--name", "labelled-images=headers").exitCode())
                .isZero();
        Map<String, String> refused = new LinkedHashMap<>();
        write("headers/e/fine.png", noise(2));
        write("headers/e/lossless.jpg", hex("FFD8 FFC3 000B 08 0010 0010 01 01 11 00 FFD9"));
        refused.put(
                "e/lossless.jpg", "unsupported-image: JPEG image is lossless, hierarchical or arithmetically coded");
        write("headers/e/fine-lines.jpg", hex("FFD8 FFC0 000B 0C 0010 0010 01 01 11 00 FFD9"));
        refused.put("e/fine-lines.jpg", "unsupported-image: JPEG image has 12 bits a sample; 8 are supported");
        write("headers/e/two.jpg", hex("FFD8 FFC0 000E 08 0010 0010 02 01 11 00 02 11 00 FFD9"));
        refused.put("e/two.jpg", "unsupported-image: JPEG image has 2 components; 1 (grey), 3 (colour) and 4");
        write(
                "headers/e/vast.gif",
                "GIF89a\u00FF\u00FF\u00FF\u00FF\0\0\0,\0\0\0\0\1\0\1\0\0\2\0;".getBytes(StandardCharsets.ISO_8859_1));
        refused.put("e/vast.gif", "too-many-pixels: image declares 65535 x 65535 pixels; at most 25000000 are allowed");
        write("headers/e/half.png", Arrays.copyOf(noise(9), 60));
        refused.put("e/half.png", "truncated-image: PNG image");
        write("headers/e/big.tif", hex("4949 2B00 0800 0000"));
        refused.put("e/big.tif", "unsupported-image: TIFF image is a BigTIFF");
        write("headers/e/odd.bmp", hex("424D 1E000000 00000000 1A000000 10000000 01000100 01001800 00000000 00000000"));
        refused.put("e/odd.bmp", "unsupported-image: BMP image has a header of 16 bytes");
        write("headers/e/short.webp", hex("52494646 FF000000 57454250 56503820"));
        refused.put("e/short.webp", "truncated-image: WebP image of 16 bytes is cut off");
        for (int i = 0; i < 5; i++) {
            write("headers/f/" + i + ".jpg", hex("FFD8 FFC0 000B 08 0000 0010 01 01 11 00 FFD9"));
        }
        write("headers/f/fine.png", noise(2));

        Console produce = run("produce", "--images", "folder:" + folder.resolve("headers"), "--topic", "headers");

        assertThat(produce.exitCode()).isEqualTo(1);
        assertThat(produce.out()).contains("sent 2 images of 2 classes to headers in ");
        assertThat(produce.err().lines().filter(line -> line.contains(": not sent: ")))
                .hasSize(10);
        assertThat(produce.err())
                .contains("and 3 more that were not sent", "image.max-encoded-size and image.max-pixels of the job");
        // Which ten are named depends on the order in which they are sent.
        assertThat(produce.err().lines().filter(line -> line.contains(": not sent: ")))
                .allSatisfy(line -> assertThat(line.strip())
                        .satisfiesAnyOf(
                                named -> assertThat(named)
                                        .matches(
                                                "f/\\d\\.jpg: not sent: corrupt-image: JPEG image is damaged: it declares 16 x 0 pixels.*"),
                                named -> assertThat(refused.entrySet())
                                        .anyMatch(image ->
                                                named.startsWith(image.getKey() + ": not sent: " + image.getValue()))));
        assertThat(tail("headers", "--to-end"))
                .extracting(line -> line.get("key").asText())
                .containsExactlyInAnyOrder("e/fine.png", "f/fine.png");
    }

    @Test
    void imagesToEmbedAreSentWithoutLabelsAndTheOthersAreNamed() throws Exception {
        write("queries/1.png", noise(2));
        write("queries/below/2.png", noise(50));
        write("queries/cut.png", Arrays.copyOf(noise(9), 50));
        Path config = folder.resolve("embedding.yaml");
        Files.writeString(
                config,
                "kafka.bootstrap-servers: localhost:9092\nimage.max-pixels: 2000\nembedding.false-alarm-rate: 0.01\n");

        Console produce = run(
                "produce",
                "--queries",
                "--images",
                "folder:" + folder.resolve("queries"),
                "--config",
                config.toString());

        assertThat(produce.exitCode()).isEqualTo(1);
        assertThat(produce.out()).startsWith("sent 1 image without labels to image-queries in ");
        assertThat(produce.err())
                .contains(
                        "below/2.png: not sent: too-many-pixels: image declares 50 x 50 pixels; at most 2000",
                        "cut.png: not sent: truncated-image");
        List<JsonNode> lines = tail("image-queries", "--to-end");
        assertThat(lines).hasSize(1);
        assertThat(lines.get(0).get("key").asText()).isEqualTo("1.png");
        assertThat(lines.get(0).get("type").asText()).isEqualTo("ImageQuery");
        assertThat(lines.get(0).get("value").get("attributes").get("source").asText())
                .isEqualTo("folder");
    }

    @Test
    void theJobsOwnLimitsAreTakenFromItsFile() throws Exception {
        assertThat(run("topics", "create", "--name", "labelled-images=limits").exitCode())
                .isZero();
        write("limits/g/small.png", noise(2));
        write("limits/g/wide.png", noise(50));
        Path config = folder.resolve("limits.yaml");
        Files.writeString(
                config,
                "kafka.bootstrap-servers: localhost:9092\njob.checkpoint-directory: file:///c\nimage.max-pixels: 2000\n");

        Console produce = run(
                "produce",
                "--images",
                "folder:" + folder.resolve("limits"),
                "--topic",
                "limits",
                "--config",
                config.toString());

        assertThat(produce.err())
                .contains("g/wide.png: not sent: too-many-pixels: image declares 50 x 50 pixels; at most 2000");
        assertThat(tail("limits", "--to-end")).hasSize(1);
    }

    @Test
    void aListGivesItsImagesAnyNumberOfLabelsIfTheJobTakesThem() throws Exception {
        assertThat(run("topics", "create", "--name", "labelled-images=listed").exitCode())
                .isZero();
        for (int side = 2; side <= 4; side++) {
            write("listed/" + side + ".png", noise(side));
        }
        Path list = folder.resolve("listed/labels.csv");
        Files.writeString(list, "2.png,cat,pet,\"in, or near, a house\"\n3.png,dog\n4.png\n");
        String[] produce = {"produce", "--images", "csv:" + list, "--topic", "listed"};

        Console refused = run(produce);

        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.out()).startsWith("sent 1 image of 2 classes to listed in ");
        assertThat(refused.err())
                .contains("2.png: not sent: invalid-label: the image has 3 labels; set learner.several-labels to learn")
                .contains("4.png: not sent: invalid-label: label is empty")
                .contains("learner.unlabelled and learner.several-labels of the job; --config FILE gives its options");

        Path config = folder.resolve("listed.yaml");
        Files.writeString(config, """
                kafka.bootstrap-servers: localhost:9092
                job.checkpoint-directory: file:///c
                learner.several-labels: learn
                learner.unlabelled: views
                """);
        List<String> taken = new ArrayList<>(List.of(produce));
        taken.addAll(List.of("--config", config.toString()));
        Console sent = run(taken.toArray(String[]::new));

        assertThat(sent.exitCode()).as(sent.err()).isZero();
        assertThat(sent.out()).startsWith("sent 3 images of 2 classes to listed in ");
        Map<String, String> labels = new HashMap<>();
        for (JsonNode line : tail("listed", "--to-end")) {
            JsonNode image = line.get("value");
            labels.put(image.get("id").asText(), image.get("label").asText() + " " + image.get("furtherLabels"));
        }
        assertThat(labels)
                .isEqualTo(
                        Map.of("2.png", "cat [\"pet\",\"in, or near, a house\"]", "3.png", "dog []", "4.png", " []"));
    }

    @Test
    void theLabelsOfAListAreSentByThemselvesIfTheJobTakesThem() throws Exception {
        assertThat(run("topics", "create", "--name", "labels=listed-labels").exitCode())
                .isZero();
        for (int side = 2; side <= 4; side++) {
            write("late/" + side + ".png", noise(side));
        }
        Path list = folder.resolve("late/labels.csv");
        Files.writeString(list, "2.png,cat,pet\n3.png,dog\n4.png\n");

        String[] produce = {"produce", "--labels", "--images", "csv:" + list, "--topic", "listed-labels"};

        Console refused = run(produce);

        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.out()).startsWith("sent 1 label of 2 classes to listed-labels in ");
        assertThat(refused.err())
                .contains("2.png: not sent: invalid-label: the image has 2 labels; set learner.several-labels to learn")
                .contains("4.png: not sent: invalid-label: label is empty");

        Path config = folder.resolve("late.yaml");
        Files.writeString(config, """
                kafka.bootstrap-servers: localhost:9092
                job.checkpoint-directory: file:///c
                kafka.topic.images: images
                kafka.topic.labels: labels
                learner.several-labels: learn
                """);
        List<String> taken = new ArrayList<>(List.of(produce));
        taken.addAll(List.of("--config", config.toString()));
        Console sent = run(taken.toArray(String[]::new));

        assertThat(sent.out()).startsWith("sent 2 labels of 2 classes to listed-labels in ");
        assertThat(tail("listed-labels", "--to-end"))
                .extracting(line -> line.get("value").get("furtherLabels").toString())
                .containsExactlyInAnyOrder("[]", "[]", "[\"pet\"]");
    }

    /** A PNG that does not compress. */
    private static byte[] noise(int side) throws IOException {
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(side);
        for (int at = 0; at < side * side; at++) {
            image.setRGB(at % side, at / side, random.nextInt());
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(image, "png", png);
        return png.toByteArray();
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    private static void write(String path, byte[] bytes) throws Exception {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }
}
