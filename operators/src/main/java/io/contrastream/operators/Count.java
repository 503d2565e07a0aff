package io.contrastream.operators;

/** Numbers of things as text. */
public final class Count {

    private Count() {}

    /** Such as {@code 1 release} and {@code 2 releases}. */
    public static String of(long number, String one) {
        return number + " " + noun(number, one);
    }

    /** The noun alone, in singular or plural. */
    public static String noun(long number, String one) {
        if (number == 1) {
            return one;
        }
        if (one.endsWith("y")) {
            return one.substring(0, one.length() - 1) + "ies";
        }
        return one + (one.endsWith("s") ? "es" : "s");
    }
}
