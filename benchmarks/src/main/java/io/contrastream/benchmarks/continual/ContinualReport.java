package io.contrastream.benchmarks.continual;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.contrastream.benchmarks.continual.ContinualProgress.Part;
import io.contrastream.benchmarks.encoder.EncoderReport;
import io.contrastream.learning.learner.LearnerOptions;
import io.contrastream.operators.learn.option.LearnOptions;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Measurements of continual learning, with machine and settings, as a JSON object. Other programs rely on the keys;
 * {@code benchmarks/peers/continual.py} has the same.
 */
final class ContinualReport {

    /** Keys of what decides about the figures beside a job's options, and what a person calls it. */
    private static final Map<String, String> IDENTITY = Map.ofEntries(
            Map.entry("engine", "the engine"),
            Map.entry("threads", "--threads"),
            Map.entry("images", "--images"),
            Map.entry("class_order", "the order of classes"),
            Map.entry("images_per_class", "--images-per-class"),
            Map.entry("test_images_per_class", "--test-images"),
            Map.entry("test_every", "--test-every"),
            Map.entry("passes", "--passes"));

    /** Keys of how the stream is shaped, each named as its option is. */
    private static final Map<String, ToDoubleFunction<StreamShape>> SHAPE = new TreeMap<>(Map.of(
            "zipf", StreamShape::zipf,
            "blur", StreamShape::blur,
            "returning", StreamShape::returning,
            "label_noise", StreamShape::labelNoise));

