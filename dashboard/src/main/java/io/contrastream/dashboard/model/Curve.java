package io.contrastream.dashboard.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.contrastream.schemas.LearningReport;
import java.util.ArrayList;
import java.util.List;

/**
 * Learning reports over time, at most {@value #MOST} of them: when there are more, every second one is dropped, and of those that follow
 * as many are left out; the newest is always there. Not thread-safe.
 */
final class Curve {

    static final int MOST = 2000;

    private final List<LearningReport> reports = new ArrayList<>();
    /** One of this number of reports is kept. */
    private int stride = 1;

    private int sinceKept;
    /** The last one is there only until the next one comes. */
    private boolean provisional;
    /** How many of the reports have been told of, as they are. */
    private int told;

    void add(LearningReport report) {
        if (provisional) {
            reports.remove(reports.size() - 1);
            told = Math.min(told, reports.size());
        }
        reports.add(report);
        sinceKept++;
        provisional = sinceKept < stride;
        if (!provisional) {
            sinceKept = 0;
            if (reports.size() >= MOST) {
                halve();
            }
        }
    }

    private void halve() {
        List<LearningReport> kept = new ArrayList<>();
        for (int i = 1; i < reports.size(); i += 2) {
            kept.add(reports.get(i));
        }
        reports.clear();
        reports.addAll(kept);
        stride *= 2;
        told = 0;
    }

    /** The number of reports that are kept. */
    int size() {
        return reports.size();
    }

    List<LearningReport> reports() {
        return List.copyOf(reports);
    }

    /** The number of the first report that has not been told of. */
    int told() {
        return told;
    }

    /** The reports from a number on, as rows of numbers; see {@code curves.js} for their order. */
    ArrayNode rows(int from) {
        ArrayNode rows = JsonNodeFactory.instance.arrayNode();
        for (LearningReport report : reports.subList(from, reports.size())) {
            rows.addArray()
                    .add(report.getReportedAt().toEpochMilli())
                    .add(report.getImagesSeen())
                    .add(report.getEncoderVersion())
                    .add(report.getWindowAccuracy())
                    .add(report.getPrequentialAccuracy())
                    .add(report.getLoss())
                    .add(report.getImagesPerSecond())
                    .add(report.getShiftCosine())
                    .add(report.getShiftNeighbourOverlap());
        }
        return rows;
    }

    /** All that is there has been told of. */
    void markTold() {
        told = reports.size();
    }
}
