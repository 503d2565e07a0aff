package io.contrastream.cli.demo;

import io.contrastream.operators.decode.RejectReason;
import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.LearningReport;
import io.contrastream.schemas.RejectedRecord;
import io.contrastream.schemas.SingleObject;
import io.contrastream.schemas.WireFormatException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;

/** Counts what the jobs publish. Not thread-safe. */
final class Tally {

    private final Map<String, String> learned = new HashMap<>();
    private final Set<String> labels = new HashSet<>();
    private final TreeMap<String, Long> rejections = new TreeMap<>();
    private final List<LearningReport> reports = new ArrayList<>();
    private final Set<Long> releases = new HashSet<>();
    private final Answers answers;
    private final String queries;
    private long queriesRejected;
    private long relabelled;
    private long embeddings;
    private long prototypes;

    /**
     * Nothing yet.
     *
     * @param answers receives the embeddings of queries
     * @param queries topic of the queries: their rejections are counted apart
     */
    Tally(Answers answers, String queries) {
        this.answers = answers;
        this.queries = queries;
    }

    /**
     * Takes a record of any output topic. A tombstone, by which a label loses its prototype, is not counted.
     *
     * @throws DemoException if it cannot be read
     */
    void add(String topic, byte[] value) {
        if (value == null) {
            return;
        }
        SpecificRecord record;
        try {
            record = SingleObject.decode(value);
        } catch (WireFormatException e) {
            throw new DemoException(
                    "the job wrote a record to '" + topic + "' that cannot be read: " + e.getMessage(), e);
        }
        if (record instanceof Embedding embedding) {
            embeddings++;
            if (embedding.getOrigin() == EmbeddingOrigin.LEARNED) {
                String before = learned.put(embedding.getId(), embedding.getLabel());
                if (before != null && !before.equals(embedding.getLabel())) {
                    relabelled++;
                }
            } else if (embedding.getOrigin() == EmbeddingOrigin.QUERIED) {
                answers.answered(embedding);
            }
        } else if (record instanceof ClassPrototype prototype) {
            prototypes++;
            labels.add(prototype.getLabel());
        } else if (record instanceof LearningReport report) {
            reports.add(report);
        } else if (record instanceof EncoderRelease release) {
            releases.add(release.getEncoderVersion());
        } else if (record instanceof RejectedRecord rejected) {
            if (rejected.getTopic().equals(queries)) {
                queriesRejected++;
                return;
            }
            rejections.merge(rejected.getReason() + ": " + rejected.getMessage(), 1L, Long::sum);
        } else {
            throw new DemoException("the job wrote a " + record.getSchema().getName() + " to '" + topic
                    + "', which is none of its records");
        }
    }

    long learned() {
        return learned.size();
    }

    /** Images that were learned under another label than before. */
    long relabelled() {
        return relabelled;
    }

    /** Images that were rejected because no label came in time. */
    long expired() {
        return rejections.entrySet().stream()
                .filter(rejection -> rejection.getKey().startsWith(RejectReason.IMAGE_WITHOUT_LABEL + ":"))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    long embeddings() {
        return embeddings;
    }

    long prototypes() {
        return prototypes;
    }

    int labels() {
        return labels.size();
    }

    /** Different versions that were announced. */
    int releases() {
        return releases.size();
    }

    /** Queries that the embedding job has rejected. */
    long queriesRejected() {
        return queriesRejected;
    }

    /** Images to learn from that the learning job has rejected. */
    long rejected() {
        return rejections.values().stream().mapToLong(Long::longValue).sum();
    }

    long reports() {
        return reports.size();
    }

    /** The newest report. */
    Optional<LearningReport> report() {
        return reports.isEmpty() ? Optional.empty() : Optional.of(reports.get(reports.size() - 1));
    }

    /** The loss of the newest report that has one. */
    OptionalDouble loss() {
        for (int i = reports.size() - 1; i >= 0; i--) {
            if (reports.get(i).getLoss() != null) {
                return OptionalDouble.of(reports.get(i).getLoss());
            }
        }
        return OptionalDouble.empty();
    }

    /**
     * Mean loss over the optimiser steps with which the first images were learned: of the reports up to the first that has seen
     * as many.
     */
    Double firstLoss(long images) {
        int end = 0;
        while (end < reports.size() && (end == 0 || reports.get(end - 1).getImagesSeen() < images)) {
            end++;
        }
        return meanLoss(0, end);
    }

    /** Mean loss over the optimiser steps with which the last images were learned. */
    Double lastLoss(long images) {
        long before = report().map(LearningReport::getImagesSeen).orElse(0L) - images;
        int start = 0;
        while (start < reports.size() && reports.get(start).getImagesSeen() <= before) {
            start++;
        }
        return meanLoss(start, reports.size());
    }

    private Double meanLoss(int from, int to) {
        double sum = 0;
        long steps = 0;
        for (int i = from; i < to; i++) {
            LearningReport report = reports.get(i);
            if (report.getLoss() != null) {
                long taken = report.getEncoderVersion()
                        - (i == 0 ? 0 : reports.get(i - 1).getEncoderVersion());
                sum += report.getLoss() * taken;
                steps += taken;
            }
        }
        return steps == 0 ? null : Double.valueOf(sum / steps);
    }

    /** Reason and message of the most frequent rejection. */
    Optional<String> commonestRejection() {
        return rejections.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(entry -> entry.getValue() + " times " + entry.getKey());
    }
}
