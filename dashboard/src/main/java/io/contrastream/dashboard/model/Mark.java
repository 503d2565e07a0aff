package io.contrastream.dashboard.model;

/**
 * Something that happened, to be marked on the learning curve.
 *
 * @param kind such as {@code release}
 * @param atMillis when
 * @param images how many had been learned from by then
 * @param text what, for people
 */
record Mark(Kind kind, long atMillis, long images, String text) {

    /** The kinds of events. */
    enum Kind {
        /** A class was seen for the first time. */
        CLASS,
        /** An encoder was released. */
        RELEASE,
        /** An encoder that was due to be released was refused. */
        REFUSED,
        /** The share of wrong predictions has risen, or the newest images are embedded elsewhere. */
        DRIFT,
        /** The neighbourhoods of the embedding space have changed much. */
        SHIFT,
        /** The learner has gone back to a checkpoint, or has stopped or begun. */
        RESTART
    }
}
