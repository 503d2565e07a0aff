package io.contrastream.operators.learn.state;

import java.io.Serializable;

/**
 * Where a learner belongs, kept beside it in every checkpoint: tells the states of one job from those of others in the same
 * folder, and a topic from one made anew under the same name.
 *
 * @param job name of the job; empty if unknown
 * @param topicId Kafka's id of the topic that is learned from; empty if unknown
 * @param labelsTopicId Kafka's id of the topic of labels; empty if unknown, or where images come with their labels
 * @param generation 0 for the job's first model; higher after every start that was told to leave newer states behind, at least 0
 */
public record Lineage(String job, String topicId, String labelsTopicId, int generation) implements Serializable {

    /** Of states from before lineages were kept. */
    public static final Lineage UNKNOWN = new Lineage("", "", "", 0);

    /** Where images come with their labels. */
    public Lineage(String job, String topicId, int generation) {
        this(job, topicId, "", generation);
    }
}
