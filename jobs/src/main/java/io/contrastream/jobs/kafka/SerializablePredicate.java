package io.contrastream.jobs.kafka;

import java.io.Serializable;
import java.util.function.Predicate;

/** A predicate that travels with a job. */
@FunctionalInterface
public interface SerializablePredicate<T> extends Predicate<T>, Serializable {}
