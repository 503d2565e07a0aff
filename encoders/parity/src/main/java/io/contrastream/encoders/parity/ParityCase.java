package io.contrastream.encoders.parity;

import io.contrastream.learning.encoder.LearningRateSchedule;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.encoder.OptimizerOptions.Kind;
import io.contrastream.learning.encoder.TrainingOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.network.Architecture;
import io.contrastream.learning.network.EncoderSpec;
import io.contrastream.learning.network.Normalization;
import io.contrastream.learning.network.Stem;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Settings and golden values of one network, as {@code parity.py} wrote them: the only place where the settings are. */
final class ParityCase {

    /** The files: every architecture in its usual width, and both stems. */
    static final List<String> NAMES = List.of(
            "resnet18-slim-cifar", "resnet18-slim-imagenet", "resnet18-cifar", "resnet34-imagenet", "resnet50-cifar");

    private final Map<String, String> settings = new LinkedHashMap<>();
    private final Map<String, Map<String, double[]>> values = new LinkedHashMap<>();

    private ParityCase() {}

    static ParityCase of(String name) throws IOException {
        ParityCase golden = new ParityCase();
        try (InputStream in = ParityCase.class.getResourceAsStream(name + ".csv");
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            reader.lines().filter(line -> !line.startsWith("#")).forEach(golden::add);
        }
        return golden;
    }

    private void add(String line) {
        String[] cells = line.split(",", -1);
        switch (cells[0]) {
            case "setting" -> settings.put(cells[1], cells[2]);
            case "own" -> {} // for who reads the file
            default ->
                values.computeIfAbsent(cells[0], kind -> new LinkedHashMap<>())
                        .put(
                                cells[1],
                                Arrays.stream(cells, 2, cells.length)
                                        .mapToDouble(Double::parseDouble)
                                        .toArray());
        }
    }

    /** The numbers of a kind of value, by the name of the array. */
    Map<String, double[]> values(String kind) {
        return values.get(kind);
    }

    EncoderSpec spec() {
        return new EncoderSpec(
                Architecture.of(settings.get("architecture")),
                Stem.of(settings.get("stem")),
                integer("width"),
                new ImageShape(3, integer("side"), integer("side")),
                integer("projection"),
                Normalization.CIFAR100);
    }

    TrainingOptions training(Kind kind) {
        LearningRateSchedule schedule = new LearningRateSchedule(
                integer("warmup-steps"),
                LearningRateSchedule.Decay.COSINE,
                integer("decay-steps"),
                number("final-fraction"));
        OptimizerOptions optimizer = new OptimizerOptions(
                kind,
                number(kind + ".learning-rate"),
                schedule,
                number("sgd.momentum"),
                0.9,
                0.999,
                1e-8,
                number(kind + ".weight-decay"));
        return new TrainingOptions(optimizer, number("temperature"));
    }

    int integer(String setting) {
        return Integer.parseInt(settings.get(setting));
    }

    double number(String setting) {
        return Double.parseDouble(settings.get(setting));
    }
}
