package io.contrastream.dashboard.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.LearningReport;
import io.contrastream.schemas.RejectedRecord;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;

/**
 * All that a page shows. Records come in, in the order of their topics; out go the changes since they were told of last, and the whole for
 * a page that has just been opened.
 *
 * <p>Thread-safe.
 */
public final class Board {

    private static final int NEWEST = 24;
    private static final int NEIGHBOURS = 12;
    private static final int NEAREST_CLASSES = 5;
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Labels labels = new Labels();
    private final Classes classes = new Classes();
    private final Curve curve = new Curve();
    private final Marks marks = new Marks();
    private final Rejections rejections = new Rejections();
    private final Releases releases = new Releases();
    private final Points points;
    private final SpaceMap map;
    private final Optional<String> model;

    private LearningReport newest;
    private int labelsTold;
    private Lag lag = Lag.UNKNOWN;
    private boolean lagKnown;
    private String problem = "";
    private long unreadable;

    /**
     * An empty one.
     *
     * @param mostPoints images whose embeddings are shown, from 1 to 60,000
     * @param model whose reports and releases are shown; empty for those of any
     */
    public Board(int mostPoints, Optional<String> model) {
        if (mostPoints < 1 || mostPoints > 60_000) {
            throw new IllegalArgumentException("points must be from 1 to 60000, but is " + mostPoints);
        }
        this.points = new Points(mostPoints, labels);
        this.map = new SpaceMap(points, classes);
        this.model = model;
    }

    /** Takes a record of any output topic; others are passed over. */
    public synchronized void take(SpecificRecord record) {
        if (record instanceof Embedding embedding) {
            embedding(embedding);
        } else if (record instanceof ClassPrototype prototype) {
            classes.prototype(labels.number(prototype.getLabel()), prototype);
        } else if (record instanceof LearningReport report) {
            report(report);
        } else if (record instanceof EncoderRelease release) {
            release(release);
        } else if (record instanceof RejectedRecord rejected) {
            rejections.add(rejected);
        }
    }

    private void embedding(Embedding embedding) {
        if (embedding.getOrigin() == EmbeddingOrigin.LEARNED && embedding.getLabel() != null) {
            int known = labels.size();
            int label = labels.number(embedding.getLabel());
            if (label >= known) {
                marks.arrived(embedding.getLabel(), embedding.getEmbeddedAt().toEpochMilli());
            }
            classes.predicted(
                    label,
                    embedding.getLabel().equals(embedding.getNearestLabel()),
                    embedding.getEmbeddedAt().toEpochMilli());
        }
        points.add(embedding);
    }

    private void report(LearningReport report) {
        if (isOther(report.getModel())) {
            return;
        }
        if (report.getReleaseRefused() != null
                && (newest == null || !report.getReleaseRefused().equals(newest.getReleaseRefused()))) {
            releases.refused(
                    report.getReportedAt().toEpochMilli(),
                    report.getModel(),
                    report.getEncoderVersion(),
                    report.getReleaseRefused());
        }
        marks.reported(report);
        curve.add(report);
        newest = report;
    }

    private void release(EncoderRelease release) {
        if (isOther(release.getModel())) {
            return;
        }
        releases.announced(release);
        marks.add(new Mark(
                Mark.Kind.RELEASE,
                release.getReleasedAt().toEpochMilli(),
                newest == null ? 0 : newest.getImagesSeen(),
                String.format(Locale.ROOT, "version %,d", release.getEncoderVersion())));
    }

    private boolean isOther(String name) {
        return model.isPresent() && !model.get().equals(name);
    }

    /** An image's embedding is to be forgotten. */
    public synchronized void forgetImage(String id) {
        points.remove(id);
    }

    /** A class has no prototype any more. */
    public synchronized void forgetPrototype(String label) {
        classes.prototype(labels.number(label), null);
    }

    /** A record could not be read. */
    public synchronized void unreadable() {
        unreadable++;
    }

    /**
     * Takes what Kafka says of the jobs now.
     *
     * @param atMillis when it said so
     */
    public synchronized void lag(Lag now, long atMillis) {
        if (lagKnown && !now.learners().equals(lag.learners())) {
            String text;
            if (now.learners().isEmpty()) {
                text = "the learner has stopped";
            } else {
                text = "a learner is at work: " + String.join(", ", now.learners());
            }
            marks.add(new Mark(Mark.Kind.RESTART, atMillis, newest == null ? 0 : newest.getImagesSeen(), text));
        }
        lag = now;
        lagKnown = true;
    }

    /** Why nothing can be read at present, for people; empty if all is well. */
    public synchronized void problem(String text) {
        problem = text;
    }

    /** All that there is, for a page that has just been opened. What has changed is told of again by the next {@link #changes()}. */
    public synchronized ObjectNode all() {
        ObjectNode all = status();
        map.look();
        all.put("whole", true);
        names(all, 0);
        curve(all, 0);
        all.set("marks", marks.rows());
        all.set("classes", classes.rows());
        all.set("map", map.all());
        all.set("rejections", rejections.all());
        all.set("releases", releases.rows());
        all.set("newest", newestImages());
        return all;
    }

