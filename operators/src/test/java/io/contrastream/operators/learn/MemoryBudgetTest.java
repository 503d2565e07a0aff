package io.contrastream.operators.learn;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {

    private static final long GIBIBYTE = 1L << 30;

    private static Configuration taskManager() {
        Configuration configuration = new Configuration();
        configuration.set(TaskManagerOptions.TOTAL_PROCESS_MEMORY, MemorySize.parse("4g"));
        return configuration;
    }

    @Test
    void allowsWhatTheTaskManagerHas() {
        assertThatCode(() -> MemoryBudget.require(0, taskManager())).doesNotThrowAnyException();
        assertThatCode(() -> MemoryBudget.require(4 * GIBIBYTE, taskManager())).doesNotThrowAnyException();
    }

    @Test
    void refusesMoreForGoodNamingBothOptions() {
        assertThatThrownBy(() -> MemoryBudget.require(4 * GIBIBYTE + 1, taskManager()))
                .isInstanceOf(SuppressRestartsException.class)
                .cause()
                .hasMessageContainingAll(
                        "encoder.memory-limit", "4.000gb", "raise its taskmanager.memory.process.size above");
    }

    @Test
    void asksNothingOfAProcessWhoseSizeIsNotConfigured() {
        assertThatCode(() -> MemoryBudget.require(Long.MAX_VALUE, new Configuration()))
                .doesNotThrowAnyException();
    }
}
