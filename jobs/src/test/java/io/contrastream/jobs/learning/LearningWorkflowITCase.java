package io.contrastream.jobs.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.contrastream.learning.encoder.ReferenceEngine;
import io.contrastream.learning.learner.DivergedException;
import io.contrastream.operators.decode.KafkaRecord;
import io.contrastream.operators.learn.EngineSource;
import io.contrastream.operators.learn.LearnFunction;
import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.ImageLabel;
import io.contrastream.schemas.ImageQuery;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.LearningReport;
import io.contrastream.schemas.RejectedRecord;
import io.contrastream.schemas.SingleObject;
import io.contrastream.testing.ColouredImages;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.runtime.client.JobExecutionException;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The topology with ends in memory. */
class LearningWorkflowITCase {

    @RegisterExtension
    static final MiniClusterExtension CLUSTER = TestJobs.cluster(InMemoryReporter.create());

    @TempDir
    Path folder;

    /** 22 images are five mini-batches of four and two images, which nothing but the end of input can set free. */
    @Test
    void learnsWhatIsLeftWhenTheInputEnds() throws Exception {
        run(Map.of("job.parallelism", "2"), ReferenceEngine::new, 22);

        assertThat(Memory.<Embedding>contents("embeddings"))
                .filteredOn(embedding -> embedding.getOrigin() == EmbeddingOrigin.LEARNED)
                .extracting(Embedding::getId)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 22).mapToObj(ColouredImages::id).toList());
        assertThat(Memory.<ClassPrototype>contents("prototypes"))
                .extracting(ClassPrototype::getLabel)
                .contains("class-0", "class-1", "class-2", "class-3");
        assertThat(Memory.<LearningReport>contents("reports"))
                .last()
                .extracting(LearningReport::getImagesSeen, LearningReport::getEncoderVersion)
                .containsExactly(22L, 6L);
        assertThat(Memory.<RejectedRecord>contents("rejected")).hasSize(1);
    }

    /** Labels in the other order, one of an image that never comes; one image whose label never does. */
    @Test
    void joinsImagesAndLabelsThatComeByThemselvesAndRejectsWhatIsAloneAtTheEnd() throws Exception {
        JobOptions options = options(Map.of(
                "kafka.topic.images",
                "i",
                "kafka.topic.labels",
                "l",
                "job.parallelism",
                "2",
                "learner.batch-size",
                "4"));
        List<byte[]> images = ColouredImages.range(0, 23).stream()
                .map(LearningWorkflowITCase::unlabelled)
                .map(SingleObject::encode)
                .toList();
        List<byte[]> labels = new ArrayList<>(
                Stream.concat(ColouredImages.range(0, 22).stream(), ColouredImages.range(77, 78).stream())
                        .map(LearningWorkflowITCase::label)
                        .map(SingleObject::encode)
                        .toList());
        Collections.reverse(labels);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        LearningJob.configure(env, options);

        execute(
                env,
                Incoming.joined(
                        stream(env, "i", images, options),
                        SingleObject.format(),
                        stream(env, "l", labels, options),
                        SingleObject.format(),
                        options),
                options,
                ReferenceEngine::new);

        assertThat(Memory.<Embedding>contents("embeddings"))
                .filteredOn(embedding -> embedding.getOrigin() == EmbeddingOrigin.LEARNED)
                .extracting(Embedding::getId, Embedding::getLabel)
                .containsExactlyInAnyOrderElementsOf(ColouredImages.range(0, 22).stream()
                        .map(image -> tuple(image.getId(), image.getLabel()))
                        .toList());
        assertThat(Memory.<RejectedRecord>contents("rejected"))
                .extracting(RejectedRecord::getReason, RejectedRecord::getTopic, RejectedRecord::getOffset)
                .containsExactlyInAnyOrder(
                        tuple("unknown-format", "i", 23L),
                        tuple("unknown-format", "l", 23L),
                        tuple("image-without-label", "i", 22L),
                        tuple("label-without-image", "l", 0L));
    }

    private static DataStream<KafkaRecord> stream(
            StreamExecutionEnvironment env, String topic, List<byte[]> values, JobOptions options) {
        List<KafkaRecord> records = new ArrayList<>();
        for (byte[] value : values) {
            records.add(new KafkaRecord(topic, 0, records.size(), 1000, null, value, Map.of()));
        }
        records.add(new KafkaRecord(topic, 0, records.size(), 1000, null, new byte[] {1, 2, 3}, Map.of()));
        return env.fromData(records, TypeInformation.of(KafkaRecord.class))
                .uid(topic)
                .assignTimestampsAndWatermarks(
                        Incoming.watermarks(options.lateLabels().orElseThrow()))
                .uid(topic + "-watermarks");
    }

    private static ImageQuery unlabelled(LabelledImage image) {
        return new ImageQuery(
                image.getId(),
                image.getImage(),
                image.getEncoding(),
                image.getWidth(),
                image.getHeight(),
                image.getEventTime(),
                image.getAttributes());
    }

    private static ImageLabel label(LabelledImage image) {
        return new ImageLabel(image.getId(), image.getLabel(), image.getEventTime(), Map.of(), List.of());
    }

    @Test
    void failsForGoodWhenLearningDiverges() {
        assertThatThrownBy(() -> run(Map.of("learner.max-skipped-in-row", "2"), DivergingEngine::new, 40))
                .isInstanceOf(JobExecutionException.class)
                .hasRootCauseInstanceOf(DivergedException.class);
    }

    private static Map<String, float[]> vectors() {
        Map<String, float[]> vectors = new TreeMap<>();
        for (Embedding embedding : Memory.<Embedding>contents("embeddings")) {
            vectors.put(embedding.getId(), floats(embedding.getVector()));
        }
        return vectors;
    }

    private static float[] floats(List<Float> list) {
        float[] floats = new float[list.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = list.get(i);
        }
        return floats;
    }

    /** The last two images are fewer than the learners. */
    @Test
    void severalLearnersComeToWhatOneComesTo() throws Exception {
        run(Map.of(), ReplicatedEngine::new, 22);
        Map<String, float[]> ofOne = vectors();
        Memory.CONTENTS.clear();
        run(Map.of("learner.parallelism", "3"), ReplicatedEngine::new, 22);

        Map<String, float[]> ofSeveral = vectors();
        assertThat(ofSeveral).hasSize(22).containsOnlyKeys(ofOne.keySet());
        ofSeveral.forEach((id, vector) ->
                assertThat(vector).as(id).usingComparatorWithPrecision(1e-3f).containsExactly(ofOne.get(id)));
    }

    @Test
    void theJobGoesOnWithoutADifferenceWhenALearnerIsLost() throws Exception {
        Map<String, String> two = Map.of("learner.parallelism", "2", "job.checkpoint-interval", "100 ms");
        run(two, ReplicatedEngine::new, 60);
        Map<String, float[]> undisturbed = vectors();
        Memory.CONTENTS.clear();
        ReplicatedEngine.FAILS_AFTER.set(9);
        run(two, ReplicatedEngine::new, 60);

        assertThat(ReplicatedEngine.FAILS_AFTER).as("it has failed").hasValue(0);
        Map<String, float[]> disturbed = vectors();
        assertThat(disturbed).containsOnlyKeys(undisturbed.keySet());
        disturbed.forEach((id, vector) -> assertThat(vector).as(id).containsExactly(undisturbed.get(id)));
    }

    @Test
    void anEngineWithoutReplicasIsNamedAndTheJobFailsForGood() {
        assertThatThrownBy(() -> run(Map.of("learner.parallelism", "2"), ReferenceEngine::new, 8))
                .isInstanceOf(JobExecutionException.class)
                .rootCause()
                .hasMessage(
                        "several learners are not supported by the reference engine; use one (learner.parallelism 1),"
                                + " or the torch engine");
    }

    /** Learns from so many images and a record that is none. */
    private void run(Map<String, String> more, EngineSource engines, int images) throws Exception {
        JobOptions options = options(more);
        List<KafkaRecord> records = Stream.concat(
                        ColouredImages.range(0, images).stream().map(SingleObject::encode),
                        Stream.of(new byte[] {1, 2, 3}))
                .map(value -> new KafkaRecord("images", 0, 0, 0, null, value, Map.of()))
                .toList();
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        LearningJob.configure(env, options);
        execute(
                env,
                Incoming.labelled(
                        env.fromData(records, TypeInformation.of(KafkaRecord.class))
                                .uid("records"),
                        SingleObject.format(),
                        options),
                options,
                engines);
    }

    private JobOptions options(Map<String, String> more) {
        return TestJobs.options("localhost:9092", TopicLayout.usualNames(EnumSet.allOf(Topic.class)), folder, more);
    }

    private static void execute(
            StreamExecutionEnvironment env, Incoming incoming, JobOptions options, EngineSource engines)
            throws Exception {
        LearningJob.defineWorkflow(
                incoming,
                options,
                new LearnFunction(options.learn(), engines),
                report -> report,
                new LearningSinks(
                        new Memory<Embedding>("embeddings"),
                        new Memory<ClassPrototype>("prototypes"),
                        new Memory<LearningReport>("reports"),
                        new Memory<EncoderRelease>("releases"),
                        new Memory<RejectedRecord>("rejected")));
        env.execute();
    }

    @BeforeEach
    void forget() {
        Memory.CONTENTS.clear();
    }

    /** Keeps what it gets under a name, for this process to look at. */
    private record Memory<T>(String name) implements Sink<T> {

        private static final Map<String, Queue<Object>> CONTENTS = new ConcurrentHashMap<>();

        @SuppressWarnings("unchecked") // the writer of this name is the only one that puts anything there
        static <T> List<T> contents(String name) {
            return CONTENTS.getOrDefault(name, new ConcurrentLinkedQueue<>()).stream()
                    .map(element -> (T) element)
                    .toList();
        }

        @Override
        public SinkWriter<T> createWriter(WriterInitContext context) {
            Queue<Object> contents = CONTENTS.computeIfAbsent(name, unused -> new ConcurrentLinkedQueue<>());
            return new SinkWriter<>() {
                @Override
                public void write(T element, Context context) {
                    contents.add(element);
                }

                @Override
                public void flush(boolean endOfInput) {}

                @Override
                public void close() {}
            };
        }
    }
}
