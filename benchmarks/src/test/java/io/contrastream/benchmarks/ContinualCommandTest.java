package io.contrastream.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.contrastream.jobs.cli.Contrastream;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** With the engine that is on the tests' class path, on images of one colour a class. */
final class ContinualCommandTest {

    private static final List<String> COLOURS = List.of("red", "green", "blue", "black", "white", "yellow");
    private static final int[] RGB = {0xd02020, 0x20d020, 0x2020d0, 0x202020, 0xd0d0d0, 0xd0d020};
    private static final int IMAGES_OF_CLASS = 20;

    private static final String SMALL =
            " --width 2 --size 8 --threads 1 --classes 6 --stages 3 --memory 18 --recall 6 --batch 5 --images-per-class 10";

    @TempDir
    private static Path folder;

    private static Path colours;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void writeImages() throws IOException {
        colours = folder.resolve("colours");
        Random random = new Random(1);
        for (int i = 0; i < RGB.length; i++) {
            Path images = Files.createDirectories(colours.resolve(COLOURS.get(i)));
            for (int n = 0; n < IMAGES_OF_CLASS; n++) {
                BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
                for (int pixel = 0; pixel < 64; pixel++) {
                    image.setRGB(pixel % 8, pixel / 8, RGB[i] + random.nextInt(0x20) * 0x010101);
                }
                File file = images.resolve(String.format("%02d.png", n)).toFile();
                assertThat(ImageIO.write(image, "png", file)).isTrue();
            }
        }
    }

    private int run(String arguments) {
        CommandLine commandLine = Contrastream.commandLine();
        commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return commandLine.execute(("bench continual" + arguments).split(" ", -1));
    }

    private JsonNode measure(String more) throws IOException {
        Path json = folder.resolve("figures.json");
        assertThat(run(" --images folder:" + colours + SMALL + " --json " + json + more))
                .as("%s", err)
                .isZero();
        return new ObjectMapper().readTree(json.toFile());
    }

    @Test
    void theFiguresOfAllStagesAreOneJsonObject() throws Exception {
        JsonNode json = measure("");

        assertThat(json.fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder(
                        "engine",
                        "device",
                        "precision",
                        "threads",
                        "cpu",
                        "version",
                        "java",
                        "architecture",
                        "stem",
                        "width",
                        "size",
                        "batch",
                        "optimizer",
                        "learning_rate",
                        "temperature",
                        "recall",
                        "memory",
                        "reservoir",
                        "steps_per_batch",
                        "first_view_plain",
                        "images",
                        "protocol",
                        "classes",
                        "stages",
                        "images_per_class",
                        "seed",
                        "class_order",
                        "train_images",
                        "images_per_second",
                        "loss",
                        "train_seconds",
                        "test_images",
                        "accuracy_matrix",
                        "accuracy",
                        "end_accuracy",
                        "average_accuracy",
                        "forgetting",
                        "backward_transfer",
                        "peak_rss_bytes",
                        "peak_device_bytes");
        assertThat(json.get("train_images").asInt()).isEqualTo(6 * 10);
        assertThat(json.get("test_images").toString()).isEqualTo("[8,8,8]");
        assertThat(json.get("accuracy_matrix")).extracting(JsonNode::size).containsExactly(1, 2, 3);
        assertThat(json.get("end_accuracy").asDouble())
                .isEqualTo(json.get("accuracy").get(2).asDouble())
                .as("chance is a sixth, and colours are told apart even by random weights")
                .isGreaterThan(0.5);
        assertThat(json.get("loss")).allMatch(loss -> loss.asDouble() > 0);
        assertThat(json.get("learning_rate").asDouble()).isEqualTo(0.1);
        assertThat(json.get("first_view_plain").asBoolean()).isTrue();
    }

    @Test
    void theSameSeedGivesTheSameAccuraciesAndAnotherOneAnotherOrder() throws Exception {
        JsonNode one = measure("");
        JsonNode again = measure("");
        JsonNode other = measure(" --seed 2");

        assertThat(again.get("accuracy_matrix")).isEqualTo(one.get("accuracy_matrix"));
        assertThat(again.get("loss")).isEqualTo(one.get("loss"));
        assertThat(other.get("class_order")).isNotEqualTo(one.get("class_order"));
    }

    @Test
    void theOrderOfClassesCanBeGiven() throws Exception {
        Path order = Files.write(folder.resolve("order.txt"), COLOURS);

        assertThat(measure(" --class-order " + order).get("class_order").toString())
                .isEqualTo("[[\"red\",\"green\"],[\"blue\",\"black\"],[\"white\",\"yellow\"]]");
    }

    @Test
    void peopleGetALineAStage() {
        assertThat(run(" --images folder:" + colours + SMALL)).as("%s", err).isZero();

        assertThat(out.toString().lines())
                .hasSize(5 + 3 + 2)
                .anyMatch(line -> line.startsWith("6 classes of folder:") && line.endsWith("10 images a class"))
                .anyMatch(
                        line -> line.matches("stage 3 of 3: 20 images in [0-9.]+ s, loss [0-9.]+; accuracy [0-9.]+% on "
                                + "6 classes: [0-9.]+ [0-9.]+ [0-9.]+"))
                .anyMatch(line -> line.matches("end accuracy [0-9.]+%, average over stages [0-9.]+%, forgetting "
                        + "-?[0-9.]+%, backward transfer -?[0-9.]+%"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --classes 7               | --classes is 7, but must be a whole number from 1 to 6
            --classes 2 --stages 3    | --stages is 3, but must be a whole number from 1 to 2
            --images-per-class -1     | --images-per-class is -1, but must be a whole number from 0
            --batch 0                 | --batch is 0, but must be a whole number from 1 to 100000
            --recall 50 --memory 40   | --memory is 40, but must be at least --recall, which is 50
            --learning-rate 0         | --learning-rate is 0.0, but must be a number above 0
            --size 7                  | --size is 7, but must be a whole number from 8 to 1024
            --protocol tiny           | Invalid value for option '--protocol'
            --class-order missing.txt | --class-order missing.txt: cannot be read
            --json /                  | --json /: cannot be written
            """)
    void optionsThatDoNotFitAreUsageErrors(String arguments, String message) {
        String classes = arguments.contains("--classes") ? " " : " --classes 6 ";
        assertThat(run(" --images folder:" + colours + classes + arguments)).isEqualTo(2);

        assertThat(err.toString()).startsWith("contrastream: ").contains(message);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void anOrderOfOtherClassesIsAUsageError() throws Exception {
        Path unknown = Files.write(folder.resolve("unknown.txt"), List.of("red", "puce"));
        Path twice = Files.write(folder.resolve("twice.txt"), List.of("red", "red"));

        assertThat(run(" --images folder:" + colours + " --class-order " + unknown))
                .isEqualTo(2);
        assertThat(run(" --images folder:" + colours + " --class-order " + twice))
                .isEqualTo(2);
        assertThat(run(" --images imagenet")).isEqualTo(2);
        assertThat(err.toString())
                .contains("'puce' is no class of folder:")
                .contains("'red' is there twice")
                .contains("--images: unknown image source 'imagenet'");
    }
}
