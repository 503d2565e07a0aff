package io.contrastream.jobs.sql;

import org.apache.flink.table.functions.ScalarFunction;

/** A function for Flink SQL: the cosine similarity of two unit vectors; NULL if one is NULL or they differ in size. */
public final class Cosine extends ScalarFunction {

    private static final long serialVersionUID = 1;

    /** @return in [-1, 1] except for rounding */
    public Double eval(Float[] one, Float[] other) {
        if (one == null || other == null || one.length != other.length) {
            return null;
        }
        double sum = 0;
        for (int k = 0; k < one.length; k++) {
            sum += (double) one[k] * other[k];
        }
        return sum;
    }
}
