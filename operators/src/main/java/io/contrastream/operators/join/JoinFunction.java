package io.contrastream.operators.join;

import io.contrastream.operators.decode.DecodeFunction;
import io.contrastream.operators.decode.GivenLabel;
import io.contrastream.operators.decode.KafkaRecord;
import io.contrastream.operators.decode.RejectReason;
import io.contrastream.operators.decode.RejectedRecords;
import io.contrastream.operators.decode.Rejection;
import io.contrastream.operators.decode.RejectionLog;
import io.contrastream.operators.decode.Unlabelled;
import io.contrastream.operators.decode.UnlabelledImage;
import io.contrastream.schemas.ImageLabel;
import io.contrastream.schemas.ImageQuery;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.SingleObject;
import io.contrastream.schemas.WireFormatException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;
import org.slf4j.LoggerFactory;

/**
 * Brings images and labels together by id, whichever is first, and hands every pair on as the record of a {@link LabelledImage}, with the
 * origin of the image, in Avro's single-object encoding. Keyed by id: it may run at any parallelism up to {@link #MAX_PARALLELISM} and be rescaled freely.
 *
 * <ul>
 *   <li>An image is kept until its timestamp and the time to live have passed, also when it has met its label: another label makes it a
 *       relabelled image, and is handed on with it. The same label again is nothing new. A label may be several, which come in one record.
 *   <li>A label whose image is not there waits for its own timestamp and the time to live. A later label takes the place of an earlier
 *       one. As the image may have been handed on and gone from here, the label is handed on too, as an {@link ImageLabel}: a correction
 *       for a learner that remembers the image.
 *   <li>The same image again takes the place of the earlier one, and is handed on if its label is known.
 *   <li>A tombstone of either takes away what is there of both and is handed on.
 *   <li>If one of the two was alone to the end, it goes to {@link DecodeFunction#REJECTED} with its age; but an image is handed on without
 *       label if such images are to be learned from.
 * </ul>
 *
 * <p>Time is that of the stream, by Kafka's timestamps: it stands still when the stream does, and is the same when records are read again.
 * At the end of input all time passes, so what is alone then is rejected.
 */
