package io.contrastream.releases.safetensors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.contrastream.releases.WeightsException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Understands the header of a file, and believes nothing that the size of the file does not bear out. */
final class HeaderParser {

    private static final ObjectReader JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .reader();

    private static final Pattern TWICE = Pattern.compile("^Duplicate field '(.*)'", Pattern.DOTALL);

    private static final String METADATA = "__metadata__";

    private final String file;

    private HeaderParser(String file) {
        this.file = file;
    }

    /**
     * Reads the JSON of a header.
     *
     * @param dataBytes how much follows the header
     * @throws WeightsException saying what is wrong with it
     */
    static Header parse(String file, byte[] json, long dataBytes) throws WeightsException {
        return new HeaderParser(file).parse(json, dataBytes);
    }

    private Header parse(byte[] json, long dataBytes) throws WeightsException {
        JsonNode root = tree(json);
        if (!root.isObject()) {
            throw problem("its header is not a JSON object");
        }
        Map<String, String> metadata = new TreeMap<>();
        List<StoredTensor> tensors = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : root.properties()) {
            if (entry.getKey().equals(METADATA)) {
                metadata.putAll(metadata(entry.getValue()));
            } else {
                tensors.add(tensor(entry.getKey(), entry.getValue()));
            }
        }
        tensors.sort(Comparator.comparingLong(StoredTensor::begin).thenComparingLong(StoredTensor::end));
        requireWhole(tensors, dataBytes);
        return new Header(metadata, tensors);
    }

    private JsonNode tree(byte[] json) throws WeightsException {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new WeightsException(file, "its header is not JSON" + problem(e), e);
        } catch (IOException e) {
            throw new WeightsException(file, "its header is not JSON", e);
        }
    }

    /** Where it stops being JSON: the parser's own words are about its insides. */
    private static String problem(JsonProcessingException malformed) {
        Matcher twice = TWICE.matcher(malformed.getOriginalMessage());
        return twice.find()
                ? ": it has the name '" + twice.group(1) + "' twice"
                : " from byte " + malformed.getLocation().getByteOffset() + " on";
    }

    private Map<String, String> metadata(JsonNode node) throws WeightsException {
        Map<String, String> metadata = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            metadata.put(entry.getKey(), entry.getValue().textValue());
        }
        if (!node.isObject() || metadata.containsValue(null)) {
            throw problem("its " + METADATA + " is " + text(node) + ", but must be an object of texts");
        }
        return metadata;
    }

    private StoredTensor tensor(String name, JsonNode node) throws WeightsException {
        String typeName = node.path("dtype").asText();
        DataType type = DataType.of(typeName)
                .orElseThrow(() -> problem("tensor '" + name + "' has the dtype '" + typeName + "', but allowed are "
                        + Arrays.toString(DataType.values())));
        int[] shape = shape(name, node.path("shape"));
        JsonNode offsets = node.path("data_offsets");
        if (offsets.size() != 2 || !isLength(offsets.get(0)) || !isLength(offsets.get(1))) {
            throw problem("tensor '" + name + "' has the data_offsets " + text(offsets)
                    + ", but must have two whole numbers of at least 0");
        }
        StoredTensor tensor = new StoredTensor(
                name, type, shape, offsets.get(0).longValue(), offsets.get(1).longValue());
        long bytes = bytes(tensor);
        if (tensor.end() - tensor.begin() != bytes) {
            throw problem("tensor '" + name + "' has the data_offsets " + text(offsets) + ", but " + type
                    + Arrays.toString(shape) + " takes " + bytes + " bytes");
        }
        return tensor;
    }

    private int[] shape(String name, JsonNode node) throws WeightsException {
        int[] shape = new int[node.size()];
        boolean valid = node.isArray();
        for (int axis = 0; axis < shape.length; axis++) {
            valid &= isLength(node.get(axis)) && node.get(axis).canConvertToInt();
            shape[axis] = node.get(axis).intValue();
        }
        if (!valid) {
            throw problem("tensor '" + name + "' has the shape " + text(node)
                    + ", but must have a list of whole numbers from 0 to " + Integer.MAX_VALUE);
        }
        return shape;
    }

    private long bytes(StoredTensor tensor) throws WeightsException {
        try {
            long size = tensor.type().bytes();
            for (int side : tensor.shape()) {
                size = Math.multiplyExact(size, side);
            }
            return size;
        } catch (ArithmeticException e) {
            throw new WeightsException(file, "tensor '" + tensor.name() + "' is too large: " + tensor, e);
        }
    }

    /** Data is given to tensors once each, all of it: so nothing overlaps and nothing is hidden in between. */
    private void requireWhole(List<StoredTensor> tensors, long dataBytes) throws WeightsException {
        long end = 0;
        for (StoredTensor tensor : tensors) {
            if (tensor.begin() != end) {
                throw problem("the data of tensor '" + tensor.name() + "' begins at byte " + tensor.begin()
                        + ", but must begin at byte " + end + ", where the one before it ends");
            }
            end = tensor.end();
        }
        if (end != dataBytes) {
            throw problem("its tensors take " + end + " bytes, but the file has " + dataBytes + " behind its header"
                    + (end > dataBytes ? ": it is incomplete" : ""));
        }
    }

    private static boolean isLength(JsonNode node) {
        return node.isIntegralNumber() && node.canConvertToLong() && node.longValue() >= 0;
    }

    private static String text(JsonNode node) {
        String text = node.toString();
        return text.length() <= 100 ? text : text.substring(0, 100) + "…";
    }

    private WeightsException problem(String problem) {
        return new WeightsException(file, problem);
    }
}
