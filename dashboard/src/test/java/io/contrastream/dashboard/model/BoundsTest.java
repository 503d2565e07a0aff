package io.contrastream.dashboard.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.schemas.LearningReport;
import io.contrastream.schemas.RejectedRecord;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Holds the page to bounded memory on a stream that never ends. */
final class BoundsTest {

    @Test
    void aCurveHasAtMostSoManyReportsEvenlyOverTheWholeTimeAndTheNewest() {
        Curve curve = new Curve();
        int reports = 100_003;
        for (int i = 1; i <= reports; i++) {
            curve.add(Records.report(i, i, i, 1));
            assertThat(curve.size()).isLessThanOrEqualTo(Curve.MOST);
        }

        List<LearningReport> kept = curve.reports();
        assertThat(kept.get(kept.size() - 1).getImagesSeen()).isEqualTo(reports);
        assertThat(kept).hasSizeGreaterThan(Curve.MOST / 3);
        long step = kept.get(1).getImagesSeen() - kept.get(0).getImagesSeen();
        for (int i = 1; i < kept.size() - 1; i++) {
            assertThat(kept.get(i).getImagesSeen() - kept.get(i - 1).getImagesSeen())
                    .isEqualTo(step);
        }
    }

    @Test
    void whatIsToldOfACurveBitByBitIsTheCurve() {
        Curve curve = new Curve();
        List<Long> told = new ArrayList<>();
        for (int i = 1; i <= 9_001; i++) {
            curve.add(Records.report(i, i, i, 1));
            if (i % 7 == 0 || i == 9_001) {
                told.subList(curve.told(), told.size()).clear();
                curve.rows(curve.told()).forEach(row -> told.add(row.get(1).asLong()));
                curve.markTold();
            }
        }

        assertThat(told)
                .isEqualTo(curve.reports().stream()
                        .map(LearningReport::getImagesSeen)
                        .toList());
    }

    @Test
    void ofPointsTheNewestAreKeptEachInASlotOfItsOwn() {
        Points points = new Points(100, new Labels());
        for (int i = 0; i < 1000; i++) {
            points.add(Records.embedding("image-" + i, "label", null, i, 1, 0));
        }
        // Re-encoded, it is among the newest again.
        points.add(Records.embedding("image-900", "label", null, 1000, 0, 1));
        points.add(Records.embedding("image-1000", "label", null, 1000, 1, 0));

        assertThat(points.size()).isEqualTo(100);
        assertThat(points.slot("image-900")).isNotNegative();
        assertThat(points.slot("image-901")).isEqualTo(-1);
        assertThat(points.newest(2))
                .extracting(slot -> points.at(slot).id())
                .containsExactly("image-1000", "image-900");
        assertThat(points.newest(1000)).doesNotHaveDuplicates().allMatch(slot -> slot >= 0 && slot < 100);
    }

    @Test
    void vectorsTakeSoMuchMemoryAtMost() {
        Points points = new Points(60_000, new Labels());
        float[] long4096 = new float[4096];
        long4096[0] = 1;
        points.add(Records.embedding("image", "label", null, 1, long4096));

        assertThat(points.capacity()).isEqualTo(Points.MOST_FLOATS / 4096);
    }

    @Test
    void aHistoryHasTheNewestThingsSaidAndOfRepetitionsOne() {
        Points points = new Points(10, new Labels());
        for (int i = 0; i < 200; i++) {
            points.add(Records.embedding("image", "label", i % 20 < 10 ? "label" : "other", i, 1, 0));
        }

        List<Points.Said> history = points.at(points.slot("image")).history();
        assertThat(history).hasSizeLessThanOrEqualTo(12);
        assertThat(history.get(0).version()).isEqualTo(199);
        assertThat(history.get(1).version()).isEqualTo(189);
    }

    @Test
    void imagesAreKeptUpToSoManyBytesAndOfMoreOnlyWhereTheyAre() {
        Images images = new Images();
        for (int i = 0; i < 1000; i++) {
            images.add("image-" + i, "topic", 0, i, new byte[200 << 10]);
            assertThat(images.bytes()).isLessThanOrEqualTo(Images.MOST_BYTES);
        }
        images.add("large", "topic", 0, 1000, new byte[Images.LARGEST + 1]);

        assertThat(images.find("image-0").orElseThrow().record()).isNull();
        assertThat(images.find("image-0").orElseThrow().offset()).isZero();
        assertThat(images.find("image-999").orElseThrow().record()).hasSize(200 << 10);
        assertThat(images.find("large").orElseThrow().record()).isNull();
        for (int i = 0; i < Images.MOST; i++) {
            images.add("small-" + i, "topic", 0, i, new byte[1]);
        }
        assertThat(images.size()).isEqualTo(Images.MOST);
        assertThat(images.find("image-999")).isEmpty();
    }

    @Test
    void rejectionsAreCountedAndTheNewestKeptWithTheirFirstBytes() {
        Rejections rejections = new Rejections();
        for (int i = 0; i < 1000; i++) {
            rejections.add(RejectedRecord.newBuilder()
                    .setReason("reason-" + i)
                    .setMessage("message")
                    .setTopic("topic")
                    .setPartition(0)
                    .setOffset(i)
                    .setTimestamp(Instant.EPOCH)
                    .setPayload(ByteBuffer.wrap(new byte[5000]))
                    .setPayloadSize(5000)
                    .setRejectedAt(Instant.EPOCH)
                    .build());
        }

        assertThat(rejections.all().get("total").asLong()).isEqualTo(1000);
        assertThat(rejections.all().get("reasons")).hasSizeLessThanOrEqualTo(65);
        assertThat(rejections.all().get("newest")).hasSize(Rejections.KEPT);
        assertThat(rejections.all().at("/newest/0/offset").asLong()).isEqualTo(999);
        assertThat(rejections.all().toString()).hasSizeLessThan(40_000);
    }

    @Test
    void ofMoreLabelsThanThereIsRoomForAllOthersAreOne() {
        Labels labels = new Labels();
        for (int i = 0; i < Labels.MOST + 500; i++) {
            labels.number("label-" + i);
        }

        assertThat(labels.size()).isEqualTo(Labels.MOST);
        assertThat(labels.number("label-3")).isEqualTo(3);
        assertThat(labels.name(labels.number("never seen"))).isEqualTo("(other labels)");
    }

    @Test
    void reportsOfAnotherModelAreNotShown() {
        Board board = new Board(1000, Optional.of("another"));
        board.take(Records.report(1, 1, 1, 1));

        assertThat(board.all().has("report")).isFalse();
    }
}
