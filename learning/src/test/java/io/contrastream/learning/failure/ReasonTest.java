package io.contrastream.learning.failure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ReasonTest {

    static Stream<Arguments> failures() {
        return Stream.of(
                failure("its contents make no sense", () -> List.of(1, 2).get(7)),
                failure("its contents make no sense", () -> new int[4].clone()[Integer.signum(7) + 6]++),
                failure("its contents make no sense", () -> ((List<?>) (Object) "x").size()),
                failure("its contents make no sense", () -> Integer.parseInt("x")),
                failure(
                        "its contents make no sense",
                        () -> ByteBuffer.allocate(4).getLong()),
                failure("its contents make no sense", () -> Thread.State.valueOf("ODD")),
                failure(
                        "its contents make no sense",
                        () -> new GZIPInputStream(new ByteArrayInputStream(new byte[40]))),
                failure(
                        "it ends before its contents do",
                        () -> new DataInputStream(new ByteArrayInputStream(new byte[2])).readLong()),
                failure(
                        "it is not text in UTF-8",
                        () -> StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(new byte[] {-1}))),
                failure("/no/such: does not exist", () -> Files.readAllBytes(Path.of("/no/such"))),
                failure("/: is a directory", () -> Files.newOutputStream(Path.of("/"))),
                failure("Is a directory", () -> Files.readAllBytes(Path.of("/"))),
                failure("/no/such (No such file or directory)", () -> new FileInputStream("/no/such")),
                failure("there was no answer in time", () -> {
                    throw new TimeoutException();
                }),
                failure("the state is cut off", () -> {
                    throw new IOException("the state is cut off", new EOFException());
                }),
                failure("the state is of another job", () -> {
                    throw new IllegalStateException(new IOException("the state is of another job"));
                }),
                failure("8 bytes are left", () -> {
                    throw new EOFException("8 bytes are left");
                }));
    }

    private static Arguments failure(String reason, ThrowingCallable failing) {
        return arguments(reason, failing);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("failures")
    void aReasonIsInWordsForPeople(String reason, ThrowingCallable failing) {
        Throwable failure = catchThrowable(failing);

        assertThat(Reason.of(failure)).isEqualTo(reason);
        assertThat(Reason.of(new RuntimeException(failure))).isEqualTo(reason);
    }

    @Test
    void whatSaysNothingGetsTheWordsThatFit() {
        assertThat(Reason.of(new NullPointerException(), "the command failed")).isEqualTo("the command failed");
        assertThat(Reason.of(new IOException(""), "the command failed")).isEqualTo("the command failed");
        assertThat(Reason.of(new NoSuchFileException("a"), "the command failed"))
                .isEqualTo("a: does not exist");
    }
}
