package io.contrastream.operators.learn.state;

import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;

/**
 * The key of a learner's stream and state: the model's name and the number of the replica. There is one replica, 0. Key groups are
 * there for more: Flink restores a state only with the maximum parallelism that it was written with.
 */
public final class LearnerKey {

    /** Of the learning operator, in every savepoint. */
    public static final int MAX_PARALLELISM = 128;

    /** Of the keys. */
    public static final TypeInformation<Tuple2<String, Integer>> TYPE = Types.TUPLE(Types.STRING, Types.INT);

    private LearnerKey() {}

    /** The key of the only replica of a model. */
    public static Tuple2<String, Integer> of(String model) {
        return Tuple2.of(model, 0);
    }
}
