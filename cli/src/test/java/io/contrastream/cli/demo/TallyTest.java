package io.contrastream.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.ImageQuery;
import io.contrastream.schemas.LearningReport;
import io.contrastream.schemas.RejectedRecord;
import io.contrastream.schemas.SingleObject;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class TallyTest {

    private final Answers answers = new Answers();
    private final Tally tally = new Tally(answers, "image-queries");

    @Test
    void anImageThatIsPublishedTwiceWasLearnedOnce() {
        add(embedding("a", EmbeddingOrigin.LEARNED));
        add(embedding("a", EmbeddingOrigin.LEARNED));
        add(embedding("a", EmbeddingOrigin.REFRESHED));
        add(embedding("b", EmbeddingOrigin.REFRESHED));

        assertThat(tally.learned()).isEqualTo(1);
        assertThat(tally.embeddings()).isEqualTo(4);
    }

    @Test
    void prototypesAreCountedButTombstonesAreNot() {
        add(prototype("star"));
        add(prototype("star"));
        add(prototype("disc"));
        tally.add("prototypes", null);

        assertThat(tally.prototypes()).isEqualTo(3);
        assertThat(tally.labels()).isEqualTo(2);
    }

    @Test
    void theCommonestRejectionIsTold() {
        add(rejected("empty-payload", "nothing"));
        add(rejected("not-an-image", "text"));
        add(rejected("not-an-image", "text"));

        assertThat(tally.rejected()).isEqualTo(3);
        assertThat(tally.commonestRejection()).contains("2 times not-an-image: text");
    }

    @Test
    void lossesOfWindowsAreWeightedByTheStepsThatTheyAreOf() {
        add(report(10, 1, 4f));
        add(report(40, 4, 3f));
        add(report(70, 7, 2f));
        add(report(70, 7, null));
        add(report(100, 10, 1f));

        Offset<Double> exact = Offset.offset(1e-6);
        assertThat(tally.firstLoss(1)).isEqualTo(4, exact);
        assertThat(tally.firstLoss(30)).isEqualTo((4 * 1 + 3 * 3) / 4.0, exact);
        assertThat(tally.lastLoss(30)).isEqualTo(1, exact);
        assertThat(tally.lastLoss(31)).isEqualTo((2 * 3 + 1 * 3) / 6.0, exact);
        assertThat(tally.firstLoss(1000)).isEqualTo(tally.lastLoss(1000)).isEqualTo((4 + 9 + 6 + 3) / 10.0, exact);
        assertThat(tally.loss()).hasValue(1);
    }

    @Test
    void withoutReportsThereIsNoLoss() {
        assertThat(tally.firstLoss(10)).isNull();
        assertThat(tally.lastLoss(10)).isNull();
        assertThat(tally.loss()).isEmpty();
        assertThat(tally.report()).isEmpty();
    }

    @Test
    void aRecordThatTheJobCannotHaveWrittenIsAFailure() {
        assertThatThrownBy(() -> tally.add("embeddings", new byte[] {1, 2, 3}))
                .isInstanceOf(DemoException.class)
                .hasMessageContaining("'embeddings'");
        ImageQuery query = ImageQuery.newBuilder()
                .setId("a")
                .setImage(ByteBuffer.allocate(1))
                .setEncoding(ImageEncoding.PNG)
                .setEventTime(Instant.EPOCH)
                .build();
        assertThatThrownBy(() -> add(query)).isInstanceOf(DemoException.class).hasMessageContaining("ImageQuery");
        assertThatThrownBy(() -> add(embedding("a", EmbeddingOrigin.QUERIED)))
                .isInstanceOf(DemoException.class)
                .hasMessageContaining("'a', which nobody has asked");
    }

    @Test
    void aReleaseThatIsAnnouncedAgainIsOne() {
        add(release(3));
        add(release(6));
        add(release(3));

        assertThat(tally.releases()).isEqualTo(2);
    }

    @Test
    void aQueryThatIsRejectedIsNoImageThatWasNotLearned() {
        RejectedRecord query = rejected("not-an-image", "text");
        query.setTopic("image-queries");
        add(query);

        assertThat(tally.rejected()).isZero();
        assertThat(tally.queriesRejected()).isEqualTo(1);
    }

    /** Four of eight queries are answered, so that the newest quarter is the fourth; then all, so that it is the last two. */
    @Test
    void sharesAreOfTheNewestQuarterOfTheQueries() {
        for (int i = 0; i < 8; i++) {
            answers.asked("q" + i, i % 2 == 0 ? Optional.of("star") : Optional.empty());
        }
        assertThat(answers.accuracy()).isEmpty();
        for (int i = 0; i < 4; i++) {
            add(answer("q" + i, "star", true));
        }
        assertThat(answers.answered()).isEqualTo(4);
        assertThat(answers.accuracy()).isEmpty();
        assertThat(answers.unknownRecall()).hasValue(1);

        for (int i = 4; i < 8; i++) {
            add(answer("q" + i, i == 4 ? "disc" : "star", null));
            add(answer("q" + i, i == 4 ? "disc" : "star", false));
        }
        assertThat(answers.sent()).isEqualTo(8);
        assertThat(answers.answered()).isEqualTo(8);
        assertThat(answers.accuracy()).hasValue(1);
        assertThat(answers.unknownRecall()).hasValue(0);
    }

    @Test
    void anImageOfAKnownClassThatIsCalledUnknownIsNotRight() {
        answers.asked("q", Optional.of("star"));
        add(answer("q", "star", true));

        assertThat(answers.accuracy()).hasValue(0);
    }

    private static EncoderRelease release(long version) {
        return EncoderRelease.newBuilder()
                .setModel("m")
                .setEncoderVersion(version)
                .setUri("file:///r")
                .setSha256("0")
                .setReleasedAt(Instant.EPOCH)
                .build();
    }

    private static Embedding answer(String id, String nearest, Boolean unknown) {
        Embedding answer = embedding(id, EmbeddingOrigin.QUERIED);
        answer.setNearestLabel(nearest);
        answer.setUnknown(unknown);
        return answer;
    }

    private void add(SpecificRecord record) {
        tally.add("topic", SingleObject.encode(record));
    }

    private static Embedding embedding(String id, EmbeddingOrigin origin) {
        return Embedding.newBuilder()
                .setId(id)
                .setVector(List.of(1f))
                .setEncoderVersion(1)
                .setEventTime(Instant.EPOCH)
                .setEmbeddedAt(Instant.EPOCH)
                .setOrigin(origin)
                .build();
    }

    private static ClassPrototype prototype(String label) {
        return ClassPrototype.newBuilder()
                .setLabel(label)
                .setVector(List.of(1f))
                .setSupport(1)
                .setDispersion(1)
                .setEncoderVersion(1)
                .setUpdatedAt(Instant.EPOCH)
                .build();
    }

    private static RejectedRecord rejected(String reason, String message) {
        return RejectedRecord.newBuilder()
                .setReason(reason)
                .setMessage(message)
                .setTopic("labelled-images")
                .setPartition(0)
                .setOffset(0)
                .setTimestamp(Instant.EPOCH)
                .setHeaders(Map.of())
                .setPayload(ByteBuffer.allocate(0))
                .setPayloadSize(0)
                .setRejectedAt(Instant.EPOCH)
                .build();
    }

    private static LearningReport report(long imagesSeen, long encoderVersion, Float loss) {
        return LearningReport.newBuilder()
                .setModel("m")
                .setEncoderVersion(encoderVersion)
                .setLoss(loss)
                .setImagesSeen(imagesSeen)
                .setPrequentialAccuracy(0)
                .setWindowAccuracy(0)
                .setWindowSize(0)
                .setReplaySize(0)
                .setReplayCapacity(1)
                .setClasses(0)
                .setImagesPerSecond(0)
                .setSkippedSteps(0)
                .setReportedAt(Instant.EPOCH)
                .build();
    }
}
