package io.contrastream.operators.learn.watch;

import io.contrastream.learning.learner.MiniBatchResult;

/** Takes note of what the learner does, when the state has it and before it is published. */
public interface MiniBatchListener {

    /**
     * A mini-batch was learned.
     *
     * @param nanos wall-clock time that it took
     */
    void learned(MiniBatchResult result, long nanos);

    /**
     * An order to forget an image was carried out.
     *
     * @param wasThere whether memory or the unfinished mini-batch had the image
     */
    void forgotten(String id, boolean wasThere);
}
