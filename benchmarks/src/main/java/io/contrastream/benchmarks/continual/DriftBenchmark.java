package io.contrastream.benchmarks.continual;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.contrastream.learning.drift.EmbeddingDrift;
import io.contrastream.learning.drift.ErrorDrift;
import io.contrastream.learning.learner.Example;
import io.contrastream.learning.learner.Learner;
import io.contrastream.learning.learner.LearnerFigures;
import io.contrastream.learning.learner.MiniBatchResult;
import io.contrastream.learning.learner.MiniBatchResult.Learned;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lets a learner learn a stream with a change in it, and notes what its detectors find.
 *
 * @param labels of the stream
 * @param batchSize images of a mini-batch
 */
record DriftBenchmark(List<String> labels, int batchSize) {

    ObjectNode run(Learner learner, List<Example> stream, PlantedDrift planted, ObjectNode json) {
        List<Long> rises = new ArrayList<>();
        List<Long> moves = new ArrayList<>();
        StringBuilder errors = new StringBuilder();
        List<Long> changes = new ArrayList<>();
        ArrayNode distances = json.putArray("distances");
        for (int from = 0; from + batchSize <= stream.size(); from += batchSize) {
            LearnerFigures before = learner.figures();
            List<Example> batch = new ArrayList<>();
            for (int i = from; i < from + batchSize; i++) {
                batch.add(planted.at(i, stream.get(i), labels));
            }
            MiniBatchResult result = learner.learn(batch);
            for (Learned learned : result.learned()) {
                errors.append(learned.example().label().equals(learned.predictedLabel()) ? '0' : '1');
            }
            LearnerFigures after = learner.figures();
            Optional<ErrorDrift.Change> change = after.errorChange();
            if (!change.equals(before.errorChange())) {
                changes.add(change.orElseThrow().images());
                if (after.errorRises() > before.errorRises()) {
                    rises.add(change.orElseThrow().images());
                }
            }
            Optional<EmbeddingDrift.Change> move = after.embeddingChange();
            if (!move.equals(before.embeddingChange())) {
                moves.add(move.orElseThrow().images());
            }
            if (Double.compare(after.embeddingDistance(), before.embeddingDistance()) != 0) {
                distances.addArray().add(from + batchSize).add(after.embeddingDistance());
            }
        }
        json.put("course", planted.course().toString())
                .put("change", planted.change().toString())
                .put("images", stream.size());
        planted.onsets().forEach(json.putArray("onsets")::add);
        DriftFound found = new DriftFound(rises, planted.onsets(), stream.size());
        json.put("quiet_images", found.quiet());
        found.putInto(json, "error_");
        new DriftFound(moves, planted.onsets(), stream.size()).putInto(json, "embedding_");
        json.put("accuracy", learner.figures().prequentialAccuracy());
        changes.forEach(json.putArray("error_changes")::add);
        return json.put("errors", errors.toString());
    }
}
