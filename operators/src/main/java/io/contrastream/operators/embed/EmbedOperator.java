package io.contrastream.operators.embed;

import io.contrastream.embedding.Nearest;
import io.contrastream.embedding.ReleasedEncoder;
import io.contrastream.operators.FloatList;
import io.contrastream.operators.ProcessMemory;
import io.contrastream.operators.Tombstone;
import io.contrastream.operators.decode.Query;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.schemas.EncoderRelease;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledFuture;
import java.util.stream.Stream;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Embeds queries in micro-batches with the newest announced release of a model. The second input is the model's announcements, which every
 * parallel instance gets.
 *
 * <p><b>Micro-batches</b> are closed by their size, by the time that their first image has waited, by a checkpoint's barrier, and by the end
 * of input: no query is ever part of a checkpoint, so the operator may be rescaled freely. All of a micro-batch is embedded by one release,
 * on a thread of its own, while the next one comes together: what comes before the operator need not stand still.
 *
 * <p><b>Taken back.</b> For an image that has been taken back, the output is an embedding without a vector, behind those of the image.
 *
 * <p><b>Releases.</b> An announced release is loaded on another thread while the one before it serves on, and takes over between two
 * micro-batches, encoder and prototypes together. One that cannot be used is refused, logged with the reason and counted, and the one before
 * it serves on. An older version is taken as any other. What serves and what was announced last is broadcast state: after a failure the
 * operator starts with what served, and loads what it had not come to.
 */
