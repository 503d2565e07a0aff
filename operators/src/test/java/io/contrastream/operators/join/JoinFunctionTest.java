package io.contrastream.operators.join;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.operators.decode.DecodeFunction;
import io.contrastream.operators.decode.GivenLabel;
import io.contrastream.operators.decode.KafkaRecord;
import io.contrastream.operators.decode.Unlabelled;
import io.contrastream.operators.decode.UnlabelledImage;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.ImageLabel;
import io.contrastream.schemas.ImageQuery;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.RejectedRecord;
import io.contrastream.schemas.SingleObject;
import io.contrastream.schemas.WireFormatException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JoinFunctionTest {

    private static final long START = 1_700_000_000_000L;
    private static final long NOW = START + 5_000_000_000L;
    private static final Duration TIME_TO_LIVE = Duration.ofMinutes(10);

    private Harness harness;

    @BeforeEach
    void open() throws Exception {
        harness = harness(1, 1, 0, null);
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @Test
    void anImageWaitsForItsLabelAndIsHandedOnWithIt() throws Exception {
        image("a", 0);
        assertThat(handedOn()).isEmpty();

        label("a", "cat", 5);

        assertThat(handedOn()).containsExactly("a cat");
        LabelledImage image = decoded(records().get(0));
        assertThat(image.getImage()).isEqualTo(query("a").getImage());
        assertThat(image.getEncoding()).isEqualTo(ImageEncoding.RAW_PLANAR_RGB8);
        assertThat(image.getWidth()).isEqualTo(2);
        assertThat(image.getHeight()).isEqualTo(1);
        assertThat(image.getEventTime()).isEqualTo(Instant.ofEpochMilli(77));
        assertThat(image.getAttributes()).containsExactly(Map.entry("camera", "3"));
    }

    @Test
    void aPairHasTheOriginOfTheImage() throws Exception {
        image("a", 0);
        label("a", "cat", 5);

        KafkaRecord record = records().get(0);
        assertThat(record.topic()).isEqualTo("images");
        assertThat(record.partition()).isEqualTo(3);
        assertThat(record.offset()).isEqualTo(42);
        assertThat(record.timestamp()).isEqualTo(START);
        assertThat(record.key()).isEqualTo(bytes("a"));
        assertThat(record.headers()).containsOnlyKeys("h");
    }

    @Test
    void aLabelMayBeFirst() throws Exception {
        label("a", "cat", 0);

        image("a", 5);

        assertThat(handedOn()).containsExactly("a cat alone", "a cat");
    }

    @Test
    void labelsFindTheirOwnImages() throws Exception {
        image("a", 0);
        image("b", 1);
        label("b", "dog", 2);
        label("a", "cat", 3);

        assertThat(handedOn()).containsExactly("b dog", "a cat");
    }

    @Test
    void anotherLabelIsACorrectionAndTheSameOneIsNothingNew() throws Exception {
        image("a", 0);
        label("a", "cat", 1);
        label("a", "cat", 2);
        label("a", "dog", 3);
        label("a", "dog", 4);
        label("a", "cat", 5);

        assertThat(handedOn()).containsExactly("a cat", "a dog", "a cat");
    }

    @Test
    void severalLabelsAreHandedOnTogetherAndAnotherNumberOfThemIsACorrection() throws Exception {
        labels("a", 0, "cat", "pet");
        labels("a", 1, "cat", "pet");
        image("a", 2);
        labels("a", 3, "cat", "pet", "indoors");
        labels("a", 4, "cat", "indoors", "pet");
        OperatorSubtaskState state = harness.snapshot(1, 1);
        assertThat(handedOn())
                .containsExactly("a cat+pet alone", "a cat+pet", "a cat+pet+indoors", "a cat+indoors+pet");
        harness.close();
        harness = harness(1, 1, 0, state);

        labels("a", 5, "cat", "indoors", "pet");
        label("a", "cat", 6);

        assertThat(handedOn()).containsExactly("a cat");
    }

    @Test
    void ofLabelsThatWaitTheLastOneCounts() throws Exception {
        label("a", "cat", 0);
        label("a", "dog", 1);
        label("a", "dog", 2);
        image("a", 3);

        assertThat(handedOn()).containsExactly("a cat alone", "a dog alone", "a dog");
    }

    @Test
    void anImageThatComesAgainIsHandedOnAgainIfItsLabelIsKnown() throws Exception {
        image("a", 0);
        image("a", 1);
        label("a", "cat", 2);
        image("a", 3);

        assertThat(handedOn()).containsExactly("a cat", "a cat");
    }

    @Test
    void anImageWithoutLabelIsRejectedWithItsAge() throws Exception {
        image("a", 0);
        time(599);
        assertThat(rejected()).isEmpty();

        time(665);

        RejectedRecord record = rejected().get(0);
        assertThat(record.getReason()).isEqualTo("image-without-label");
        assertThat(record.getMessage()).isEqualTo("no label has come for the image a in 10 min; it is 11 min 5 s old");
        assertThat(record.getTopic()).isEqualTo("images");
        assertThat(record.getPartition()).isEqualTo(3);
        assertThat(record.getOffset()).isEqualTo(42);
        assertThat(record.getTimestamp()).isEqualTo(Instant.ofEpochMilli(START));
        assertThat(record.getRejectedAt()).isEqualTo(Instant.ofEpochMilli(NOW));
        assertThat(record.getKey()).isEqualTo(ByteBuffer.wrap(bytes("a")));
        assertThat(record.getPayload().remaining()).isEqualTo(16);
        assertThat(record.getPayloadSize()).isEqualTo(SingleObject.encode(query("a")).length);
        label("a", "cat", 666);
        assertThat(handedOn()).containsExactly("a cat alone");
    }

    @Test
    void anImageWithoutLabelIsHandedOnAfterThatTimeIfItIsToBeLearnedFrom() throws Exception {
        harness.close();
        harness = harness(1, 1, 0, null, Unlabelled.VIEWS);
        image("a", 0);
        image("b", 0);
        label("b", "cat", 1);
        label("c", "cow", 1);
        time(599);
        assertThat(handedOn()).containsExactly("b cat", "c cow alone");

        time(665);

        assertThat(handedOn()).containsExactly("b cat", "c cow alone", "a ");
        assertThat(records().get(2).offset()).isEqualTo(42);
        assertThat(rejected()).extracting(RejectedRecord::getReason).containsExactly("label-without-image");
        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.waiting()).containsExactly(0L, 0L);
    }

    @Test
    void aLabelWithoutImageIsRejectedToo() throws Exception {
        label("a", "cat", 0);
        time(599);
        assertThat(rejected()).isEmpty();

        time(601);

        RejectedRecord record = rejected().get(0);
        assertThat(record.getReason()).isEqualTo("label-without-image");
        assertThat(record.getMessage())
                .isEqualTo(
                        "no image a has come for the label, which memory has been told if it had the image, in 10 min;"
                                + " it is 10 min 1 s old");
        assertThat(record.getTopic()).isEqualTo("labels");
    }

    @Test
    void aPairIsRejectedByNothingAndKeptForCorrectionsUntilTheImageHasItsAge() throws Exception {
        image("a", 0);
        label("a", "cat", 500);
        time(599);
        label("a", "dog", 599);
        assertThat(handedOn()).containsExactly("a cat", "a dog");
        assertThat(harness.numKeyedStateEntries()).isEqualTo(2);

        time(600);

        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.numEventTimeTimers()).isZero();
        time(5000);
        assertThat(rejected()).isEmpty();
    }

    @Test
    void aCorrectionAfterThatIsHandedOnAloneAndWaitsForAnImageInVain() throws Exception {
        image("a", 0);
        label("a", "cat", 1);
        time(600);

        label("a", "dog", 610);
        label("a", "dog", 611);

        assertThat(handedOn()).containsExactly("a cat", "a dog alone");
        assertThat(records().get(1).topic()).isEqualTo("labels");
        time(1211);
        assertThat(rejected()).extracting(RejectedRecord::getReason).containsExactly("label-without-image");
    }

    /** The order of arrival counts: the time of the stream passes by its watermarks alone. */
    @Test
    void recordsMayBeOutOfTheOrderOfTheirTimes() throws Exception {
        image("late", 500);
        image("early", 10);
        label("early", "cat", 5);
        time(550);
        image("behind", 20);
        label("behind", "dog", 530);

        assertThat(handedOn()).containsExactly("early cat", "behind dog");
        time(610);
        assertThat(rejected()).isEmpty();
        time(1101);
        assertThat(rejected()).extracting(RejectedRecord::getMessage).hasSize(1);
    }

    @Test
    void anImageOlderThanTheTimeToLiveIsHandedOnIfItsLabelIsThereAndElseRejectedAtOnce() throws Exception {
        time(700);
        label("a", "cat", 700);
        image("a", 0);
        image("b", 0);
        time(701);

        assertThat(handedOn()).containsExactly("a cat alone", "a cat");
        assertThat(rejected()).extracting(RejectedRecord::getReason).containsExactly("image-without-label");
        assertThat(harness.numKeyedStateEntries()).isZero();
    }

    @Test
    void aTombstoneOfEitherTakesBothAwayAndIsHandedOn() throws Exception {
        image("a", 0);
        forgetImage("a", 1);
        label("a", "cat", 2);
        forgetLabel("a", 3);
        image("b", 4);
        label("b", "dog", 5);
        forgetLabel("b", 6);
        label("b", "cow", 7);

        assertThat(handedOn()).containsExactly("a -", "a cat alone", "a -", "b dog", "b -", "b cow alone");
        assertThat(records().get(2).topic()).isEqualTo("labels");
        time(10_000);
        assertThat(rejected())
                .as("the label that has come after its image was forgotten")
                .extracting(RejectedRecord::getReason)
                .containsExactly("label-without-image");
    }

    @Test
    void atTheEndOfTheStreamWhatIsAloneIsRejected() throws Exception {
        image("a", 0);
        label("b", "dog", 0);
        image("c", 0);
        label("c", "cow", 0);

        harness.processBothWatermarks(Watermark.MAX_WATERMARK);

        assertThat(rejected())
                .extracting(RejectedRecord::getMessage)
                .containsExactlyInAnyOrder(
                        "no label has come for the image a before the stream ended; it is 57 d 20 h old",
                        "no image b has come for the label, which memory has been told if it had the image, before the"
                                + " stream ended; it is 57 d 20 h old");
        assertThat(harness.numKeyedStateEntries()).isZero();
    }

    @Test
    void nothingIsLostOrTwiceWhenItIsRestored() throws Exception {
        image("a", 0);
        label("b", "dog", 1);
        image("c", 2);
        label("c", "cow", 3);
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();
        harness = harness(1, 1, 0, state);

        label("a", "cat", 4);
        image("b", 5);
        label("c", "cow", 6);
        label("c", "ox", 7);
        image("d", 8);
        time(700);

        assertThat(handedOn()).containsExactly("a cat", "b dog", "c ox");
        assertThat(rejected()).extracting(JoinFunctionTest::id).containsExactly("d");
    }

    @Test
    @SuppressWarnings("try") // close() of the harness
    void whatWaitsIsSharedOutWhenTheParallelismChangesAndCountedOnce() throws Exception {
        for (int i = 0; i < 20; i++) {
            image("image-" + i, i);
        }
        label("none", "cat", 1);
        OperatorSubtaskState state = harness.snapshot(1, 1);
        List<String> all = new ArrayList<>();
        List<OperatorSubtaskState> shares = new ArrayList<>();
        for (int subtask = 0; subtask < 3; subtask++) {
            try (Harness one = harness(1, 3, subtask, state)) {
                for (int i = 0; i < 20; i++) {
                    if (one.owns("image-" + i)) {
                        one.processElement2(new StreamRecord<>(given("image-" + i, "cat", 30)));
                    }
                }
                List<String> share = handedOn(one);
                assertThat(share).isNotEmpty().hasSizeLessThan(20);
                all.addAll(share);
                shares.add(one.snapshot(2, 2));
            }
        }
        assertThat(all).hasSize(20).doesNotHaveDuplicates();

        harness.close();
        harness = harness(
                3, 1, 0, AbstractStreamOperatorTestHarness.repackageState(shares.toArray(OperatorSubtaskState[]::new)));
        assertThat(harness.waiting()).containsExactly(0L, 1L);
    }

    @Test
    void agesAreToldInTheirTwoLargestUnits() {
        assertThat(Age.text(0)).isEqualTo("0 s");
        assertThat(Age.text(-5)).isEqualTo("0 s");
        assertThat(Age.text(61_000)).isEqualTo("1 min 1 s");
        assertThat(Age.text(86_400_000)).isEqualTo("1 d");
        assertThat(Age.text(86_400_000 + 60_000)).isEqualTo("1 d");
        assertThat(Age.text(90_000_000)).isEqualTo("1 d 1 h");
    }

    private void image(String id, long second) throws Exception {
        harness.processElement1(new StreamRecord<>(
                new UnlabelledImage(id, record("images", id, second, SingleObject.encode(query(id))))));
    }

    private void forgetImage(String id, long second) throws Exception {
        harness.processElement1(new StreamRecord<>(new UnlabelledImage(id, record("images", id, second, null))));
    }

    private void label(String id, String label, long second) throws Exception {
        harness.processElement2(new StreamRecord<>(given(id, label, second)));
    }

    private void labels(String id, long second, String label, String... further) throws Exception {
        harness.processElement2(new StreamRecord<>(
                new GivenLabel(id, label, List.of(further), record("labels", id, second, bytes(label)))));
    }

    private void forgetLabel(String id, long second) throws Exception {
        harness.processElement2(new StreamRecord<>(new GivenLabel(id, null, record("labels", id, second, null))));
    }

    private static GivenLabel given(String id, String label, long second) {
        return new GivenLabel(id, label, record("labels", id, second, bytes(label)));
    }

    /** The stream is so many seconds after its start. */
    private void time(long second) throws Exception {
        harness.processBothWatermarks(new Watermark(START + second * 1000));
    }

    private static KafkaRecord record(String topic, String id, long second, byte[] value) {
        return new KafkaRecord(topic, 3, 42, START + second * 1000, bytes(id), value, Map.of("h", new byte[] {9}));
    }

    private static ImageQuery query(String id) {
        return ImageQuery.newBuilder()
                .setId(id)
                .setImage(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6}))
                .setEncoding(ImageEncoding.RAW_PLANAR_RGB8)
                .setWidth(2)
                .setHeight(1)
                .setEventTime(Instant.ofEpochMilli(77))
                .setAttributes(Map.of("camera", "3"))
                .build();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private List<KafkaRecord> records() {
        return harness.extractOutputValues();
    }

    private List<String> handedOn() throws WireFormatException {
        return handedOn(harness);
    }

    /** Id and label of what was handed on, and whether it has no image; a dash for a tombstone. */
    private static List<String> handedOn(Harness harness) throws WireFormatException {
        List<String> texts = new ArrayList<>();
        for (KafkaRecord record : harness.extractOutputValues()) {
            texts.add(new String(record.key(), StandardCharsets.UTF_8) + " " + label(record));
        }
        return texts;
    }

    private static String label(KafkaRecord record) throws WireFormatException {
        if (record.value() == null) {
            return "-";
        }
        if (SingleObject.decode(record.value()) instanceof ImageLabel label) {
            return all(label.getLabel(), label.getFurtherLabels()) + " alone";
        }
        return all(decoded(record).getLabel(), decoded(record).getFurtherLabels());
    }

    private static String all(String label, List<String> further) {
        return further.isEmpty() ? label : label + "+" + String.join("+", further);
    }

    private static LabelledImage decoded(KafkaRecord record) throws WireFormatException {
        return SingleObject.decode(record.value(), LabelledImage.class);
    }

    private List<RejectedRecord> rejected() {
        Queue<StreamRecord<RejectedRecord>> rejected = harness.getSideOutput(DecodeFunction.REJECTED);
        return rejected == null
                ? List.of()
                : rejected.stream().map(StreamRecord::getValue).toList();
    }

    private static String id(RejectedRecord record) {
        return StandardCharsets.UTF_8.decode(record.getKey().duplicate()).toString();
    }

    /** @param before parallelism of what is restored */
    private static Harness harness(int before, int parallelism, int subtask, OperatorSubtaskState state)
            throws Exception {
        return harness(before, parallelism, subtask, state, Unlabelled.REJECT);
    }

    private static Harness harness(
            int before, int parallelism, int subtask, OperatorSubtaskState state, Unlabelled unlabelled)
            throws Exception {
        Harness harness = new Harness(
                new JoinFunction(
                        new JoinOptions(TIME_TO_LIVE, Duration.ofSeconds(10), Duration.ofMinutes(1)), 16, unlabelled),
                parallelism,
                subtask);
        if (state != null) {
            harness.initializeState(AbstractStreamOperatorTestHarness.repartitionOperatorState(
                    state, JoinFunction.MAX_PARALLELISM, before, parallelism, subtask));
        }
        harness.open();
        harness.setProcessingTime(NOW);
        return harness;
    }

    @SuppressWarnings("try") // close() of the superclass
    private static final class Harness
            extends KeyedTwoInputStreamOperatorTestHarness<String, UnlabelledImage, GivenLabel, KafkaRecord> {

        private final int parallelism;
        private final int subtask;

        Harness(JoinFunction function, int parallelism, int subtask) throws Exception {
            super(
                    new KeyedCoProcessOperator<>(function),
                    UnlabelledImage::id,
                    GivenLabel::id,
                    Types.STRING,
                    JoinFunction.MAX_PARALLELISM,
                    parallelism,
                    subtask);
            this.parallelism = parallelism;
            this.subtask = subtask;
        }

        boolean owns(String id) {
            return KeyGroupRangeAssignment.assignKeyToParallelOperator(id, JoinFunction.MAX_PARALLELISM, parallelism)
                    == subtask;
        }

        Long[] waiting() throws Exception {
            snapshot(9, 9);
            long images = 0;
            long labels = 0;
            for (Long[] counts : getOperator()
                    .getOperatorStateBackend()
                    .<Long[]>getListState(
                            new ListStateDescriptor<>(JoinFunction.WAITING, Types.OBJECT_ARRAY(Types.LONG)))
                    .get()) {
                images += counts[0];
                labels += counts[1];
            }
            return new Long[] {images, labels};
        }
    }
}
