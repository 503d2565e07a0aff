package io.contrastream.schemas;

import org.apache.avro.specific.SpecificRecord;

/** {@link SingleObject} as a value. */
enum SingleObjectFormat implements RecordFormat {
    ALL;

    @Override
    public <T extends SpecificRecord> byte[] encode(T record) {
        return SingleObject.encode(record);
    }

    @Override
    public <T extends SpecificRecord> T decode(byte[] bytes, Class<T> type) throws WireFormatException {
        return SingleObject.decode(bytes, type);
    }
}
