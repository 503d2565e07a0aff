package io.contrastream.distribution;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/** The sentence for a failure of Flink's command line. */
final class FailureSentence {

    private static final String OURS = "io.contrastream.";
    private static final String CAUSED_BY = "Caused by: ";
    private static final String UNFORESEEN = "it failed in a way that was not foreseen";

    private FailureSentence() {}

    /**
     * The message of our own exception among the causes, which was written for people; without one, the outermost message and that of
     * the innermost cause.
     */
    static String of(Throwable failure) {
        List<Throwable> causes = new ArrayList<>();
        for (Throwable cause = failure; cause != null && !causes.contains(cause); cause = cause.getCause()) {
            if (cause.getClass().getName().startsWith(OURS) && cause.getMessage() != null) {
                return cause.getMessage();
            }
            causes.add(cause);
        }
        // That of Flink's wrapper of a failure for good is about the wrapper.
        String first = brief(failure instanceof SuppressRestartsException ? causes.get(causes.size() - 1) : failure);
        String last = brief(causes.get(causes.size() - 1));
        return last.contains(first)
                ? last
                : first.contains(last) ? first : first.replaceFirst("[.:]$", "") + ": " + last;
    }

    /** A message may be a stack trace itself, if it comes from the JobManager: of that, its innermost cause. */
    private static String brief(Throwable failure) {
        String message = failure.getMessage();
        if (message == null || isJavas(failure)) {
            return UNFORESEEN;
        }
        if (!message.contains("\tat ")) {
            return message;
        }
        String cause = message.substring(Math.max(0, message.lastIndexOf(CAUSED_BY)));
        return cause.lines()
                .filter(line -> !line.isBlank() && !line.startsWith("\tat "))
                .findFirst()
                .orElse(message)
                .replaceFirst("^" + CAUSED_BY, "");
    }

    /** Whether one of Java's core classes threw it: their messages are for programmers. */
    private static boolean isJavas(Throwable failure) {
        StackTraceElement[] trace = failure.getStackTrace();
        String thrower = trace.length == 0 ? "" : trace[0].getClassName();
        return failure instanceof IndexOutOfBoundsException
                || failure instanceof NullPointerException
                || failure instanceof ClassCastException
                || (failure instanceof RuntimeException && thrower.matches("(java|jdk)\\..*"));
    }
}
