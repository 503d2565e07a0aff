package io.contrastream.jobs.option;

import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.flink.configuration.MemorySize;

/**
 * The values that an option may have.
 *
 * @param text what they are, for a person; fits behind "must be"
 * @param test whether a value is one of them
 */
public record Allowed<T>(String text, Predicate<? super T> test) {

    public static Allowed<Integer> wholeNumberFrom(int minimum) {
        return new Allowed<>("a whole number of at least " + minimum, value -> value >= minimum);
    }

    public static Allowed<Integer> wholeNumberIn(int minimum, int maximum) {
        return new Allowed<>(
                "a whole number from " + minimum + " to " + maximum, value -> value >= minimum && value <= maximum);
    }

    public static Allowed<Long> wholeNumber() {
        return new Allowed<>("a whole number", value -> true);
    }

    public static Allowed<Long> longFrom(long minimum) {
        return new Allowed<>("a whole number of at least " + minimum, value -> value >= minimum);
    }

    public static Allowed<Double> numberAbove(int minimum) {
        return new Allowed<>("a number above " + minimum, value -> value > minimum && Double.isFinite(value));
    }

    public static Allowed<Double> numberFrom(int minimum) {
        return new Allowed<>("a number of at least " + minimum, value -> value >= minimum && Double.isFinite(value));
    }

    /** From 0 to the maximum, both included. */
    public static Allowed<Double> shareUpTo(String maximum) {
        double limit = Double.parseDouble(maximum);
        return new Allowed<>("a number in [0, " + maximum + "]", value -> value >= 0 && value <= limit);
    }

    /** From 0 to below 1. */
    public static Allowed<Double> decay() {
        return new Allowed<>("a number in [0, 1)", value -> value >= 0 && value < 1);
    }

    public static Allowed<Double> shareAboveZero() {
        return new Allowed<>("a number in (0, 1]", value -> value > 0 && value <= 1);
    }

    public static Allowed<List<Double>> numbers(String text, Predicate<Double> each) {
        return new Allowed<>(
                text, values -> !values.isEmpty() && values.stream().allMatch(each));
    }

    public static Allowed<Boolean> trueOrFalse() {
        return new Allowed<>("true or false", value -> true);
    }

    public static Allowed<Duration> durationFrom(Duration minimum, String minimumText) {
        return new Allowed<>(
                "a duration such as 500 ms, 10 s or 5 min, of at least " + minimumText,
                value -> value.compareTo(minimum) >= 0 && value.toMillis() <= Integer.MAX_VALUE);
    }

    public static Allowed<MemorySize> sizeIn(String minimum, String maximum) {
        return new Allowed<>(
                "a size such as 64 kb or 10 mb, from " + minimum + " to " + maximum,
                value -> value.compareTo(MemorySize.parse(minimum)) >= 0
                        && value.compareTo(MemorySize.parse(maximum)) <= 0);
    }

    /** Those of the values, by their {@link Object#toString()}. */
    public static <T> Allowed<T> oneOf(List<T> values) {
        return new Allowed<>(
                values.stream().map(Object::toString).collect(Collectors.joining(" or ")), values::contains);
    }

    public static Allowed<String> text(String text, String regex) {
        return new Allowed<>(text, value -> value.matches(regex));
    }
}
