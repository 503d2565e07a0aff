package io.contrastream.benchmarks.continual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.contrastream.benchmarks.ReportFields;
import io.contrastream.cli.Contrastream;
import io.contrastream.datasets.ImageSource;
import io.contrastream.datasets.ImageSplit;
import io.contrastream.jobs.learning.ModelOptions;
import io.contrastream.learning.encoder.Encoder;
import io.contrastream.learning.encoder.EncoderEngine;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.Learner;
import io.contrastream.operators.decode.ExampleDecoder;
import io.contrastream.operators.learn.option.LearnOptions;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;
import picocli.CommandLine;

/** With the engine that is on the tests' class path, on images of about one colour a class. */
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
                int tint = RGB[i] ^ random.nextInt(0x80) ^ random.nextInt(0x80) << 8 ^ random.nextInt(0x80) << 16;
                for (int pixel = 0; pixel < 64; pixel++) {
                    image.setRGB(pixel % 8, pixel / 8, (tint & 0xdfdfdf) + random.nextInt(0x20) * 0x010101);
                }
                File file = images.resolve(String.format("%02d.png", n)).toFile();
                assertThat(ImageIO.write(image, "png", file)).isTrue();
            }
        }
    }

    private int run(String arguments) {
        CommandLine commandLine = Contrastream.commandLine();
        commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        // The last of several values counts: tests add to what all of them have.
        return commandLine.setOverwrittenOptionsAllowed(true).execute(("bench continual" + arguments).split(" ", -1));
    }

    private JsonNode measure(String more) throws IOException {
        return measure(SMALL, more);
    }

    private JsonNode measure(String sizes, String more) throws IOException {
        Path json = folder.resolve("figures.json");
        assertThat(run(" --images folder:" + colours + sizes + " --json " + json + more))
                .as("%s", err)
                .isZero();
        return new ObjectMapper().readTree(json.toFile());
    }

    @Test
    void theFiguresOfAllStagesAreOneJsonObject() throws Exception {
        JsonNode json = measure("");

        assertThat(json.fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder(ReportFields.whereAnd(
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
                        "test_every",
                        "images_per_class",
                        "test_images_per_class",
                        "seed",
                        "class_order",
                        "prequential_window",
                        "recipe",
                        "options",
                        "train_images",
                        "passes",
                        "zipf",
                        "blur",
                        "returning",
                        "label_noise",
                        "images_per_second",
                        "cpu_seconds",
                        "cpu_ms_per_image",
                        "top_k",
                        "top_k_accuracy",
                        "end_top_k_accuracy",
                        "forward_transfer",
                        "confusion_matrix",
                        "part_images",
                        "loss",
                        "train_seconds",
                        "test_images",
                        "accuracy_matrix",
                        "accuracy",
                        "end_accuracy",
                        "average_accuracy",
                        "forgetting",
                        "backward_transfer",
                        "embedding_cosine",
                        "neighbour_overlap",
                        "prequential_accuracy",
                        "prequential",
                        "images_until_recognised",
                        "per_class",
                        "peak_rss_bytes",
                        "peak_device_bytes"));
        assertThat(json.get("train_images").asInt()).isEqualTo(6 * 10);
        assertThat(json.get("test_images").toString()).isEqualTo("[8,8,8]");
        assertThat(json.get("accuracy_matrix")).extracting(JsonNode::size).containsExactly(1, 2, 3);
        assertThat(json.get("end_accuracy").asDouble())
                .isEqualTo(json.get("accuracy").get(2).asDouble());
        assertThat(json.get("loss")).allMatch(loss -> loss.asDouble() > 0);
        assertThat(json.get("learning_rate").asDouble()).isEqualTo(0.1);
        assertThat(json.get("first_view_plain").asBoolean()).isTrue();
        assertThat(json.get("recipe").asText()).isEqualTo("contrastream");
        assertThat(json.get("options").get("learner.recall-size").asText()).isEqualTo("6");
        assertThat(json.get("embedding_cosine"))
                .hasSize(2)
                .allMatch(cosine -> Math.abs(cosine.asDouble()) <= 1)
                .anyMatch(cosine -> cosine.asDouble() < 0.9999);
        assertThat(json.get("prequential_accuracy").asDouble())
                .isEqualTo(json.get("prequential").get(0).asDouble());
        assertThat(json.get("per_class"))
                .extracting(label -> label.get("label").asText())
                .containsExactlyInAnyOrderElementsOf(COLOURS);
        double right = 0;
        for (JsonNode label : json.get("per_class")) {
            right += label.get("end_accuracy").asDouble() / 6;
        }
        assertThat(right).isCloseTo(json.get("end_accuracy").asDouble(), within(1e-9));
    }

    /** Learns and classifies again, by nothing of the benchmark's own but the order of images that it tells. */
    @Test
    void theAccuraciesAreThoseOfTheLearnerAndOfTheNearestMeanOfWhatItRemembers() throws Exception {
        Path stream = folder.resolve("learned.tsv");
        JsonNode json = measure(" --stream " + stream);
        JsonNode untrained = measure(" --learning-rate 1e-9");

        int[][] expected = new int[6][6];
        long predicted = 0;
        List<String> order = new ArrayList<>();
        json.get("class_order").forEach(stage -> stage.forEach(label -> order.add(label.asText())));
        Map<String, String> options = new HashMap<>();
        json.get("options")
                .properties()
                .forEach(entry -> options.put(entry.getKey(), entry.getValue().asText()));
        ModelOptions model = ModelOptions.of(Configuration.fromMap(options));
        LearnOptions learn = model.learn();
        try (ImageSplit split = ImageSplit.open("folder:" + colours, 1);
                Encoder encoder = EncoderEngine.find().create(learn.encoder(), learn.training(), learn.device(), 1);
                Learner learner = new Learner(learn.learner(), encoder)) {
            ExampleDecoder decoder = new ExampleDecoder(model.decode());
            Map<String, Example> images = examples(split.train(), decoder);
            List<List<Example>> stages = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
            for (String line : Files.readAllLines(stream)) {
                String[] parts = line.split("\t", -1);
                stages.get(Integer.parseInt(parts[0])).add(images.get(parts[2]));
            }
            for (List<Example> stage : stages) {
                for (int first = 0; first < stage.size(); first += 5) {
                    predicted += learner.learn(stage.subList(first, first + 5)).learned().stream()
                            .filter(learned -> learned.example().label().equals(learned.predictedLabel()))
                            .count();
                }
            }
            double[][] means = new double[6][];
            for (int slot = 0; slot < learner.replaySize(); slot++) {
                add(
                        means,
                        order.indexOf(learner.replaySlot(slot).label()),
                        embedding(encoder, learner.replaySlot(slot)));
            }
            for (Example test : examples(split.test(), decoder).values()) {
                expected[order.indexOf(test.label())][nearest(means, embedding(encoder, test))]++;
            }
        }
        assertThat(json.get("prequential_accuracy").asDouble()).isCloseTo(predicted / 60.0, within(1e-9));
        assertThat(json.get("confusion_matrix"))
                .hasToString(Arrays.deepToString(expected).replace(" ", ""));
        assertThat(untrained.get("confusion_matrix"))
                .as("the images do not tell trained weights from random ones")
                .isNotEqualTo(json.get("confusion_matrix"));
        int right = IntStream.range(0, 6).map(label -> expected[label][label]).sum();
        assertThat(json.get("end_accuracy").asDouble()).isCloseTo(right / 24.0, within(1e-9));
        assertThat(json.get("end_top_k_accuracy").asDouble())
                .as("among 5 of 6 classes")
                .isBetween(right / 24.0, 1.0);
    }

    private static Map<String, Example> examples(ImageSource images, ExampleDecoder decoder) throws Exception {
        Map<String, Example> examples = new LinkedHashMap<>();
        for (int label = 0; label < images.labels().size(); label++) {
            for (int i = 0; i < images.size(label); i++) {
                Example example = decoder.decode(images.image(label, i).record(Instant.EPOCH, Map.of()));
                examples.put(example.id(), example);
            }
        }
        return examples;
    }

    private static float[] embedding(Encoder encoder, Example example) {
        float[] pixels = new float[example.pixels().length];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (example.pixels()[i] & 0xff) / 255f;
        }
        return encoder.embed(pixels, 1);
    }

    private static void add(double[][] means, int label, float[] embedding) {
        if (means[label] == null) {
            means[label] = new double[embedding.length];
        }
        for (int d = 0; d < embedding.length; d++) {
            means[label][d] += embedding[d];
        }
    }

    /** By cosine similarity. */
    private static int nearest(double[][] means, float[] embedding) {
        int best = -1;
        double highest = -2;
        for (int label = 0; label < means.length; label++) {
            double dot = 0;
            double square = 0;
            for (int d = 0; d < embedding.length; d++) {
                dot += means[label][d] * embedding[d];
                square += means[label][d] * means[label][d];
            }
            if (dot / Math.sqrt(square) > highest) {
                highest = dot / Math.sqrt(square);
                best = label;
            }
        }
        return best;
    }

    @Test
    void theBoundsRecallNothingAndRememberEverything() throws Exception {
        JsonNode naive = measure(SMALL.replace(" --recall 6", "") + " --recipe naive", "");
        assertThat(naive.get("recipe").asText()).isEqualTo("naive");
        assertThat(naive.get("recall").asInt()).isZero();
        assertThat(naive.get("memory").asInt()).isEqualTo(18);
        assertThat(naive.get("stages").asInt()).isEqualTo(3);

        JsonNode joint =
                measure(" --width 2 --size 8 --threads 1 --classes 6 --recall 6", " --recipe joint --passes 2");
        assertThat(joint.get("recipe").asText()).isEqualTo("joint");
        assertThat(joint.get("stages").asInt()).isEqualTo(1);
        assertThat(joint.get("memory").asInt()).isEqualTo(6 * 16);
        assertThat(joint.get("train_images").asInt()).isEqualTo(2 * 6 * 16);
        assertThat(joint.get("forward_transfer").isNull()).isTrue();
    }

    @Test
    void theTestsAreACsvFileAndScalarsOfTensorBoard() throws Exception {
        Path csv = folder.resolve("figures.csv");
        JsonNode json = measure(" --csv " + csv + " --tensorboard " + folder.resolve("board"));

        List<String> lines = Files.readAllLines(csv);
        assertThat(lines).hasSize(1 + 3);
        assertThat(lines.get(0)).startsWith("part,images,accuracy,top_k_accuracy,loss,");
        assertThat(lines.get(3))
                .startsWith("3,60," + json.get("end_accuracy") + "," + json.get("end_top_k_accuracy") + ","
                        + json.get("loss").get(2) + ",");
        assertThat(lines).allMatch(line -> line.split(",", -1).length == 2 + 7 + 3);
        assertThat(folder.resolve("board")).isDirectoryContaining("glob:**events.out.tfevents.*");
    }

    @Test
    void stagesCanBeTestedTogether() throws Exception {
        JsonNode json = measure(" --stages 6 --test-every 4 --test-images 5");

        assertThat(json.get("stages").asInt()).isEqualTo(6);
        assertThat(json.get("test_images").toString()).isEqualTo("[20,10]");
        assertThat(json.get("part_images").toString()).isEqualTo("[40,20]");
        assertThat(json.get("accuracy_matrix")).extracting(JsonNode::size).containsExactly(1, 2);
        assertThat(out.toString()).contains("stages 1 to 4 of 6: 40 images", "stages 5 to 6 of 6: 20 images");
    }

    @Test
    void aFileOfOptionsWinsOverTheRecipeAndOptionsHereWinOverBoth() throws Exception {
        Path config = Files.write(
                folder.resolve("job.yaml"),
                List.of("loss.temperature: 0.2", "learner: {recall-size: 5, replay.capacity: 9}", "encoder.width: 3"));

        JsonNode json = measure(" --recipe scr --config " + config);

        assertThat(json.get("recipe").asText()).isEqualTo("scr");
        assertThat(json.get("reservoir").asText()).isEqualTo("uniform");
        assertThat(json.get("temperature").asDouble()).isEqualTo(0.2);
        assertThat(json.get("memory").asInt()).isEqualTo(18);
        assertThat(json.get("width").asInt()).isEqualTo(2);
        assertThat(run(" --images folder:" + colours + " --classes 6 --config " + config + " --recall 10"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("learner.replay.capacity is 9, but must be at least --recall, which is 10");
    }

    @Test
    void theFiguresAreDrawnAndMadeATableRowAndTheStreamIsToldToOthers() throws Exception {
        Path plot = folder.resolve("plot.svg");
        Path stream = folder.resolve("stream.tsv");
        measure(" --markdown --plot " + plot + " --stream " + stream);

        Element svg = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(plot.toFile())
                .getDocumentElement();
        assertThat(svg.getElementsByTagName("circle").getLength())
                .as("three stages and one window of the stream")
                .isEqualTo(3 + 1);
        assertThat(out.toString()).containsPattern("\\| `mini` \\| `contrastream` \\| 1 \\| [0-9.]+% \\|");
        assertThat(Files.readAllLines(stream))
                .hasSize(60)
                .allMatch(line -> line.matches("[012]\t[a-z]+\t[a-z]+/\\d\\d\\.png"));
    }

    @Test
    void aRunGoesOnFromItsStateButNotFromThatOfAnother() throws Exception {
        Path state = folder.resolve("run.state");
        JsonNode one = measure(" --resume " + state);
        JsonNode again = measure(" --resume " + state);

        assertThat(again.get("accuracy_matrix")).isEqualTo(one.get("accuracy_matrix"));
        assertThat(again.get("train_seconds")).as("not learned again").isEqualTo(one.get("train_seconds"));
        assertThat(run(" --images folder:" + colours + SMALL + " --recall 5 --recipe scr --resume " + state))
                .isEqualTo(2);
        assertThat(err.toString())
                .contains("the state is of another run: --architecture is resnet18 there, but resnet18-slim here; "
                        + "--recall is 6 there, but 5 here; ")
                .contains("; learner.replay.reservoir is class-balanced there, but uniform here;");
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
                .hasSize(5 + 3 + 6)
                .anyMatch(line -> line.startsWith("6 classes of folder:") && line.endsWith("10 images a class"))
                .anyMatch(
                        line -> line.matches("stage 3 of 3: 20 images in [0-9.]+ s, loss [0-9.]+; accuracy [0-9.]+% on "
                                + "6 classes: [0-9.]+ [0-9.]+ [0-9.]+"))
                .anyMatch(line -> line.matches("end accuracy [0-9.]+%, average over stages [0-9.]+%, forgetting "
                        + "-?[0-9.]+%, backward transfer -?[0-9.]+%, forward transfer -?[0-9.]+%"));
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
            --plot /                  | --plot /: cannot be written
            --test-images 20          | has 20 images, but needs at least 21: to learn from and to test with
            --test-every 7            | --test-every is 7, but must be a whole number from 1 to 5
            --recipe soup             | Invalid value for option '--recipe'
            --recipe soup             | contrastream, contrastream-max, scr, naive, joint
            --zipf -1                 | --zipf is -1.0, but must be a number from 0 to 10
            --blur 1.5                | --blur is 1.5, but must be a number from 0 to 1
            --returning 1             | --returning is 1.0, but must be a number from 0 to 0.9
            --label-noise NaN         | --label-noise is NaN, but must be a number from 0 to 0.9
            --passes 0                | --passes is 0, but must be a whole number from 1
            --csv /                   | --csv /: cannot be written
            --config missing.yaml     | --config missing.yaml: there is no such file
            --resume a --resume-every 0 | --resume-every is 0, but must be at least 1
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