public final class EmbedOperator extends AbstractStreamOperator<Embedding>
        implements TwoInputStreamOperator<Query, EncoderRelease, Embedding> {

    private static final long serialVersionUID = 1;
    private static final Logger LOG = LoggerFactory.getLogger(EmbedOperator.class);

    private static final MapStateDescriptor<String, EncoderRelease> RELEASES =
            new MapStateDescriptor<>("releases", Types.STRING, new AvroTypeInfo<>(EncoderRelease.class));

    private static final String SERVING = "serving";
    private static final String ANNOUNCED = "announced";
    private static final Duration LOOK = Duration.ofMillis(20);

    private final EmbedOptions options;
    private final EncoderRelease initial;
    private final Owner owner;

    private transient BroadcastState<String, EncoderRelease> releases;
    private transient EmbedMetrics embedMetrics;
    private transient ReleaseLoader loader;
    private transient ReleasedEncoder serving;
    /** Strangeness above which an image is unknown; infinite if that is not judged. */
    private transient double threshold;

    private transient ExecutorService thread;
    private transient MailboxExecutor mailbox;
    /** The micro-batch that comes together. */
    private transient MicroBatch filling;
    /** The micro-batch that is being embedded, if it is started. */
    private transient MicroBatch running;
    /** Whether the first of what comes together has waited long enough, and waits for what is being embedded alone. */
    private transient boolean due;

    private transient ScheduledFuture<?> deadline;
    private transient ScheduledFuture<?> looking;

    /** @param initial the release to begin with, when there is nothing to restore */
    public EmbedOperator(EmbedOptions options, EncoderRelease initial) {
        this(options, initial, Owner.UNKNOWN);
    }

    /**
     * @param initial the release to begin with, when there is nothing to restore
     * @param owner what every checkpoint is to tell of the job
     */
    public EmbedOperator(EmbedOptions options, EncoderRelease initial, Owner owner) {
        this.options = options;
        this.initial = initial;
        this.owner = owner;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        releases = context.getOperatorStateStore().getBroadcastState(RELEASES);
        context.getOperatorStateStore().getListState(Owner.STATE).update(List.of(owner.text()));
    }

    /** @throws IOException if what it starts with cannot be used */
    @Override
    public void open() throws Exception {
        super.open();
        embedMetrics = new EmbedMetrics(getMetricGroup());
        ProcessMemory.register(getMetricGroup(), 0);
        mailbox = getContainingTask()
                .getMailboxExecutorFactory()
                .createExecutor(getOperatorConfig().getChainIndex());
        thread = Executors.newSingleThreadExecutor(work -> {
            Thread embedding = new Thread(work, "embedding");
            embedding.setDaemon(true);
            return embedding;
        });
        filling = new MicroBatch(options.images(), options.batchSize());
        running = new MicroBatch(options.images(), options.batchSize());
        EncoderRelease first = Optional.ofNullable(releases.get(SERVING)).orElse(initial);
        serve(ReleasedEncoder.load(first, options.images(), options.threads()));
        loader = new ReleaseLoader(options);
        EncoderRelease announced = releases.get(ANNOUNCED);
        if (announced != null && !isServing(announced)) {
            load(announced);
        }
    }

    private void serve(ReleasedEncoder encoder) throws Exception {
        serving = encoder;
        releases.put(SERVING, encoder.release());
        threshold =
                options.falseAlarmRate() == 0 ? Double.POSITIVE_INFINITY : encoder.threshold(options.falseAlarmRate());
        embedMetrics.serving(encoder.version());
        LOG.info(
                "Version {} of model '{}' serves: {}; {}",
                encoder.version(),
                encoder.release().getModel(),
                encoder.release().getUri(),
                Double.isInfinite(threshold)
                        ? "it is not judged whether an image is unknown"
                        : "an image is unknown from a strangeness of " + threshold + " on");
    }

    @Override
    public void processElement1(StreamRecord<Query> record) throws Exception {
        Query query = record.getValue();
        if (query.isTakenBack()) {
            takeBack(query.id());
            return;
        }
        filling.queries().add(query);
        if (filling.queries().size() >= options.batchSize()) {
            start();
        } else if (filling.queries().size() == 1) {
            deadline = after(options.batchDelay(), this::startWhenFree);
        }
    }

    /** Behind the image, if that is in a micro-batch. */
    private void takeBack(String id) throws Exception {
        if (Stream.concat(running.queries().stream(), filling.queries().stream())
                .anyMatch(query -> query.id().equals(id))) {
            flush();
        }
        Instant now = Instant.ofEpochMilli(getProcessingTimeService().getCurrentProcessingTime());
        output.collect(new StreamRecord<>(Tombstone.of(id, serving.version(), now)));
    }

    @Override
    public void processElement2(StreamRecord<EncoderRelease> announcement) throws Exception {
        EncoderRelease release = announcement.getValue();
        releases.put(ANNOUNCED, release);
        // What is being loaded would take over later than what is announced now.
        if (loader.isBusy() || !isServing(release)) {
            load(release);
        }
    }

    /** Queries that nobody embeds yet. */
    int waiting() {
        return filling.queries().size();
    }

    long servingVersion() {
        return serving.version();
    }

    boolean isLoading() {
        return loader.isBusy();
    }

    private boolean isServing(EncoderRelease release) {
        EncoderRelease now = serving.release();
        return Objects.equals(now.getUri(), release.getUri()) && Objects.equals(now.getSha256(), release.getSha256());
    }

    private void load(EncoderRelease release) {
        boolean looks = loader.isBusy();
        loader.load(release);
        if (!looks) {
            looking = after(LOOK, this::look);
        }
    }

    private void look() throws Exception {
        takeOver();
        if (loader.isBusy()) {
            looking = after(LOOK, this::look);
        }
    }

    /** Between two micro-batches. */
    private void takeOver() throws Exception {
        Optional<ReleaseLoader.Result> result = loader.poll();
        if (result.isEmpty()) {
            return;
        }
        ReleaseLoader.Result loaded = result.get();
        if (loaded.encoder() == null) {
            embedMetrics.refused();
            LOG.warn(
                    "Version {} of model '{}' is refused, and version {} serves on: {}",
                    loaded.release().getEncoderVersion(),
                    loaded.release().getModel(),
                    serving.version(),
                    loaded.refusal());
            if (loaded.release().equals(releases.get(ANNOUNCED))) {
                releases.remove(ANNOUNCED);
            }
            return;
        }
        collect();
        ReleasedEncoder before = serving;
        serve(loaded.encoder());
        embedMetrics.taken();
        before.close();
    }

    private void startWhenFree() throws Exception {
        if (running.isStarted() && !running.isDone()) {
            due = true;
        } else {
            start();
        }
    }

    /** Has embedded what has come together, if there is something, after what is being embedded. */
    private void start() throws Exception {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
        due = false;
        if (filling.queries().isEmpty()) {
            return;
        }
        collect();
        MicroBatch batch = filling;
        filling = running;
        running = batch;
        batch.start(serving, thread);
        batch.whenDone(() -> mailbox.execute(this::collectDone, "publish embeddings"));
    }

    private void collectDone() throws Exception {
        if (running.isDone()) {
            collect();
        }
        if (due && !running.isStarted()) {
            start();
        }
    }

    /** Publishes what is being embedded, for which it waits. */
    private void collect() throws Exception {
        if (!running.isStarted()) {
            return;
        }
        float[] rows = running.rows();
        List<Query> queries = running.queries();
        Instant now = Instant.ofEpochMilli(getProcessingTimeService().getCurrentProcessingTime());
        int unknown = 0;
        for (int i = 0; i < queries.size(); i++) {
            Embedding embedding = embedding(queries.get(i), rows, i, now);
            unknown += Boolean.TRUE.equals(embedding.getUnknown()) ? 1 : 0;
            output.collect(new StreamRecord<>(embedding));
        }
        embedMetrics.embedded(queries.size(), unknown, running.nanos());
        running.clear();
    }

    /** Publishes everything that it has. */
    private void flush() throws Exception {
        start();
        collect();
    }

    private Embedding embedding(Query query, float[] rows, int row, Instant now) {
        Nearest nearest = serving.nearest(rows, row, options.nearestLabels());
        List<Nearest.Similar> further = nearest == null ? List.of() : nearest.further();
        return Embedding.newBuilder()
                .setId(query.id())
                .setLabel(query.label())
                .setFurtherLabels(query.furtherLabels())
                .setNearestLabel(nearest == null ? null : nearest.first().label())
                .setNearestSimilarity(nearest == null ? null : nearest.first().similarity())
                .setFurtherNearestLabels(
                        further.stream().map(Nearest.Similar::label).toList())
                .setFurtherNearestSimilarities(
                        further.stream().map(Nearest.Similar::similarity).toList())
                .setVector(new FloatList(Arrays.copyOfRange(rows, row * serving.size(), (row + 1) * serving.size())))
                .setEncoderVersion(serving.version())
                .setEventTime(Instant.ofEpochMilli(query.eventTimeMillis()))
                .setEmbeddedAt(now)
                .setOrigin(EmbeddingOrigin.QUERIED)
                .setUnknown(query.label() == null ? isUnknown(nearest) : null)
                .build();
    }

    /** Null if that is not judged. */
    private Boolean isUnknown(Nearest nearest) {
        if (nearest == null || Double.isInfinite(threshold)) {
            return null;
        }
        return nearest.strangeness() > threshold;
    }

    private ScheduledFuture<?> after(Duration delay, Action action) {
        return getProcessingTimeService()
                .registerTimer(
                        getProcessingTimeService().getCurrentProcessingTime() + delay.toMillis(), at -> action.run());
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
        super.prepareSnapshotPreBarrier(checkpointId);
        flush();
    }

    @Override
    public void finish() throws Exception {
        flush();
        super.finish();
    }

    @Override
    public void close() throws Exception {
        if (looking != null) {
            looking.cancel(false);
        }
        if (loader != null) {
            loader.close();
        }
        if (running != null) {
            running.letGo();
        }
        if (thread != null) {
            thread.shutdownNow();
        }
        if (serving != null) {
            serving.close();
            serving = null;
        }
        super.close();
    }

    private interface Action {
        void run() throws Exception;
    }
}