public final class JoinFunction extends KeyedCoProcessFunction<String, UnlabelledImage, GivenLabel, KafkaRecord>
        implements CheckpointedFunction {

    /** Of the operator, for good: Flink restores no state whose maximum parallelism differs. As large as that of decoding. */
    public static final int MAX_PARALLELISM = 1024;

    /** Keyed state: the image, as it came. */
    public static final String IMAGE = "image";
    /** Keyed state: the newest label. */
    public static final String LABEL = "label";
    /** Operator state: how many images wait, and how many labels; an entry for each parallel instance, which count together. */
    public static final String WAITING = "waiting";

    private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

    private final long timeToLiveMillis;
    private final int rejectedPayloadBytes;
    private final Unlabelled unlabelled;

    private transient ValueState<KafkaRecord> images;
    private transient ValueState<GivenLabel> labels;
    private transient ListState<Long[]> waiting;
    private transient long waitingImages;
    private transient long waitingLabels;
    private transient JoinMetrics metrics;
    private transient RejectedRecords rejectedRecords;
    private transient RejectionLog log;

    /**
     * One that has seen nothing.
     *
     * @param rejectedPayloadBytes how many of a rejected record's first bytes are kept
     * @param unlabelled whether images for which no label has come are rejected
     */
    public JoinFunction(JoinOptions options, int rejectedPayloadBytes, Unlabelled unlabelled) {
        this.unlabelled = unlabelled;
        this.timeToLiveMillis = options.timeToLive().toMillis();
        this.rejectedPayloadBytes = rejectedPayloadBytes;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        waiting = context.getOperatorStateStore()
                .getListState(new ListStateDescriptor<>(WAITING, Types.OBJECT_ARRAY(Types.LONG)));
        waitingImages = 0;
        waitingLabels = 0;
        for (Long[] counts : waiting.get()) {
            waitingImages += counts[0];
            waitingLabels += counts[1];
        }
    }

    @Override
    public void open(OpenContext context) {
        images = getRuntimeContext().getState(new ValueStateDescriptor<>(IMAGE, TypeInformation.of(KafkaRecord.class)));
        labels = getRuntimeContext().getState(new ValueStateDescriptor<>(LABEL, TypeInformation.of(GivenLabel.class)));
        metrics = new JoinMetrics(getRuntimeContext().getMetricGroup());
        metrics.waiting(waitingImages, waitingLabels);
        rejectedRecords = new RejectedRecords(rejectedPayloadBytes);
        log = new RejectionLog(LoggerFactory.getLogger(JoinFunction.class), LOG_INTERVAL);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        waiting.update(List.<Long[]>of(new Long[] {waitingImages, waitingLabels}));
    }

    @Override
    public void processElement1(UnlabelledImage arrived, Context context, Collector<KafkaRecord> out) throws Exception {
        KafkaRecord before = images.value();
        GivenLabel given = labels.value();
        if (arrived.isTombstone()) {
            forget(before, given, context);
            out.collect(arrived.record());
            return;
        }
        if (before != null) {
            context.timerService().deleteEventTimeTimer(end(before));
        } else if (given != null) {
            context.timerService().deleteEventTimeTimer(end(given.record()));
            count(0, -1);
        }
        images.update(arrived.record());
        context.timerService().registerEventTimeTimer(end(arrived.record()));
        if (given != null) {
            out.collect(labelled(arrived.record(), given.label(), given.furtherLabels()));
        }
        if (before == null && given != null) {
            joined(arrived.record(), given.record());
        } else if (before == null) {
            count(1, 0);
        }
    }

    @Override
    public void processElement2(GivenLabel given, Context context, Collector<KafkaRecord> out) throws Exception {
        KafkaRecord image = images.value();
        GivenLabel before = labels.value();
        if (given.isTombstone()) {
            forget(image, before, context);
            out.collect(given.record());
            return;
        }
        labels.update(given);
        if (image == null) {
            if (before == null) {
                count(0, 1);
            } else {
                context.timerService().deleteEventTimeTimer(end(before.record()));
            }
            context.timerService().registerEventTimeTimer(end(given.record()));
            if (before == null || !before.isSameAs(given)) {
                out.collect(alone(given));
            }
        } else if (before == null) {
            count(-1, 0);
            out.collect(labelled(image, given.label(), given.furtherLabels()));
            joined(image, given.record());
        } else if (!before.isSameAs(given)) {
            out.collect(labelled(image, given.label(), given.furtherLabels()));
            metrics.relabelled();
        }
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<KafkaRecord> out) throws Exception {
        KafkaRecord image = images.value();
        GivenLabel given = labels.value();
        if (image != null && given == null) {
            count(-1, 0);
            metrics.imageExpired();
            if (unlabelled == Unlabelled.VIEWS) {
                out.collect(labelled(image, "", List.of()));
            } else {
                reject(
                        image,
                        RejectReason.IMAGE_WITHOUT_LABEL,
                        "no label has come for the image " + context.getCurrentKey(),
                        context);
            }
        } else if (image == null && given != null) {
            count(0, -1);
            metrics.labelExpired();
            reject(
                    given.record(),
                    RejectReason.LABEL_WITHOUT_IMAGE,
                    "no image " + context.getCurrentKey()
                            + " has come for the label, which memory has been told if it had the image,",
                    context);
        }
        images.clear();
        labels.clear();
    }

    private void forget(KafkaRecord image, GivenLabel given, Context context) {
        if (image != null) {
            context.timerService().deleteEventTimeTimer(end(image));
            count(given == null ? -1 : 0, 0);
        } else if (given != null) {
            context.timerService().deleteEventTimeTimer(end(given.record()));
            count(0, -1);
        }
        images.clear();
        labels.clear();
    }

    private long end(KafkaRecord record) {
        return record.timestamp() + timeToLiveMillis;
    }

    private void joined(KafkaRecord image, KafkaRecord label) {
        metrics.joined(label.timestamp() - image.timestamp());
    }

    private void count(long moreImages, long moreLabels) {
        waitingImages += moreImages;
        waitingLabels += moreLabels;
        metrics.waiting(waitingImages, waitingLabels);
    }

    private void reject(KafkaRecord record, RejectReason reason, String what, OnTimerContext context) {
        long nowMillis = context.timerService().currentProcessingTime();
        long watermark = context.timerService().currentWatermark();
        boolean ended = watermark == Long.MAX_VALUE;
        String message = ended
                ? what + " before the stream ended; it is " + Age.text(nowMillis - record.timestamp()) + " old"
                : what + " in " + Age.text(timeToLiveMillis) + "; it is " + Age.text(watermark - record.timestamp())
                        + " old";
        Rejection rejection = new Rejection(reason, message);
        log.rejected(record, rejection, nowMillis);
        context.output(DecodeFunction.REJECTED, rejectedRecords.of(record, rejection, nowMillis));
    }

    /** The learner may have the image of before. */
    private static KafkaRecord alone(GivenLabel given) {
        KafkaRecord record = given.record();
        return record.with(SingleObject.encode(new ImageLabel(
                given.id(), given.label(), Instant.ofEpochMilli(record.timestamp()), Map.of(), given.furtherLabels())));
    }

    private static KafkaRecord labelled(KafkaRecord record, String label, List<String> furtherLabels) {
        ImageQuery image;
        try {
            image = SingleObject.decode(record.value(), ImageQuery.class);
        } catch (WireFormatException e) {
            throw new IllegalStateException("an image that could be read when it came cannot be read any more", e);
        }
        LabelledImage labelled = LabelledImage.newBuilder()
                .setId(image.getId())
                .setLabel(label)
                .setFurtherLabels(furtherLabels)
                .setImage(image.getImage())
                .setEncoding(image.getEncoding())
                .setWidth(image.getWidth())
                .setHeight(image.getHeight())
                .setEventTime(image.getEventTime())
                .setAttributes(image.getAttributes())
                .build();
        return record.with(SingleObject.encode(labelled));
    }
}