    /** The changes since the last call, as JSON of the page. */
    public synchronized ObjectNode changes() {
        ObjectNode changes = status();
        map.look();
        names(changes, labelsTold);
        labelsTold = labels.size();
        curve(changes, curve.told());
        curve.markTold();
        if (marks.changed()) {
            changes.set("marks", marks.rows());
            marks.markTold();
        }
        if (!points.changed().isEmpty()) {
            changes.set("classes", classes.rows());
            changes.set("newest", newestImages());
            changes.set("map", map.changes());
            map.markTold();
        }
        if (rejections.changed()) {
            changes.set("rejections", rejections.all());
            rejections.markTold();
        }
        if (releases.changed()) {
            changes.set("releases", releases.rows());
            releases.markTold();
        }
        return changes;
    }

    private void names(ObjectNode to, int from) {
        to.putObject("labels").put("from", from).set("names", labels.names(from));
    }

    private void curve(ObjectNode to, int from) {
        to.putObject("curve").put("from", from).set("rows", curve.rows(from));
    }

    private ObjectNode status() {
        ObjectNode status = JSON.objectNode();
        status.put("problem", problem).put("unreadable", unreadable);
        lag.imagesWaiting().ifPresent(waiting -> status.put("imagesWaiting", waiting));
        lag.queriesWaiting().ifPresent(waiting -> status.put("queriesWaiting", waiting));
        ArrayNode learners = status.putArray("learners");
        lag.learners().forEach(learners::add);
        if (newest != null) {
            status.putObject("report")
                    .put("at", newest.getReportedAt().toEpochMilli())
                    .put("model", newest.getModel())
                    .put("version", newest.getEncoderVersion())
                    .put("images", newest.getImagesSeen())
                    .put("classes", newest.getClasses())
                    .put("window", newest.getWindowAccuracy())
                    .put("windowSize", newest.getWindowSize())
                    .put("all", newest.getPrequentialAccuracy())
                    .put("loss", newest.getLoss())
                    .put("rate", newest.getImagesPerSecond())
                    .put("memory", newest.getReplaySize())
                    .put("memoryCapacity", newest.getReplayCapacity())
                    .put("skipped", newest.getSkippedSteps())
                    .put("forgotten", newest.getImagesForgotten())
                    .put("cosine", newest.getShiftCosine())
                    .put("overlap", newest.getShiftNeighbourOverlap());
        }
        return status;
    }

    private ArrayNode newestImages() {
        ArrayNode rows = JSON.arrayNode();
        points.newest(NEWEST).forEach(slot -> rows.add(brief(slot)));
        return rows;
    }

    private ObjectNode brief(int slot) {
        Points.Point point = points.at(slot);
        Points.Said said = point.newest();
        return JSON.objectNode()
                .put("slot", slot)
                .put("id", point.id())
                .put("label", said.label())
                .put("nearest", said.nearest())
                .put("origin", said.origin().name().toLowerCase(Locale.ROOT));
    }

    /** All about the image in a slot: its history, its neighbours, the nearest classes; empty if there is none. */
    public synchronized Optional<ObjectNode> image(int slot) {
        Points.Point point = points.at(slot);
        if (point == null) {
            return Optional.empty();
        }
        ObjectNode image = brief(slot);
        ArrayNode history = image.putArray("history");
        for (Points.Said said : point.history()) {
            history.addObject()
                    .put("at", said.atMillis())
                    .put("version", said.version())
                    .put("origin", said.origin().name().toLowerCase(Locale.ROOT))
                    .put("label", said.label())
                    .put("nearest", said.nearest())
                    .put("similarity", said.similarity())
                    .put("unknown", said.unknown());
        }
        ArrayNode neighbours = image.putArray("neighbours");
        points.nearest(slot, NEIGHBOURS)
                .forEach(
                        neighbour -> neighbours.add(brief(neighbour.slot()).put("similarity", neighbour.similarity())));
        ArrayNode nearest = image.putArray("classes");
        classes.prototypes(points.dimension()).entrySet().stream()
                .map(entry -> Map.entry(
                        entry.getKey(),
                        Points.dot(point.vector(), floats(entry.getValue().getVector()))))
                .sorted(Map.Entry.<Integer, Double>comparingByValue().reversed())
                .limit(NEAREST_CLASSES)
                .forEach(entry -> nearest.addObject()
                        .put("label", labels.name(entry.getKey()))
                        .put("similarity", entry.getValue()));
        return Optional.of(image);
    }

    /** The slot of an image; −1 if it is not among the newest embeddings. */
    public synchronized int slot(String id) {
        return points.slot(id);
    }

    /** The image in a slot; empty if there is none. */
    public synchronized Optional<String> id(int slot) {
        return Optional.ofNullable(points.at(slot)).map(Points.Point::id);
    }

    private static float[] floats(List<Float> values) {
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i);
        }
        return floats;
    }
}
