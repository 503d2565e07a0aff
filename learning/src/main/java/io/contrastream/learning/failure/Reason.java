package io.contrastream.learning.failure;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/**
 * Why something failed, as a part of a sentence for people: the message of our own exception among the causes, or else that of the
 * innermost cause if it was written for people, by Flink or Kafka or the operating system. What the JDK and Avro say to programmers
 * ("Index 7 out of bounds for length 4") is never passed on, and no class is named.
 */
public final class Reason {

    /** Sentence for an exception whose message says nothing to people. */
    private static final String UNFORESEEN = "its contents make no sense";

    private static final Map<Class<? extends FileSystemException>, String> OF_FILES = Map.of(
            NoSuchFileException.class, "does not exist",
            AccessDeniedException.class, "is not open to this user",
            FileAlreadyExistsException.class, "exists already",
            NotDirectoryException.class, "is not a folder");

    private Reason() {}

    /** That of a failure to read something. */
    public static String of(Throwable failure) {
        return of(failure, UNFORESEEN);
    }

    /**
     * That of any failure.
     *
     * @param unforeseen what to say if nothing of it was written for people
     */
    public static String of(Throwable failure, String unforeseen) {
        Throwable cause = failure;
        while (cause.getCause() != null && !isOurs(cause)) {
            cause = cause.getCause();
        }
        if (cause instanceof FileSystemException file) {
            return ofFile(file, unforeseen);
        }
        if (cause instanceof UnknownHostException && cause.getMessage() != null) {
            return "there is no host '" + cause.getMessage() + "'";
        }
        if (cause instanceof OutOfMemoryError) {
            return "the memory of the process is used up";
        }
        if (isForPeople(cause)) {
            return cause.getMessage();
        }
        if (cause instanceof EOFException) {
            return "it ends before its contents do";
        }
        if (cause instanceof CharacterCodingException) {
            return "it is not text in UTF-8";
        }
        return cause instanceof TimeoutException || cause instanceof java.net.SocketTimeoutException
                ? "there was no answer in time"
                : unforeseen;
    }

    private static String ofFile(FileSystemException failure, String unforeseen) {
        String what = OF_FILES.getOrDefault(
                failure.getClass(),
                failure.getReason() == null ? unforeseen : failure.getReason().toLowerCase(Locale.ROOT));
        return failure.getFile() == null ? what : failure.getFile() + ": " + what;
    }

    private static boolean isOurs(Throwable failure) {
        // A wrapper without words of its own has those of its cause.
        return isWorded(failure)
                && !isOfTheMachine(failure)
                && !failure.getMessage().equals(failure.getCause().toString())
                && thrower(failure).startsWith("io.contrastream.");
    }

    /** Exceptions that the Java machine itself throws, from any code. */
    private static boolean isOfTheMachine(Throwable failure) {
        return failure instanceof IndexOutOfBoundsException
                || failure instanceof NullPointerException
                || failure instanceof ClassCastException
                || failure instanceof ArithmeticException
                || failure instanceof ArrayStoreException
                || failure instanceof NegativeArraySizeException
                || failure instanceof LinkageError;
    }

    private static boolean isWorded(Throwable failure) {
        return failure.getMessage() != null && !failure.getMessage().isBlank();
    }

    private static String thrower(Throwable failure) {
        StackTraceElement[] trace = failure.getStackTrace();
        return trace.length == 0 ? failure.getClass().getName() : trace[0].getClassName();
    }

    /** Whether the one who wrote the message wrote it for people: who threw the exception tells. */
    private static boolean isForPeople(Throwable failure) {
        String thrower = thrower(failure);
        boolean java = thrower.matches("(java|javax|jdk|sun|com\\.sun|org\\.apache\\.avro)\\..*");
        // The messages of the operating system come by way of these.
        boolean system = failure instanceof FileNotFoundException
                || failure instanceof java.net.ConnectException
                || (failure instanceof IOException && thrower.startsWith("sun.nio."));
        return isWorded(failure) && !isOfTheMachine(failure) && (!java || system);
    }
}
