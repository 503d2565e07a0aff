package io.contrastream.cli.demo;

import io.contrastream.schemas.Embedding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;

/**
 * The queries of a demo, in the order in which they were sent, and what the embedding job has answered. Shares are those of the newest
 * quarter of the queries, up to the newest that is answered. Not thread-safe.
 */
final class Answers {

    private static final int SHARE_OF_NEWEST = 4;

    private final List<Query> queries = new ArrayList<>();
    private final Map<String, Query> byId = new HashMap<>();
    private long answered;
    /** Number of the first query behind the newest that is answered. */
    private int end;

    private static final class Query {

        private final int number;
        private final Optional<String> label;
        private Embedding answer;

        Query(int number, Optional<String> label) {
            this.number = number;
            this.label = label;
        }

        boolean isCalledUnknown() {
            return answer != null && Boolean.TRUE.equals(answer.getUnknown());
        }

        boolean isRight() {
            return answer != null && !isCalledUnknown() && label.orElse("").equals(answer.getNearestLabel());
        }
    }

    /**
     * A query was sent.
     *
     * @param id that no other query has
     * @param label its class, if that was taught before; empty if it never is
     */
    void asked(String id, Optional<String> label) {
        Query query = new Query(queries.size(), label);
        queries.add(query);
        byId.put(id, query);
    }

    /** An answer came; if it is the second one of a query, it takes the place of the first. */
    void answered(Embedding embedding) {
        Query query = byId.get(embedding.getId());
        if (query == null) {
            throw new DemoException("the embedding job answered '" + embedding.getId() + "', which nobody has asked");
        }
        answered += query.answer == null ? 1 : 0;
        query.answer = embedding;
        end = Math.max(end, query.number + 1);
    }

    long sent() {
        return queries.size();
    }

    long answered() {
        return answered;
    }

    /** Share of the images of known classes that were given their class, and were not called unknown. */
    OptionalDouble accuracy() {
        return share(query -> query.label.isPresent(), Query::isRight);
    }

    /** Share of the images of classes that are never taught that were called unknown. */
    OptionalDouble unknownRecall() {
        return share(query -> query.label.isEmpty(), Query::isCalledUnknown);
    }

    private OptionalDouble share(Predicate<Query> of, Predicate<Query> hit) {
        int newest = (end + SHARE_OF_NEWEST - 1) / SHARE_OF_NEWEST;
        return queries.subList(end - newest, end).stream()
                .filter(of)
                .mapToInt(query -> hit.test(query) ? 1 : 0)
                .average();
    }
}
