package io.contrastream.jobs.option;

import java.util.List;

/** Options with which a job cannot run. Its message lists everything that was found, one problem a line. */
public final class InvalidOptionsException extends IllegalArgumentException {

    private static final long serialVersionUID = 1;

    private final List<String> problems;

    /** @param problems at least one; each names the option, its value and what is allowed */
    public InvalidOptionsException(List<String> problems) {
        super(
                problems.size() == 1
                        ? problems.get(0)
                        : problems.size() + " options are not right:\n  - " + String.join("\n  - ", problems));
        this.problems = List.copyOf(problems);
    }

    /** Errors, one an option. */
    public List<String> problems() {
        return problems;
    }
}
