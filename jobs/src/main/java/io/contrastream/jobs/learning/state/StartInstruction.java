package io.contrastream.jobs.learning.state;

import io.contrastream.jobs.option.InvalidOptionsException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Instruction of the person who starts a job on the state that it is to start from.
 *
 * @param savepoint state to go on from, instead of the job's newest
 * @param fresh whether to start a new model
 * @param replaceModel whether newer states and published vectors may be left behind
 * @param fromEarliest whether to read the topic from its earliest record on, whatever the state says
 */
public record StartInstruction(Optional<String> savepoint, boolean fresh, boolean replaceModel, boolean fromEarliest) {

    public static final String FRESH = "--fresh";
    public static final String SAVEPOINT = "--savepoint";
    public static final String RESTORE = "--restore";
    public static final String REPLACE_MODEL = "--replace-model";
    public static final String FROM_EARLIEST = "--from-earliest";

    /** Nothing was said: the job goes on from its newest state, and is new if it has none. */
    public static final StartInstruction NONE = new StartInstruction(Optional.empty(), false, false, false);

    /** @throws InvalidOptionsException if a new model is to start from a savepoint */
    public StartInstruction {
        if (fresh && savepoint.isPresent()) {
            throw new InvalidOptionsException(List.of(FRESH + " starts a new model, but a savepoint is given too: "
                    + savepoint.get() + "; use one of the two"));
        }
    }

    /** Whether anything was said. */
    public boolean given() {
        return !equals(NONE);
    }

    /** The same from a savepoint that was given in another way, unless one is given here. */
    public StartInstruction orFrom(Optional<String> other) {
        return savepoint.isPresent() || other.isEmpty()
                ? this
                : new StartInstruction(other, fresh, replaceModel, fromEarliest);
    }

    /**
     * Arguments of a job, of which some are instructions and the others its options.
     *
     * @param instruction what is said about the start
     * @param options the other arguments, in their order
     */
    public record Arguments(StartInstruction instruction, List<String> options) {

        /** @throws InvalidOptionsException if the instructions contradict each other or a value is missing */
        public static Arguments of(String... arguments) {
            List<String> options = new ArrayList<>();
            boolean fresh = false;
            boolean replaceModel = false;
            boolean fromEarliest = false;
            String savepoint = null;
            for (int i = 0; i < arguments.length; i++) {
                String argument = arguments[i];
                switch (argument) {
                    case FRESH -> fresh = true;
                    case REPLACE_MODEL -> replaceModel = true;
                    case FROM_EARLIEST -> fromEarliest = true;
                    case SAVEPOINT, RESTORE -> {
                        if (++i == arguments.length) {
                            throw new InvalidOptionsException(List.of(argument + " has no value"));
                        }
                        savepoint = arguments[i];
                    }
                    default -> {
                        if (argument.startsWith(SAVEPOINT + "=") || argument.startsWith(RESTORE + "=")) {
                            savepoint = argument.substring(argument.indexOf('=') + 1);
                        } else {
                            options.add(argument);
                        }
                    }
                }
            }
            return new Arguments(
                    new StartInstruction(Optional.ofNullable(savepoint), fresh, replaceModel, fromEarliest), options);
        }
    }
}
