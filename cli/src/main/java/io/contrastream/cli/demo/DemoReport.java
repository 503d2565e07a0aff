package io.contrastream.cli.demo;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * Results of a demo. Every figure is counted from the topics, as a consumer of them would; as JSON, names are in snake case.
 *
 * @param images data set
 * @param seed of everything random
 * @param imagesSent images that Kafka acknowledged
 * @param imagesLearned different images for which an embedding of origin LEARNED was published
 * @param imagesRejected images that the learning job has rejected
 * @param embeddingsPublished records in the topic of embeddings, of learned images, of images of memory that were embedded
 *     again, and of queries
 * @param prototypesPublished records in the topic of prototypes
 * @param reportsPublished records in the topic of learning reports
 * @param classes that the learner has seen
 * @param classesWithPrototype different labels in the topic of prototypes
 * @param steps optimiser steps
 * @param skippedSteps optimiser steps left out because the loss was not finite
 * @param windowSize images over which window figures are taken
 * @param firstWindowLoss mean loss while the first windowSize images were learned; null if no step was taken
 * @param lastWindowLoss mean loss while the last windowSize images were learned; null if no step was taken
 * @param prequentialAccuracy share of all images that were predicted rightly before their label was used, in [0, 1]
 * @param lastWindowAccuracy the same over the last windowSize images, which are of all classes mixed
 * @param chance accuracy of guessing among the classes
 * @param releases encoder versions that were announced
 * @param queriesSent images without label that were sent; none of them is learned from
 * @param queriesAnswered those of which the embedding job has published an embedding
 * @param queryAccuracy of the newest quarter of the queries, share of those of a class that had been learned from when they were sent
 *     that were given their class and not called unknown; null if there is none
 * @param unknownRecall of the newest quarter of the queries, share of those of classes that are never taught that were called unknown;
 *     null if there is none
 * @param seconds from the first image sent to the last one learned
 * @param imagesPerSecond imagesLearned / seconds
 * @param startSeconds from the start to the first image sent: broker, cluster and job
 * @param lateLabels about labels that came by themselves; left out if images came with their labels
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonPropertyOrder({"images", "seed"})
public record DemoReport(
        String images,
        long seed,
        long imagesSent,
        long imagesLearned,
        long imagesRejected,
        long embeddingsPublished,
        long prototypesPublished,
        long reportsPublished,
        int classes,
        int classesWithPrototype,
        long steps,
        long skippedSteps,
        int windowSize,
        Double firstWindowLoss,
        Double lastWindowLoss,
        double prequentialAccuracy,
        double lastWindowAccuracy,
        double chance,
        int releases,
        long queriesSent,
        long queriesAnswered,
        Double queryAccuracy,
        Double unknownRecall,
        double seconds,
        double imagesPerSecond,
        double startSeconds,
        @JsonInclude(JsonInclude.Include.NON_NULL) LateLabels lateLabels) {

    /**
     * Of labels that came by themselves.
     *
     * @param longestDelaySeconds from an image to its label
     * @param meanDelaySeconds over all labels
     * @param timeToLiveSeconds for how long an image waits
     * @param imagesLabelled images whose label was sent
     * @param labelsCorrected labels that were sent wrong at first, and right later
     * @param imagesRelabelled images for which an embedding of origin LEARNED was published under one label and then under another
     * @param imagesNeverLabelled images whose label was never sent
     * @param imagesExpired images that the learning job rejected because no label came in time
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record LateLabels(
            double longestDelaySeconds,
            double meanDelaySeconds,
            double timeToLiveSeconds,
            long imagesLabelled,
            long labelsCorrected,
            long imagesRelabelled,
            long imagesNeverLabelled,
            long imagesExpired) {}
}
