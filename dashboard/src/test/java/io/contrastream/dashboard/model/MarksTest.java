package io.contrastream.dashboard.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.contrastream.schemas.LearningReport;
import org.junit.jupiter.api.Test;

final class MarksTest {

    private final Marks marks = new Marks();

    @Test
    void classesAreNamedWhereTheirFirstImagesWereSeen() {
        marks.arrived("apple", 500);
        marks.reported(Records.report(1, 10, 1, 1));
        marks.reported(Records.report(2, 20, 2, 1));
        marks.arrived("boat", 2500);
        marks.arrived("chair", 2600);
        marks.reported(Records.report(3, 30, 3, 3));
        // One that was seen before the page was there.
        marks.reported(Records.report(4, 40, 4, 4));

        assertThat(marks.marks())
                .extracting(Mark::kind, Mark::images, Mark::text)
                .containsExactly(
                        tuple(Mark.Kind.CLASS, 10L, "apple"),
                        tuple(Mark.Kind.CLASS, 30L, "boat, chair"),
                        tuple(Mark.Kind.CLASS, 40L, "1 new class"));
    }

    @Test
    void aLearnerThatGoesBackHasRestarted() {
        marks.reported(Records.report(1, 100, 10, 1));
        marks.reported(Records.report(2, 60, 6, 1));
        marks.reported(Records.report(3, 70, 7, 1));

        assertThat(marks.marks())
                .filteredOn(mark -> mark.kind() == Mark.Kind.RESTART)
                .extracting(Mark::text)
                .containsExactly("restarted at image 60; it had seen 100");
    }

    @Test
    void aShiftIsMarkedOnceUntilTheSpaceHasComeToRest() {
        double[] overlaps = {0.8, 0.45, 0.4, 0.55, 0.45, 0.7, 0.3};
        for (int i = 0; i < overlaps.length; i++) {
            LearningReport report = Records.report(i, i, i, 0);
            report.setShiftNeighbourOverlap(overlaps[i]);
            marks.reported(report);
        }

        assertThat(marks.marks())
                .extracting(Mark::kind, Mark::images)
                .containsExactly(tuple(Mark.Kind.SHIFT, 1L), tuple(Mark.Kind.SHIFT, 6L));
    }

    @Test
    void errorsThatRiseAreMarkedWhereTheyWereFoundToHaveAndErrorsThatFallAreNot() {
        for (int i = 0; i < 5; i++) {
            LearningReport report = Records.report(i, 100L * i, i, 0);
            report.setErrorFalls(i > 0 ? 1 : 0);
            report.setErrorRises(i > 1 ? 1 : 0);
            report.setErrorChangeImages(i == 0 ? null : i == 1 ? 64L : 192L);
            report.setErrorBefore(i == 0 ? null : i == 1 ? 0.9 : 0.204);
            report.setErrorAfter(i == 0 ? null : i == 1 ? 0.3 : 0.55);
            marks.reported(report);
        }

        assertThat(marks.marks())
                .extracting(Mark::kind, Mark::images, Mark::text)
                .containsExactly(tuple(Mark.Kind.DRIFT, 192L, "wrong predictions rose from 20% to 55%"));
    }

    @Test
    void imagesThatAreEmbeddedElsewhereAreMarkedOnce() {
        for (int i = 0; i < 4; i++) {
            LearningReport report = Records.report(i, 100L * i, i, 0);
            report.setEmbeddingDistance(i * 0.05);
            report.setEmbeddingChanges(i > 1 ? 1 : 0);
            report.setEmbeddingChangeImages(i > 1 ? 180L : null);
            report.setEmbeddingChangeDistance(i > 1 ? 0.123 : null);
            marks.reported(report);
        }

        assertThat(marks.marks())
                .extracting(Mark::kind, Mark::images, Mark::text)
                .containsExactly(tuple(
                        Mark.Kind.DRIFT, 180L, "the newest images are embedded elsewhere, at a distance of 0.12"));
    }

    @Test
    void aRefusedReleaseIsMarkedOnce() {
        for (int i = 0; i < 3; i++) {
            LearningReport report = Records.report(i, i, i, 0);
            report.setReleaseRefused(i == 0 ? null : "version 7: too bad");
            marks.reported(report);
        }

        assertThat(marks.marks())
                .extracting(Mark::kind, Mark::text)
                .containsExactly(tuple(Mark.Kind.REFUSED, "version 7: too bad"));
    }

    @Test
    void ofMoreMarksThanThereIsRoomForTheOldestGo() {
        for (int i = 0; i < 3 * Marks.MOST; i++) {
            marks.reported(Records.report(i, i, i, i + 1));
        }

        assertThat(marks.marks()).hasSize(Marks.MOST);
        assertThat(marks.marks().get(Marks.MOST - 1).images()).isEqualTo(3 * Marks.MOST - 1);
    }
}
