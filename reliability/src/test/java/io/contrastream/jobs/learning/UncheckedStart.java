package io.contrastream.jobs.learning;

import io.contrastream.jobs.kafka.KafkaEnds;
import io.contrastream.jobs.learning.state.LearnerLease;
import io.contrastream.operators.learn.EngineSource;
import io.contrastream.operators.learn.LearnFunction;
import io.contrastream.topics.Topic;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** An entry point that submits the job with whatever state it is told to, as if nothing were checked. */
public final class UncheckedStart {

    private UncheckedStart() {}

    public static void main(String[] arguments) throws Exception {
        JobOptions options = JobOptions.parse(arguments);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        LearningJob.configure(env, options);
        KafkaEnds ends = new KafkaEnds(options.name(), options.kafka());
        LearningJob.defineWorkflow(
                Incoming.labelled(
                        env.fromSource(
                                        ends.source(Topic.LABELLED_IMAGES, false),
                                        WatermarkStrategy.noWatermarks(),
                                        OperatorIds.LABELLED_IMAGES)
                                .uid(OperatorIds.LABELLED_IMAGES),
                        ends.read(Topic.LABELLED_IMAGES),
                        options),
                options,
                new LearnFunction(options.learn(), EngineSource.CLASS_PATH),
                new LearnerLease(options.name(), options.kafka()),
                LearningSinks.of(ends));
        env.executeAsync(options.name());
    }
}
