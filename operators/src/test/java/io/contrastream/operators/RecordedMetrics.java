package io.contrastream.operators;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.metrics.CharacterFilter;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.Meter;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;

/** A metric group that remembers what was registered, by name; of groups in it the names come first, separated by dots. */
public final class RecordedMetrics implements MetricGroup {

    private final String prefix;
    private final Map<String, Metric> metrics;

    public RecordedMetrics() {
        this("", new HashMap<>());
    }

    private RecordedMetrics(String prefix, Map<String, Metric> metrics) {
        this.prefix = prefix;
        this.metrics = metrics;
    }

    public Map<String, Metric> metrics() {
        return metrics;
    }

    /** Value of the gauge or counter. */
    public Object value(String name) {
        Metric metric = metrics.get(name);
        return metric instanceof Counter counter ? (Object) counter.getCount() : ((Gauge<?>) metric).getValue();
    }

    private <M extends Metric> M register(String name, M metric) {
        if (metrics.put(prefix + name, metric) != null) {
            throw new IllegalStateException("registered twice: " + prefix + name);
        }
        return metric;
    }

    @Override
    public Counter counter(String name) {
        return register(name, new SimpleCounter());
    }

    @Override
    public <C extends Counter> C counter(String name, C counter) {
        return register(name, counter);
    }

    @Override
    public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
        return register(name, gauge);
    }

    @Override
    public <H extends Histogram> H histogram(String name, H histogram) {
        return register(name, histogram);
    }

    @Override
    public <M extends Meter> M meter(String name, M meter) {
        return register(name, meter);
    }

    @Override
    public MetricGroup addGroup(String name) {
        return new RecordedMetrics(prefix + name + ".", metrics);
    }

    @Override
    public MetricGroup addGroup(String key, String value) {
        return new RecordedMetrics(prefix + key + "." + value + ".", metrics);
    }

    @Override
    public String[] getScopeComponents() {
        return new String[0];
    }

    @Override
    public Map<String, String> getAllVariables() {
        return Map.of();
    }

    @Override
    public String getMetricIdentifier(String name) {
        return prefix + name;
    }

    @Override
    public String getMetricIdentifier(String name, CharacterFilter filter) {
        return filter.filterCharacters(prefix + name);
    }
}
