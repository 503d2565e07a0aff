package io.contrastream.dashboard.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.contrastream.schemas.LearningReport;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/**
 * Events of the learner, the newest {@value #MOST} events of it: classes, releases, drift, shifts of the space, restarts. Not thread-safe.
 */
final class Marks {

    static final int MOST = 400;

    /** Share of neighbours kept at a re-encoding of memory below which the space has shifted, and above which it has come to rest. */
    static final double SHIFTED = 0.5;

    private static final double AT_REST = 0.6;

    private static final int MOST_ARRIVALS = 1000;
    private static final int NAMED = 4;

    private final Deque<Mark> marks = new ArrayDeque<>();
    private final Deque<Arrival> arrivals = new ArrayDeque<>();
    private LearningReport last;
    private boolean shifting;
    private boolean changed;

    private record Arrival(String label, long atMillis) {}

    /** The first image of a class that was seen here. Its report follows. */
    void arrived(String label, long atMillis) {
        if (arrivals.size() == MOST_ARRIVALS) {
            arrivals.removeFirst();
        }
        arrivals.addLast(new Arrival(label, atMillis));
    }

    /** Tells what is new in a report. */
    void reported(LearningReport report) {
        long at = report.getReportedAt().toEpochMilli();
        if (last == null || !last.getModel().equals(report.getModel())) {
            shifting = false;
        } else if (report.getEncoderVersion() < last.getEncoderVersion()
                || report.getImagesSeen() < last.getImagesSeen()) {
            add(Mark.Kind.RESTART, report, restart(report));
            shifting = false;
        }
        int before = last == null || report.getClasses() < last.getClasses() ? 0 : last.getClasses();
        if (report.getClasses() > before && (last == null || report.getClasses() > last.getClasses())) {
            add(Mark.Kind.CLASS, report, classes(report.getClasses() - before, at));
        }
        drift(report);
        move(report);
        shift(report);
        if (report.getReleaseRefused() != null
                && (last == null || !report.getReleaseRefused().equals(last.getReleaseRefused()))) {
            add(Mark.Kind.REFUSED, report, report.getReleaseRefused());
        }
        last = report;
    }

    private String restart(LearningReport report) {
        return report.getImagesSeen() < last.getImagesSeen()
                ? String.format(
                        Locale.ROOT,
                        "restarted at image %,d; it had seen %,d",
                        report.getImagesSeen(),
                        last.getImagesSeen())
                : String.format(
                        Locale.ROOT,
                        "restarted at version %,d; it had been at %,d",
                        report.getEncoderVersion(),
                        last.getEncoderVersion());
    }

    /** The names of classes, of those that were seen before the report; the number of the others. */
    private String classes(int count, long atMillis) {
        List<String> names = new ArrayList<>();
        Iterator<Arrival> waiting = arrivals.iterator();
        while (waiting.hasNext()) {
            Arrival arrival = waiting.next();
            if (arrival.atMillis <= atMillis) {
                waiting.remove();
                names.add(arrival.label);
            }
        }
        if (names.size() != count) {
            return count == 1 ? "1 new class" : count + " new classes";
        }
        String text = String.join(", ", names.subList(0, Math.min(NAMED, names.size())));
        return names.size() > NAMED ? text + " and " + (names.size() - NAMED) + " more" : text;
    }

    /** Errors that fall are what learning is for. */
    private void drift(LearningReport report) {
        boolean isNew = last == null
                ? report.getErrorRises() > 0
                : report.getErrorRises() > last.getErrorRises()
                        && report.getModel().equals(last.getModel());
        if (isNew && report.getErrorAfter() != null && report.getErrorAfter() > report.getErrorBefore()) {
            add(new Mark(
                    Mark.Kind.DRIFT,
                    report.getReportedAt().toEpochMilli(),
                    report.getErrorChangeImages(),
                    String.format(
                            Locale.ROOT,
                            "wrong predictions rose from %.0f%% to %.0f%%",
                            100 * report.getErrorBefore(),
                            100 * report.getErrorAfter())));
        }
    }

    private void move(LearningReport report) {
        boolean isNew = last == null
                ? report.getEmbeddingChanges() > 0
                : report.getEmbeddingChanges() > last.getEmbeddingChanges()
                        && report.getModel().equals(last.getModel());
        if (isNew && report.getEmbeddingChangeDistance() != null) {
            add(new Mark(
                    Mark.Kind.DRIFT,
                    report.getReportedAt().toEpochMilli(),
                    report.getEmbeddingChangeImages(),
                    String.format(
                            Locale.ROOT,
                            "the newest images are embedded elsewhere, at a distance of %.2f",
                            report.getEmbeddingChangeDistance())));
        }
    }

    private void shift(LearningReport report) {
        Double overlap = report.getShiftNeighbourOverlap();
        if (overlap == null) {
            return;
        }
        if (!shifting && overlap < SHIFTED) {
            shifting = true;
            add(
                    Mark.Kind.SHIFT,
                    report,
                    String.format(Locale.ROOT, "%.0f%% of neighbours kept at the newest re-encoding", 100 * overlap));
        } else if (overlap > AT_REST) {
            shifting = false;
        }
    }

    private void add(Mark.Kind kind, LearningReport report, String text) {
        add(new Mark(kind, report.getReportedAt().toEpochMilli(), report.getImagesSeen(), text));
    }

    void add(Mark mark) {
        if (marks.size() == MOST) {
            marks.removeFirst();
        }
        marks.addLast(mark);
        changed = true;
    }

    List<Mark> marks() {
        return List.copyOf(marks);
    }

    boolean changed() {
        return changed;
    }

    void markTold() {
        changed = false;
    }

    ArrayNode rows() {
        ArrayNode rows = JsonNodeFactory.instance.arrayNode();
        marks.forEach(mark -> rows.addArray()
                .add(mark.kind().name().toLowerCase(Locale.ROOT))
                .add(mark.atMillis())
                .add(mark.images())
                .add(mark.text()));
        return rows;
    }
}
