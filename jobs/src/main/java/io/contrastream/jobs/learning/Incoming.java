package io.contrastream.jobs.learning;

import io.contrastream.learning.learner.Example;
import io.contrastream.operators.Forget;
import io.contrastream.operators.decode.DecodeFunction;
import io.contrastream.operators.decode.ExampleDecoder;
import io.contrastream.operators.decode.GivenLabel;
import io.contrastream.operators.decode.GivenLabelDecoder;
import io.contrastream.operators.decode.JoinedDecoder;
import io.contrastream.operators.decode.KafkaRecord;
import io.contrastream.operators.decode.SeveralLabels;
import io.contrastream.operators.decode.Unlabelled;
import io.contrastream.operators.decode.UnlabelledImage;
import io.contrastream.operators.decode.UnlabelledImageDecoder;
import io.contrastream.operators.join.JoinFunction;
import io.contrastream.operators.join.JoinOptions;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.schemas.RejectedRecord;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.types.Either;

/**
 * Streams that come in to be decoded and learned.
 *
 * @param records each with a {@link io.contrastream.schemas.LabelledImage}, or with none as an order to forget one; joined ones also with
 *     a {@link io.contrastream.schemas.ImageLabel}
 * @param decoding what decodes the records
 * @param rejected what has been rejected on the way
 */
record Incoming(
        DataStream<KafkaRecord> records,
        DecodeFunction<Either<Example, Forget>> decoding,
        List<DataStream<RejectedRecord>> rejected) {

    /** Images that come with their labels, in a format. */
    static Incoming labelled(DataStream<KafkaRecord> images, RecordFormat format, JobOptions options) {
        // Not the options, which are not serialisable.
        Unlabelled unlabelled = options.unlabelled();
        SeveralLabels severalLabels = options.severalLabels();
        return new Incoming(
                images,
                new DecodeFunction<>(
                        options.decode(), decode -> new ExampleDecoder(decode, format, unlabelled, severalLabels)),
                List.of());
    }

    /**
     * Images and labels that come by themselves, each in a format, joined by id.
     *
     * @param images with the watermarks of {@link #watermarks}
     * @param labels with the same
     * @param options of a job that has {@link JobOptions#lateLabels}
     */
    static Incoming joined(
            DataStream<KafkaRecord> images,
            RecordFormat imageFormat,
            DataStream<KafkaRecord> labels,
            RecordFormat labelFormat,
            JobOptions options) {
        SingleOutputStreamOperator<UnlabelledImage> arrived = images.process(
                        new DecodeFunction<>(
                                options.decode(), decode -> new UnlabelledImageDecoder(decode, imageFormat)),
                        TypeInformation.of(UnlabelledImage.class))
                .setParallelism(options.parallelism())
                .name(OperatorIds.READ_IMAGES)
                .uid(OperatorIds.READ_IMAGES);
        SeveralLabels severalLabels = options.severalLabels();
        SingleOutputStreamOperator<GivenLabel> given = labels.process(
                        DecodeFunction.silent(
                                options.decode(), decode -> new GivenLabelDecoder(decode, labelFormat, severalLabels)),
                        TypeInformation.of(GivenLabel.class))
                .setParallelism(options.parallelism())
                .name(OperatorIds.READ_LABELS)
                .uid(OperatorIds.READ_LABELS);
        SingleOutputStreamOperator<KafkaRecord> joined = arrived.keyBy(UnlabelledImage::id, Types.STRING)
                .connect(given.keyBy(GivenLabel::id, Types.STRING))
                .process(
                        new JoinFunction(
                                options.lateLabels().orElseThrow(),
                                options.decode().rejectedPayloadBytes(),
                                options.unlabelled()),
                        TypeInformation.of(KafkaRecord.class))
                .setParallelism(options.parallelism())
                .setMaxParallelism(JoinFunction.MAX_PARALLELISM)
                .name(OperatorIds.JOIN_LABELS)
                .uid(OperatorIds.JOIN_LABELS);
        return new Incoming(
                joined,
                // The operator before has told how far images are read.
                DecodeFunction.silent(options.decode(), JoinedDecoder::new),
                List.of(
                        arrived.getSideOutput(DecodeFunction.REJECTED),
                        given.getSideOutput(DecodeFunction.REJECTED),
                        joined.getSideOutput(DecodeFunction.REJECTED)));
    }

    /** The time of the stream, of each partition by itself: that of Kafka's timestamps. */
    static WatermarkStrategy<KafkaRecord> watermarks(JoinOptions options) {
        return WatermarkStrategy.<KafkaRecord>forBoundedOutOfOrderness(options.outOfOrderness())
                .withTimestampAssigner((record, unused) -> record.timestamp())
                .withIdleness(options.idleness());
    }

    /** Records that were rejected on the way and by the operator that decodes. */
    DataStream<RejectedRecord> rejectedWith(DataStream<RejectedRecord> decoding) {
        DataStream<RejectedRecord> all = decoding;
        for (DataStream<RejectedRecord> some : rejected) {
            all = all.union(some);
        }
        return all;
    }
}