    /** Options of a job on which no figure depends, or that are told otherwise. */
    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "augment.threads",
            "encoder.engine",
            "encoder.memory-limit",
            "encoder.threads",
            "learner.flush-interval",
            "learner.report-interval",
            "model.name",
            "model.recipe");

    private final ObjectNode json;

    /**
     * Says what is about to be measured.
     *
     * @param encoder where it runs and what network it is
     * @param device that was found, where the options leave it open
     */
    ContinualReport(EncoderReport encoder, String device, StageChoice choice, ClassStages stages, LearnOptions learn) {
        LearnerOptions learner = learn.learner();
        json = encoder.node();
        json.put("device", device);
        json.put("learning_rate", learn.training().optimizer().learningRate());
        json.put("temperature", learn.training().temperature());
        json.put("recall", learner.replay().recallSize());
        json.put("memory", learner.replay().capacity());
        json.put("reservoir", learner.replay().reservoir().toString());
        json.put("steps_per_batch", learner.steps().perBatch());
        json.put("first_view_plain", learner.augment().firstViewPlain());
        json.put("images", choice.source());
        json.put("protocol", choice.protocol().toString());
        json.put("classes", stages.order().size());
        json.put("stages", stages.classes().size());
        json.put("test_every", stages.testEvery());
        json.put("images_per_class", stages.imagesPerClass());
        json.put("test_images_per_class", choice.testImages());
        json.put("passes", choice.passes());
        SHAPE.forEach((key, value) -> json.put(key, value.applyAsDouble(choice.shape())));
        json.put("seed", learner.seed());
        ArrayNode order = json.putArray("class_order");
        stages.classes().forEach(stage -> stage.forEach(order.addArray()::add));
        json.put("prequential_window", learner.accuracyWindow());
    }

    /** Adds a job's options, all that have a value. */
    ContinualReport with(Map<String, String> options) {
        json.put("recipe", options.get("model.recipe"));
        ObjectNode all = json.putObject("options");
        options.forEach(all::put);
        return this;
    }

    /** All that the figures depend on, except times and memory. */
    SortedMap<String, String> identity() {
        SortedMap<String, String> identity = new TreeMap<>();
        IDENTITY.forEach((key, name) -> identity.put(name, json.get(key).toString()));
        SHAPE.keySet()
                .forEach(key ->
                        identity.put("--" + key.replace('_', '-'), json.get(key).toString()));
        json.get("options").properties().stream()
                .filter(option -> !WITHOUT_EFFECT.contains(option.getKey()))
                .forEach(option -> identity.put(
                        LearningChoice.name(option.getKey()), option.getValue().asText()));
        return identity;
    }

    /**
     * Adds what was measured.
     *
     * @param peakResidentBytes 0 if unknown
     * @param peakDeviceBytes memory of the device, where the engine tells
     */
    void measured(ContinualFigures figures, long peakResidentBytes, OptionalLong peakDeviceBytes) {
        json.put("train_images", figures.trainImages());
        json.put("images_per_second", figures.imagesPerSecond());
        ArrayNode images = json.putArray("part_images");
        ArrayNode losses = json.putArray("loss");
        ArrayNode seconds = json.putArray("train_seconds");
        ArrayNode cpuSeconds = json.putArray("cpu_seconds");
        figures.parts().forEach(part -> {
            images.add(part.images());
            losses.add(part.loss());
            seconds.add(part.nanos() / 1e9);
            cpuSeconds.add(part.cpuNanos() == 0 ? null : (Double) (part.cpuNanos() / 1e9));
        });
        put("cpu_ms_per_image", figures.cpuMillisPerImage());
        put(figures.accuracy());
        putOther(figures);
        put(figures.parts());
        put(figures);
        json.put("peak_rss_bytes", peakResidentBytes == 0 ? null : (Long) peakResidentBytes);
        json.put("peak_device_bytes", peakDeviceBytes.isPresent() ? (Long) peakDeviceBytes.getAsLong() : null);
    }

    private void put(AccuracyMatrix accuracy) {
        accuracy.images().forEach(json.putArray("test_images")::add);
        ArrayNode matrix = json.putArray("accuracy_matrix");
        ArrayNode seen = json.putArray("accuracy");
        for (int after = 0; after < accuracy.stages(); after++) {
            ArrayNode row = matrix.addArray();
            for (int of = 0; of <= after; of++) {
                row.add(accuracy.accuracy(after, of));
            }
            seen.add(accuracy.accuracy(after));
        }
        json.put("end_accuracy", accuracy.end());
        json.put("average_accuracy", accuracy.average());
        put("forgetting", accuracy.forgetting());
        put("backward_transfer", accuracy.backwardTransfer());
    }

    /** Figures of the tests beyond accuracy. */
    private void putOther(ContinualFigures figures) {
        json.put("top_k", ContinualBenchmark.NEARLY);
        ArrayNode nearly = json.putArray("top_k_accuracy");
        IntStream.range(0, figures.parts().size()).forEach(part -> nearly.add(figures.nearlyAccuracy(part)));
        json.put("end_top_k_accuracy", nearly.get(nearly.size() - 1).asDouble());
        put("forward_transfer", figures.forwardTransfer());
        ArrayNode confusion = json.putArray("confusion_matrix");
        figures.progress().confusion().forEach(said -> said.forEach(confusion.addArray()::add));
    }

    /** The embedding space between every two tests. */
    private void put(List<Part> parts) {
        ArrayNode cosine = json.putArray("embedding_cosine");
        ArrayNode overlap = json.putArray("neighbour_overlap");
        parts.stream().map(Part::shift).skip(1).forEach(shift -> {
            cosine.add(shift == null ? null : (Double) shift.cosine());
            overlap.add(shift == null ? null : (Double) shift.neighbourOverlap());
        });
    }

    /** As a stream without stages. */
    private void put(ContinualFigures figures) {
        Prequential prequential = figures.prequential();
        put("prequential_accuracy", prequential.accuracy());
        ArrayNode windows = json.putArray("prequential");
        prequential.windows(json.get("prequential_window").asInt()).forEach(windows::add);
        put("images_until_recognised", figures.medianImagesUntilRecognised());
        ArrayNode classes = json.putArray("per_class");
        List<String> order = figures.stages().order();
        IntStream.range(0, order.size()).forEach(label -> {
            OptionalDouble own = prequential.accuracy(label);
            OptionalInt until = figures.imagesUntilRecognised(label);
            classes.addObject()
                    .put("label", order.get(label))
                    .put("prequential_accuracy", own.isPresent() ? (Double) own.getAsDouble() : null)
                    .put("end_accuracy", figures.endAccuracy(label))
                    .put("images_until_recognised", until.isPresent() ? (Integer) until.getAsInt() : null);
        });
    }

    private void put(String key, OptionalDouble value) {
        json.put(key, value.isPresent() ? (Double) value.getAsDouble() : null);
    }

    /** The report so far; not to be changed. */
    ObjectNode node() {
        return json;
    }

    String json() {
        return json.toPrettyString();
    }
}
